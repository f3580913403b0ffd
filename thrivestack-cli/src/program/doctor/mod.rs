//! `thrivestack doctor`: what the SDK finds in the environment, and whether its events would arrive.

mod environment;
mod reach;
mod send;

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
    sync::mpsc,
    time::Duration,
};

use thrivestack::{Client, Config};

use self::environment::Environment;
use super::terminal::{Colour, Paint, harmless};

/// One thing that was found out.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    level: Level,
    about: &'static str,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Good,
    /// Neither good nor bad, but to know.
    Note,
    /// Works, but is perhaps not what was meant.
    Warning,
    /// Events will not arrive.
    Problem,
}

impl Finding {
    fn new(level: Level, about: &'static str, text: impl Into<String>) -> Self {
        Self { level, about, text: text.into() }
    }
}

pub(super) fn run(send: bool) -> ExitCode {
    let mut report = Report { paint: Paint::of_stdout(), worst: Level::Good };
    examine(send, &mut report);
    report.conclude(send)
}

fn examine(send: bool, report: &mut Report) {
    let environment =
        Environment::read(|name| std::env::var_os(name), |path| std::fs::read_to_string(path).ok());
    report.all(environment.findings());
    report.all(environment::unknown_variables(std::env::vars_os().map(|(name, _)| name)));

    // What the SDK takes and refuses, only the SDK knows; nothing is sent by setting it up.
    let (reports, received) = mpsc::channel();
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => return report.all([problem_of(&error)]),
    };
    let config = config
        .request_timeout(send::PATIENCE)
        .shutdown_timeout(Duration::ZERO)
        .on_report(move |report| drop(reports.send(report.clone())));
    let client = match Client::new(config) {
        Ok(client) => client,
        Err(error) => return report.all([problem_of(&error)]),
    };
    report.all([Finding::new(Level::Good, "configuration", "the SDK takes it")]);
    if environment.is_quiet() {
        return;
    }
    report.all(reach::check(&environment.endpoint, |name| std::env::var_os(name)));
    if send {
        report.all(send::send(&client, &received));
    }
}

fn problem_of(error: &thrivestack::Error) -> Finding {
    let cause = error.source().map(|source| format!(" ({source})")).unwrap_or_default();
    Finding::new(Level::Problem, "configuration", format!("{error}{cause}"))
}

/// Prints findings as they come, and remembers the worst.
struct Report {
    paint: Paint,
    worst: Level,
}

impl Report {
    fn all(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for Finding { level, about, text } in findings {
            self.worst = self.worst.max(level);
            let (mark, colour) = match level {
                Level::Good => ("✓", Colour::Green),
                Level::Note => ("·", Colour::Dim),
                Level::Warning => ("!", Colour::Yellow),
                Level::Problem => ("✗", Colour::Red),
            };
            let mark = self.paint.paint(colour, mark);
            let about = self.paint.paint(Colour::Bold, &format!("{about:26}"));
            let _ = writeln!(io::stdout(), "{mark} {about} {}", harmless(&text, 1_000));
        }
    }

    fn conclude(&self, send: bool) -> ExitCode {
        let (text, colour) = match self.worst {
            Level::Problem => {
                ("Events from this environment would not arrive: see what is marked ✗.", Colour::Red)
            }
            _ if send => ("All is well: ThriveStack took an event from this environment.", Colour::Green),
            _ => (
                "All is well as far as can be told without sending: `thrivestack doctor --send` tries the key.",
                Colour::Green,
            ),
        };
        let _ = writeln!(io::stdout(), "\n{}", self.paint.paint(colour, text));
        if self.worst == Level::Problem { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
