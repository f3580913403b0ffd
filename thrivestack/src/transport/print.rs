//! The debug mode: events are printed on the standard error instead of being sent.

use std::io::Write as _;

use crate::rejections::{News, Rejection};
use crate::retry::Outcome;
use crate::wire::Endpoint;

/// Prints a line an event.
#[derive(Clone)]
pub(crate) struct Print;

impl Print {
    pub(super) fn write(&self, endpoint: Endpoint, body: &[u8]) -> Outcome {
        let events: Vec<&serde_json::value::RawValue> = serde_json::from_slice(body).unwrap_or_default();
        let mut out = std::io::stderr().lock();
        for event in events {
            // A closed standard error is no reason to keep the events.
            let _ = writeln!(out, "thrivestack {endpoint} {event}");
        }
        Outcome::Answered { status: 200, retry_after: None, body: Vec::new() }
    }

    /// Prints a line for each rejected call.
    pub(crate) fn rejected(news: &News) {
        let mut out = std::io::stderr().lock();
        for Rejection { call, name, reason, place, .. } in &news.rejections {
            let name = name.as_ref().map(|name| format!(" {name:?}")).unwrap_or_default();
            let _ = writeln!(out, "thrivestack rejected {call}{name} at {place}: {reason}");
        }
        if news.unprinted > 0 {
            let _ = writeln!(out, "thrivestack rejected {} calls more", news.unprinted);
        }
    }
}
