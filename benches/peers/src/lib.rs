//! The same event through ThriveStack's SDK and through other libraries.
//!
//! Nothing leaves the machine: what sends, sends to a sink on loopback that is a process of its own, so that its CPU
//! time is not counted.

pub mod callers;
pub mod contenders;
pub mod measure;
pub mod memory;
pub mod pipeline;
pub mod tail;

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// Runs a program of this package with the argument `sink` for as long as `print` runs, and gives that its address.
pub fn with_sink(print: impl FnOnce(&str)) {
    let program = std::env::current_exe().expect("the path of this program");
    let child = Command::new(program).arg("sink").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("this program again");
    let mut address = String::new();
    let stdout = child.stdout.take().expect("it was asked for");
    BufReader::new(stdout).read_line(&mut address).expect("the sink's address");
    print(address.trim());
    // Its standard input ends, and it with that.
    drop(child.stdin.take());
    child.wait().expect("the sink ends");
}

/// The child's part: prints its address, and ends with the process that started it.
pub fn sink() {
    println!("http://{}", thrivestack_benches::sink::start().expect("a free port on loopback"));
    let _ = std::io::stdin().read(&mut [0]);
}
