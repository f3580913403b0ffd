//! A service that gets its configuration from the environment: what the tests of the environment run.

use thrivestack::{Config, track_event};

#[track_event("report_created", user_id = user, group_id = "a1", properties(user_email = "ada@example.com", pages = |pages| *pages))]
fn create_report(user: u32) -> Option<u32> {
    Some(user * 2)
}

fn main() {
    let config = Config::from_env();
    if let Err(error) = &config {
        println!("configuration: {error}");
    }
    let guard = thrivestack::init_or_disabled(config);
    println!("enabled: {}", thrivestack::is_enabled());
    println!("result: {:?}", create_report(21));
    drop(guard);
    println!("delivered: {}", thrivestack::stats().delivered());
}
