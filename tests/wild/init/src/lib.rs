//! `thrivestack` as an annotated crate has it: where `WILD_ENDPOINT` is set, every process that links it has a live client
//! of the process from before `main` until after it.

pub use thrivestack::*;

#[ctor::ctor(unsafe)]
fn start() {
    let Ok(endpoint) = std::env::var("WILD_ENDPOINT") else { return };
    match thrivestack::init(thrivestack::Config::new("wild").endpoint(endpoint)) {
        Ok(guard) => std::mem::forget(guard),
        Err(error) => eprintln!("wild-init: {error}"),
    }
}

/// Delivers what the tests have emitted. Most of them are over before the worker wakes up.
#[dtor::dtor(unsafe)]
fn end() {
    thrivestack::shutdown();
}
