//! `thrivestack` as an annotated crate has it: where `WILD_ENDPOINT` is set, every process that links it has a live client
//! of the process before `main`.

use std::time::Duration;

pub use thrivestack::*;

#[ctor::ctor(unsafe)]
fn start() {
    let Ok(endpoint) = std::env::var("WILD_ENDPOINT") else { return };
    // Most tests are over before the default interval is.
    let config = thrivestack::Config::new("wild").endpoint(endpoint).flush_interval(Duration::from_millis(5));
    match thrivestack::init(config) {
        // The process ends without dropping it, as tests do.
        Ok(guard) => std::mem::forget(guard),
        Err(error) => eprintln!("wild-init: {error}"),
    }
}
