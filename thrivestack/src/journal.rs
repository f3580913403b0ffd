//! The crate's own messages: once an episode, and never with a key or a payload.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;

use crate::batcher::Batch;
use crate::error::Error;
use crate::listener::{Maker, one_line, say};
use crate::reasons::ReportOutcome;
use crate::rejections::Rejection;
use crate::retry::Outcome;
use crate::spool::Notices;
use crate::wire::{Endpoint, Words};

/// A server that never says the same twice must not fill the log, nor the memory.
const MOST_WARNINGS: usize = 100;

/// The longest part of a message that comes from outside, in characters.
const LONGEST_WORDS: usize = 300;

/// The longest name of an event, in characters.
const LONGEST_NAME: usize = 100;

/// What was already said and is still so.
#[derive(Default)]
pub(crate) struct Journal {
    maker: Maker,
    /// Where events go to, until that is said.
    destination: Option<String>,
    is_retrying: bool,
    is_parked: [bool; Endpoint::ALL.len()],
    is_dropping: bool,
    is_full: bool,
    spool_is_full: bool,
    key_file_is_unreadable: bool,
    hook_panicked: bool,
    warned: HashSet<String>,
    /// The calls and events of which something was missing.
    incomplete: HashSet<(usize, String)>,
}

impl Journal {
    /// Returns the journal of a worker that says where events go to, if that is given.
    pub(crate) fn new(maker: Maker, destination: Option<String>) -> Self {
        Self { maker, destination, ..Self::default() }
    }

    /// Says where events go to, once the client is in its owner's hands: a subscriber may emit by it. A process may have a
    /// client for each of its tenants, so only the first one is news.
    pub(crate) fn started(&mut self) {
        let Some(destination) = self.destination.take() else { return };
        static IS_FIRST: AtomicBool = AtomicBool::new(true);
        if IS_FIRST.swap(false, Ordering::Relaxed) {
            say!(&self.maker, info, "telemetry is on", destination);
        } else {
            say!(&self.maker, debug, "telemetry of another client is on", destination);
        }
    }

    /// Says what an answer means, if that is news. `words` are the server's, without the key.
    pub(crate) fn answered(
        &mut self,
        endpoint: Endpoint,
        events: usize,
        answer: &Outcome,
        words: &Words,
        outcome: ReportOutcome,
    ) {
        let cause = match (answer, &words.message) {
            (Outcome::Answered { status, .. }, Some(words)) => {
                format!("the server answered {status}: {}", one_line(words, LONGEST_WORDS))
            }
            (Outcome::Answered { status, .. }, None) => format!("the server answered {status}"),
            (Outcome::Failed(error), _) => one_line(error, LONGEST_WORDS),
        };
        match outcome {
            ReportOutcome::Delivered => {
                let was_in_trouble = self.is_retrying || self.is_parked[endpoint as usize];
                self.is_retrying = false;
                self.is_dropping = false;
                self.spool_is_full = false;
                self.is_parked[endpoint as usize] = false;
                if was_in_trouble {
                    say!(&self.maker, info, "events are delivered again", endpoint);
                }
            }
            ReportOutcome::WillRetry if !std::mem::replace(&mut self.is_retrying, true) => {
                say!(
                    &self.maker,
                    warn,
                    "events cannot be delivered now; they are kept and sent again",
                    endpoint,
                    cause
                );
            }
            ReportOutcome::Parked if !std::mem::replace(&mut self.is_parked[endpoint as usize], true) => {
                say!(
                    &self.maker,
                    error,
                    "events wait: for 401 and 403, check the API key, its expiry and its scope `telemetry_apis`, \
                         and give a valid one to `set_api_key`; for a redirect, check the endpoint",
                    endpoint,
                    cause
                );
            }
            ReportOutcome::Dropped(_) if !std::mem::replace(&mut self.is_dropping, true) => {
                say!(
                    &self.maker,
                    error,
                    "events were refused for good and are dropped",
                    endpoint,
                    cause,
                    events
                );
            }
            ReportOutcome::WillRetry | ReportOutcome::Parked | ReportOutcome::Dropped(_) => {}
        }
    }

    /// Repeats what the server says of accepted events: what is missing once an event name, everything else once.
    pub(crate) fn warnings(&mut self, batch: &Batch, warnings: &[String]) {
        let endpoint = batch.endpoint;
        let mut missing: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
        let mut names = None;
        for warning in warnings {
            if self.warned.len() >= MOST_WARNINGS || !self.warned.insert(warning.clone()) {
                continue;
            }
            let line = one_line(warning, LONGEST_WORDS);
            if is_of_something_missing(warning) {
                let names = names.get_or_insert_with(|| event_names(&batch.body));
                missing.entry(subject(warning, names)).or_default().push(line);
            } else {
                say!(&self.maker, warn, "the server took events with a warning", endpoint, line);
            }
        }
        for (event, lines) in missing {
            let event = event.unwrap_or_else(|| endpoint.to_string());
            if self.incomplete.insert((endpoint as usize, event.clone())) {
                let warnings = one_line(&lines.join("; "), LONGEST_WORDS);
                say!(
                    &self.maker,
                    info,
                    "the server took events that lack something; that is said once an event",
                    endpoint,
                    event,
                    warnings,
                );
            }
        }
    }

