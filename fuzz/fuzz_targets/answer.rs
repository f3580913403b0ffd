//! Whatever a server answers is read without a panic, in words of a bounded length.

#![no_main]
#![allow(dead_code, reason = "the target uses a part of the source")]

// The crate's own source: it is private there, and has neither a clock nor a socket in it.
#[path = "../../thrivestack/src/wire/answer.rs"]
mod answer;
#[path = "../../thrivestack/src/retry.rs"]
mod retry;

use answer::Words;
use libfuzzer_sys::fuzz_target;
use retry::Outcome;

fuzz_target!(|input: (u16, &[u8])| {
    let (status, body) = input;
    let outcome = Outcome::Answered { status, retry_after: None, body: body.to_vec() };
    let words = Words::of(&outcome, str::to_owned);
    let said = words.message.iter().chain(&words.warnings);
    said.for_each(|text| assert!(text.chars().count() <= 500, "{text}"));
    let _ = retry::judge(&outcome);
});
