//! A service that is stopped by SIGTERM, as containers are, and loses nothing.
//!
//! `cargo run --example graceful_shutdown` sends itself the signal while it works.

mod local;

use std::process::Command;
use std::time::Duration;

use thrivestack::track_event;

#[track_event("job_finished", user_id = 17, group_id = "acme", properties(number))]
async fn work(number: u32) {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

/// Listens from now on, and resolves when the process is asked to end.
#[cfg(unix)]
fn terminated() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut signal = signal(SignalKind::terminate())?;
    Ok(async move {
        signal.recv().await;
    })
}

/// Where there is no such signal, the example ends at once.
#[cfg(not(unix))]
fn terminated() -> std::io::Result<impl Future<Output = ()>> {
    Ok(std::future::ready(()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (server, config) = local::start();
    // How long the end may take. Keep it below what the orchestrator grants between SIGTERM and SIGKILL.
    let guard = thrivestack::init(config.shutdown_timeout(Duration::from_secs(5)))?;

    let terminated = tokio::spawn(terminated()?);
    let mut done = 0;
    // A job that has begun is finished: a future that is dropped sends nothing.
    while !terminated.is_finished() {
        work(done).await;
        done += 1;
        if done == 5 {
            Command::new("sh").args(["-c", "kill -TERM $PPID"]).spawn()?;
        }
    }

    // What still runs may emit until here. Then the guard, or `shutdown()`, delivers what is queued.
    drop(guard);
    println!("terminated after {done} jobs");
    local::print(&server);
    Ok(())
}
