//! Programs of their own, for what the environment of a process decides.

use std::process::Command;

use crate::case::KEY;

/// Runs a program that emits one event to `endpoint`, in this environment. Gives what it prints of the first report.
pub(crate) fn emit_one(endpoint: &str, environment: &[(&str, &str)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_one-event"))
        .env("THRIVESTACK_API_KEY", KEY)
        .env("THRIVESTACK_ENDPOINT", endpoint)
        .env("THRIVESTACK_DEBUG", "0")
        .envs(environment.iter().copied())
        .output()
        .expect("the program runs");
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed).expect("text");
    assert!(output.status.success(), "{printed}");
    assert!(!printed.contains(&KEY[..20]), "{printed}");
    printed
}
