//! Random lives of several clients against a server that misbehaves in every way that is known.
//!
//! Some clients share the directory of a spool, some have memory only. They are switched off and on, given other keys, ended
//! and begun again; hooks change, drop and panic. All the while the books of every client balance. In the end every event that
//! was accepted has arrived, or is accounted for.

mod hooks;
mod lives;
mod server;

use std::time::Duration;

/// The environment variable with the number of seconds that the run takes; a few by default.
const SECONDS: &str = "THRIVESTACK_RANDOM_SECONDS";
/// The environment variable with the seed of a run to repeat.
const SEED: &str = "THRIVESTACK_RANDOM_SEED";

#[test]
fn whatever_happens_no_event_is_lost_and_the_books_balance() {
    let seconds = std::env::var(SECONDS).map_or(6, |text| text.parse().expect("a number of seconds"));
    let seed = std::env::var(SEED).map_or_else(|_| fastrand::u64(..), |text| text.parse().expect("a seed"));
    eprintln!("{SEED}={seed}");
    lives::run(Duration::from_secs(seconds), seed);
}
