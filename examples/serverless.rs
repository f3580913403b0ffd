//! A function as a service: the process is frozen between two invocations, so each one flushes before it answers.
//!
//! `cargo run --example serverless` shows what a ThriveStack on loopback has after each invocation.

mod local;

use std::time::Duration;

use thrivestack::{Context, track_event};

#[track_event(
    "feature_used",
    properties(feature_name = "report_created", feature_type = "core", interface = "api")
)]
async fn create_report(title: &str) -> Result<String, &'static str> {
    if title.is_empty() { Err("a title is needed") } else { Ok(format!("# {title}\n")) }
}

/// What the platform calls for each event.
async fn handler(user: u64, title: &str) -> Result<String, &'static str> {
    let answer = Context::new().user_id(user).group_id("acme").scope(create_report(title)).await;
    // One request to ThriveStack for everything that the invocation emitted, and none if that was nothing. If the time
    // runs out, the events stay queued for the next invocation.
    if !thrivestack::flush_async(Duration::from_millis(500)).await {
        eprintln!("some events are not delivered yet");
    }
    answer
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), thrivestack::Error> {
    let (server, config) = local::start();
    // Once per process, outside of the handler: the connection is kept between the invocations.
    let _guard = thrivestack::init(config)?;

    for (user, title) in [(1, "Q1"), (2, ""), (3, "Q3")] {
        let answer = handler(user, title).await;
        println!("{answer:?}; the server has {} events", server.calls().len());
    }
    local::print(&server);
    Ok(())
}
