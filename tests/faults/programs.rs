//! Programs of their own, for what the environment of a process decides.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use thrivestack_tests::LONG;

use crate::case::KEY;

/// The variables of the environment by which HTTP clients find proxies.
const PROXY_VARIABLES: [&str; 8] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// Runs a program that emits one event to `endpoint`, in this environment. Gives what it prints of the first report.
pub(crate) fn emit_one(endpoint: &str, environment: &[(&str, &str)]) -> String {
    try_to_emit_one(endpoint, environment).unwrap_or_else(|printed| panic!("{printed}"))
}

/// The same for a program that may not even start. Gives what it prints, whether it succeeds or fails.
pub(crate) fn try_to_emit_one(endpoint: &str, environment: &[(&str, &str)]) -> Result<String, String> {
    output_of(env!("CARGO_BIN_EXE_one-event"), endpoint, environment)
}

/// Runs a program with this endpoint in this environment. Gives what it prints, whether it succeeds or fails.
pub(crate) fn output_of(
    program: &str,
    endpoint: &str,
    environment: &[(&str, &str)],
) -> Result<String, String> {
    let output = command(program, endpoint, environment).output().expect("the program runs");
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
    assert!(!printed.contains(&KEY[..20]), "{printed}");
    if output.status.success() { Ok(printed) } else { Err(printed) }
}

/// A program that emits one event and prints a line for every report, until the event is delivered.
pub(crate) struct Running {
    child: Child,
    lines: Mutex<Receiver<String>>,
}

impl Running {
    pub(crate) fn start(endpoint: &str, environment: &[(&str, &str)]) -> Self {
        let mut child = command(env!("CARGO_BIN_EXE_until-delivered"), endpoint, environment)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let output = child.stdout.take().expect("a pipe");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let _ = sender.send(line.expect("text"));
            }
        });
        Self { child, lines: Mutex::new(lines) }
    }

    /// Waits for the next line.
    pub(crate) fn line(&self) -> String {
        self.lines.lock().unwrap().recv_timeout(LONG).expect("a line")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(program: &str, endpoint: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    for name in PROXY_VARIABLES {
        command.env_remove(name);
    }
    command
        .env("THRIVESTACK_API_KEY", KEY)
        .env("THRIVESTACK_ENDPOINT", endpoint)
        .envs(environment.iter().copied());
    command
}
