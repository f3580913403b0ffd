//! A program without any async: requests put jobs into a queue, and threads work them off.
//!
//! `cargo run --example worker_queue` shows what a ThriveStack on loopback took.

mod local;

use std::sync::{Mutex, mpsc};
use std::thread;

use thrivestack::{Context, track_event};

/// A job, and who asked for it.
struct Job {
    title: String,
    context: Context,
}

#[track_event("report_requested", properties(title))]
fn request_report(title: &str, queue: &mpsc::Sender<Job>) -> Result<(), &'static str> {
    // The thread that does the job knows nothing of this request, so the job takes the context along.
    let job = Job { title: title.to_owned(), context: Context::current() };
    queue.send(job).map_err(|_| "the workers are gone")
}

#[track_event("feature_used", properties(feature_name = "report_created", feature_type = "core", bytes = |text| text.len()))]
fn create_report(title: &str) -> String {
    format!("# {title}\n")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (server, config) = local::start();
    let guard = thrivestack::init(config)?;

    let (queue, jobs) = mpsc::channel::<Job>();
    let jobs = Mutex::new(jobs);
    thread::scope(|threads| -> Result<(), &'static str> {
        for _ in 0..4 {
            threads.spawn(|| {
                loop {
                    let job = jobs.lock().expect("no thread panicked").recv();
                    // The queue is closed when nobody can put anything into it any more.
                    let Ok(Job { title, context }) = job else { break };
                    context.in_scope(|| create_report(&title));
                }
            });
        }
        for user in 1..=5 {
            let request = Context::new().user_id(user).group_id("acme");
            request.in_scope(|| request_report(&format!("Report of user {user}"), &queue))?;
        }
        drop(queue);
        Ok(())
    })?;

    drop(guard);
    local::print(&server);
    Ok(())
}
