//! Emits one event as the environment configures it, and prints what came of the first request: for faults that take an
//! environment of their own.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use thrivestack::{Client, Config};

fn main() {
    let (sender, reports) = channel();
    let sender = Mutex::new(sender);
    let config = Config::from_env()
        .expect("a configuration in the environment")
        .flush_interval(Duration::from_millis(10))
        .shutdown_timeout(Duration::ZERO)
        .on_report(move |report| {
            // Only the first one is asked for.
            let _ = sender.lock().unwrap().send(format!("{:?}: {:?}", report.outcome(), report.message()));
        });
    let client = Client::new(config).expect("a valid configuration");
    client.track("signed_in").user_id("u").send();
    println!("{}", reports.recv().expect("a report"));
}
