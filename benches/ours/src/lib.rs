//! The cases that are measured, alone here and beside other libraries in `peers`.

pub mod cases;
pub mod sink;

use std::time::Duration;

use thrivestack::{Config, Guard};

/// How many events are counted at once: fewer than a request takes, so that none of them wakes the worker.
pub const EVENTS: u64 = 900;

/// The client of the process, its worker asleep until it is asked to flush.
pub fn init(endpoint: &str) -> Guard {
    let config = Config::new("key").endpoint(endpoint).flush_interval(Duration::from_secs(3_600));
    thrivestack::init(config).expect("a valid configuration")
}

/// Has the worker deliver what is queued.
pub fn flush() {
    assert!(thrivestack::flush(Duration::from_secs(60)), "the sink on loopback takes everything");
}
