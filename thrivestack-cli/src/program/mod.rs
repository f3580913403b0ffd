//! What the program does with its arguments, and how it ends.

mod arguments;
mod dev;
mod doctor;
mod spool;
mod terminal;
mod variables;

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

use arguments::{Command, Topic};

/// The exit code of a program that was called wrongly.
const USAGE: u8 = 2;

pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match arguments::parse(arguments) {
        Ok(Command::Help(topic)) => print(&topic.text()),
        Ok(Command::Version) => print(concat!("thrivestack ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(Command::Dev(options)) => dev::run(options),
        Ok(Command::Doctor { send }) => doctor::run(send),
        Ok(Command::Spool(command)) => spool::run(&command),
        Ok(Command::Nothing) => {
            complain(&Topic::Program.text());
            ExitCode::from(USAGE)
        }
        Err(error) => {
            complain(&format!("error: {error}\n"));
            ExitCode::from(USAGE)
        }
    }
}

/// Whoever reads the output may stop before its end, which is no reason to panic as `print!` does.
fn print(text: &str) -> ExitCode {
    let _ = io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn complain(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}
