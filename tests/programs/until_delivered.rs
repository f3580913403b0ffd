//! Emits one event as the environment configures it, and prints what comes of every request until the event is delivered:
//! for what changes around a program that runs.

use std::time::Duration;

use thrivestack::{Client, Config};

fn main() {
    let config = Config::from_env()
        .expect("a configuration in the environment")
        .flush_interval(Duration::from_millis(10))
        .on_report(|report| println!("{:?}: {:?}", report.outcome(), report.message()));
    let client = Client::new(config).expect("a valid configuration");
    client.track("signed_in").user_id("u").send();
    while !client.flush(Duration::from_secs(60)) {}
}
