//! Programs of their own, for what the environment of a process decides.

use std::process::Command;

use crate::case::KEY;

/// Runs a program that emits one event to `endpoint`, in this environment. Gives what it prints of the first report.
pub(crate) fn emit_one(endpoint: &str, environment: &[(&str, &str)]) -> String {
    try_to_emit_one(endpoint, environment).unwrap_or_else(|printed| panic!("{printed}"))
}

/// The same for a program that may not even start. Gives what it prints, whether it succeeds or fails.
pub(crate) fn try_to_emit_one(endpoint: &str, environment: &[(&str, &str)]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_one-event"))
        .env("THRIVESTACK_API_KEY", KEY)
        .env("THRIVESTACK_ENDPOINT", endpoint)
        .envs(environment.iter().copied())
        .output()
        .expect("the program runs");
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
    assert!(!printed.contains(&KEY[..20]), "{printed}");
    if output.status.success() { Ok(printed) } else { Err(printed) }
}
