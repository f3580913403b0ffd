//! What the macros refuse, and what they say. The messages were reviewed for one version of the compiler, whose own
//! part of them changes with every version.

use std::process::Command;

const REVIEWED: &str = "rustc 1.95.";

#[test]
fn refusals_say_what_to_write() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("-V").output().expect("a compiler").stdout;
    let version = String::from_utf8_lossy(&version);
    if !version.starts_with(REVIEWED) {
        eprintln!("skipped: the messages were reviewed with {REVIEWED}x, and this is {version}");
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    for refused in ["attribute", "track", "derive", "builders"] {
        cases.compile_fail(format!("ui/{refused}/*.rs"));
    }
}
