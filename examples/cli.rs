//! A program that does one thing and exits at once: the event has to be delivered before it is gone.
//!
//! `cargo run --example cli -- Q3` shows what a ThriveStack on loopback took.

mod local;

use std::process::ExitCode;
use std::time::Duration;

use thrivestack::track_event;

/// A command is the use of a feature, through the interface `cli`.
#[track_event(
    "feature_used",
    user_id = 17,
    group_id = "acme",
    properties(feature_name = "report_exported", feature_type = "core", interface = "cli")
)]
fn export(title: &str) -> Result<String, &'static str> {
    if title.is_empty() { Err("a title is needed") } else { Ok(format!("title\n{title}\n")) }
}

fn main() -> ExitCode {
    let (server, config) = local::start();
    // Nobody waits longer than this for the prompt, be ThriveStack down.
    let guard = thrivestack::init_or_disabled(Ok(config.shutdown_timeout(Duration::from_millis(500))));

    let title = std::env::args().nth(1).unwrap_or_else(|| "Q3".to_owned());
    let code = match export(&title) {
        Ok(csv) => {
            print!("{csv}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    };

    // `std::process::exit` runs no destructors: call `thrivestack::shutdown()` before it, or return a code as here.
    drop(guard);
    local::print(&server);
    code
}
