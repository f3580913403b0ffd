//! The same event through ThriveStack's SDK and through other libraries: `callers`, `pipeline`, `memory`.
//!
//! Nothing leaves the machine: what sends, sends to a sink on loopback that is a process of its own, so that its CPU
//! time is not counted.

mod callers;
mod contenders;
mod measure;
mod memory;
mod pipeline;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["callers"] => with_sink(callers::print),
        ["pipeline"] => with_sink(pipeline::print),
        ["memory"] => with_sink(memory::print),
        ["sink"] => sink(),
        ["weigh", library, sink] => memory::weigh(library, sink),
        _ => {
            eprintln!("usage: thrivestack-peers callers|pipeline|memory");
            std::process::exit(2);
        }
    }
}

/// Prints its address, and ends with the process that started it.
fn sink() {
    println!("http://{}", thrivestack_benches::sink::start().expect("a free port on loopback"));
    let _ = std::io::stdin().read(&mut [0]);
}

fn with_sink(print: impl FnOnce(&str)) {
    let program = std::env::current_exe().expect("the path of this program");
    let mut child = Command::new(program).arg("sink").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let child: &mut Child = child.as_mut().expect("this program again");
    let mut address = String::new();
    let stdout = child.stdout.take().expect("it was asked for");
    BufReader::new(stdout).read_line(&mut address).expect("the sink's address");
    print(address.trim());
}
