//! `thrivestack spool`: what waits on disk, and its delivery.

mod drain;
mod shown;

use std::{fs, io::ErrorKind, path::Path, process::ExitCode};

use thrivestack::spool::{Inspection, inspect};

use super::{
    arguments::SpoolCommand,
    complain, print,
    terminal::{Paint, harmless},
    variables,
};

pub(super) fn run(command: &SpoolCommand) -> ExitCode {
    let done = match command {
        SpoolCommand::Inspect { dir } => look(dir),
        SpoolCommand::Drain { dir, patience } => drain::run(dir, *patience),
    };
    done.unwrap_or_else(|error| {
        complain(&format!("error: {error}\n"));
        ExitCode::FAILURE
    })
}

fn look(dir: &Path) -> Result<ExitCode, String> {
    let inspection = read(dir)?;
    let key = key_of_environment();
    Ok(print(&shown::inspection(&inspection, key.as_deref(), Paint::of_stdout())))
}

fn read(dir: &Path) -> Result<Inspection, String> {
    inspect(dir).map_err(|error| {
        let dir = harmless(&dir.display().to_string(), 1_000);
        if error.kind() == ErrorKind::NotFound {
            return format!(
                "`{dir}` holds no spool ({error}): give the directory that the application gives to `Config::spool`"
            );
        }
        format!(
            "the spool in `{dir}` cannot be read ({error}): give the directory that the application gives to \
             `Config::spool`, as the user who runs it"
        )
    })
}

fn key_of_environment() -> Option<String> {
    let found = variables::key(|name| std::env::var_os(name), |path| fs::read_to_string(path).ok());
    found.map(|found| found.key)
}