    /// Says that a call is rejected again and again at one place.
    pub(crate) fn rejected(&self, rejection: &Rejection) {
        let Rejection { call, name, reason, place: at, times } = rejection;
        let Some(times) = times else { return };
        let event = name.as_deref().map_or_else(|| call.to_string(), |name| one_line(name, LONGEST_NAME));
        say!(&self.maker, warn, "a call was rejected: its event is not sent", event, call, reason, at, times);
    }

    /// Says that the queue rejected events since it was looked at last.
    pub(crate) fn rejected_for_space(&mut self, events: u64) {
        let is_full = events > 0;
        if is_full && !self.is_full {
            say!(
                &self.maker,
                warn,
                "the queue is full: new events are rejected and counted until there is room",
                events
            );
        }
        self.is_full = is_full;
    }

    /// Says what there is to say of the spool.
    pub(crate) fn spool(&mut self, notices: &Notices) {
        if let Some(error) = &notices.failure {
            say!(
                &self.maker,
                error,
                "the spool's disk fails: events are kept in memory meanwhile; see to its room and permissions",
                error
            );
        }
        if notices.has_recovered {
            say!(&self.maker, info, "the spool's disk works again");
        }
        if notices.adopted > 0 {
            let events = notices.adopted;
            say!(&self.maker, info, "events of an earlier process are delivered now", events);
        }
        if notices.damaged > 0 {
            let events = notices.damaged;
            say!(&self.maker, error, "events of the spool are damaged and are dropped", events);
        }
        if notices.expired > 0 {
            let events = notices.expired;
            say!(&self.maker, warn, "events of the spool are too old and are dropped", events);
        }
        if let Some(left) = &notices.left {
            let (of_other_keys, newer) = (left.of_other_keys, left.newer);
            say!(
                &self.maker,
                warn,
                "directories of the spool wait: for a process with the API key that they were written for, or with \
                     a later version of thrivestack",
                of_other_keys,
                newer
            );
        }
        if notices.overflowed > 0 && !std::mem::replace(&mut self.spool_is_full, true) {
            let events = notices.overflowed;
            say!(
                &self.maker,
                warn,
                "the spool is full: new events are rejected and counted until there is room",
                events
            );
        }
    }

    /// Says that the host's hook panicked, once: a host that reports messages as events would never come to an end.
    pub(crate) fn hook_panicked(&mut self) {
        if !std::mem::replace(&mut self.hook_panicked, true) {
            say!(&self.maker, error, "`on_report` panicked; it is called again for the next request");
        }
    }

    /// Says that the key's file cannot be used.
    pub(crate) fn key_file(&mut self, error: &Error) {
        if !std::mem::replace(&mut self.key_file_is_unreadable, true) {
            say!(&self.maker, error, "the API key could not be read again", error);
        }
    }
}

/// Returns whether a warning of the server's is that something is not there, as its documentation puts it.
fn is_of_something_missing(warning: &str) -> bool {
    ["missing", "not provided", "not present"]
        .iter()
        .any(|words| warning.to_ascii_lowercase().contains(words))
}

/// Returns the names of the events of a request.
fn event_names(body: &[u8]) -> BTreeSet<String> {
    #[derive(Deserialize)]
    struct Named {
        event_name: Option<String>,
    }
    let events: Vec<Named> = serde_json::from_slice(body).unwrap_or_default();
    events.into_iter().filter_map(|event| event.event_name).collect()
}

/// Returns the event that a warning is about: the longest name that stands in it as a word.
fn subject(warning: &str, names: &BTreeSet<String>) -> Option<String> {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let stands_in = |name: &&String| {
        warning.match_indices(name.as_str()).any(|(start, _)| {
            let (before, after) = (&warning[..start], &warning[start + name.len()..]);
            !before.ends_with(is_word) && !after.starts_with(is_word)
        })
    };
    names.iter().filter(|name| !name.is_empty()).filter(stands_in).max_by_key(|name| name.len()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_about_the_event_that_it_names() {
        let body = br#"[{"event_name":"signed_up"},{"event_name":"account_signed_up"},{"event_name":""},{"user_id":"u"}]"#;
        let names = event_names(body);
        for (warning, expected) in [
            ("property `utm_source` is missing on `signed_up`: reports", Some("signed_up")),
            ("signed_up: utm_source is missing", Some("signed_up")),
            ("missing on account_signed_up", Some("account_signed_up")),
            ("missing on signed_up_again and resigned_up", None),
            ("`timestamp` is missing", None),
        ] {
            assert_eq!(subject(warning, &names).as_deref(), expected, "{warning}");
        }
        assert!(event_names(b"no JSON").is_empty());
    }
}
