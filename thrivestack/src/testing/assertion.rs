//! Assertions that say what was emitted instead.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::event::CapturedEvent;
use super::sink::Sink;

/// The events that meet what was asserted so far: one at least. Each method narrows them down, and panics with what was
/// captured instead if none is left.
#[derive(Clone)]
pub struct Assertion {
    candidates: Vec<CapturedEvent>,
    asserted: String,
    /// What a failure is reported from.
    sink: Arc<Sink>,
}

impl Assertion {
    #[track_caller]
    pub(super) fn new(asserted: String, candidates: Vec<CapturedEvent>, sink: Arc<Sink>) -> Self {
        Self { candidates, asserted, sink }.checked()
    }

    /// Asserts a property of a track or page call, or a trait of an identify or group call. `None` is one that was left
    /// out.
    #[track_caller]
    pub fn with(self, key: &str, value: impl Serialize) -> Self {
        let value = to_json(key, value);
        self.narrow(&format!("with `{key}` {value}"), |event| {
            event.property(key).unwrap_or(&Value::Null) == &value
        })
    }

    /// Asserts that a property or trait was left out.
    #[track_caller]
    pub fn without(self, key: &str) -> Self {
        self.narrow(&format!("without `{key}`"), |event| event.property(key).is_none())
    }

    /// Asserts a value of the context.
    #[track_caller]
    pub fn context(self, key: &str, value: impl Serialize) -> Self {
        let value = to_json(key, value);
        self.narrow(&format!("with `{key}` {value} in its context"), |event| {
            event.context(key).unwrap_or(&Value::Null) == &value
        })
    }

    /// Asserts the user's id.
    #[track_caller]
    pub fn user_id(self, id: impl fmt::Display) -> Self {
        let id = id.to_string();
        self.narrow(&format!("of the user `{id}`"), |event| event.user_id() == Some(&id))
    }

    /// Asserts the group's id.
    #[track_caller]
    pub fn group_id(self, id: impl fmt::Display) -> Self {
        let id = id.to_string();
        self.narrow(&format!("of the group `{id}`"), |event| event.group_id() == Some(&id))
    }

    /// Asserts the session's id.
    #[track_caller]
    pub fn session_id(self, id: impl fmt::Display) -> Self {
        let id = id.to_string();
        self.narrow(&format!("of the session `{id}`"), |event| event.session_id() == Some(&id))
    }

    /// Asserts that no other event meets what was asserted, and gives the one that does.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "the assertion is what it is for")]
    pub fn once(mut self) -> CapturedEvent {
        let count = self.candidates.len();
        assert!(count == 1, "captured {count} times: {}\n{}", self.asserted, self.sink.report());
        self.candidates.remove(0)
    }

    #[track_caller]
    fn narrow(mut self, asserted: &str, is_meant: impl Fn(&CapturedEvent) -> bool) -> Self {
        self.candidates.retain(is_meant);
        self.asserted.push(' ');
        self.asserted.push_str(asserted);
        self.checked()
    }

    #[track_caller]
    fn checked(self) -> Self {
        assert!(!self.candidates.is_empty(), "not captured: {}\n{}", self.asserted, self.sink.report());
        self
    }
}

#[track_caller]
fn to_json(key: &str, value: impl Serialize) -> Value {
    // Through the text, as an event is written: a float of 32 bits is another number otherwise.
    serde_json::to_string(&value)
        .and_then(|text| serde_json::from_str(&text))
        .unwrap_or_else(|error| panic!("the expected value of `{key}` cannot be serialized: {error}"))
}

impl fmt::Debug for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assertion").field("candidates", &self.candidates).finish_non_exhaustive()
    }
}
