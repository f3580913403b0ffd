//! Whatever a server asks for, it is waited for at most five minutes and a back-off, and never less than asked.

#![no_main]
#![allow(dead_code, reason = "the target uses a part of the source")]

// The crate's own source: it is private there, and has neither a clock nor a socket in it.
#[path = "../../thrivestack/src/retry.rs"]
mod retry;

use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, u64, u32)| {
    let (header, now, failures) = input;
    let Some(now) = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(now)) else { return };
    let Some(asked) = retry::retry_after(header, now) else { return };
    assert!(asked <= Duration::from_secs(300));
    let wait = retry::backoff(failures, asked, 0.5);
    assert!(asked <= wait && wait <= asked + Duration::from_secs(60));
});
