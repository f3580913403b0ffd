//! An event while it is put together.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use super::endpoint::Endpoint;
use super::fields::{Fields, Value, Written};
use super::json;
use crate::credentials;
use crate::reasons::Rejected;

/// What has been said of an event so far. Its buffers are reused for the next event.
pub(crate) struct Draft {
    pub(super) endpoint: Endpoint,
    pub(super) properties: Fields,
    pub(super) context: Fields,
    pub(super) timestamp: Option<SystemTime>,
    /// The JSON strings that `ids` points into.
    texts: Vec<u8>,
    ids: [Option<(usize, usize)>; Id::COUNT],
    left_out: u64,
    refusal: Option<Rejected>,
}

/// What an event has at most one of, each a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Id {
    /// The name of an event or a page.
    Name,
    User,
    Group,
    GroupType,
    Session,
    Device,
    Source,
}

impl Id {
    pub(super) const COUNT: usize = Self::Source as usize + 1;
}

/// Whether a key of the context is set by a method of its own, or by the crate, in a call to `endpoint`.
pub(crate) fn is_reserved_in_context(endpoint: Option<Endpoint>, key: &str) -> bool {
    match key {
        "user_id" | "group_id" | "session_id" | "device_id" | "source" | "timestamp" | "message_id" => true,
        "group_type" => endpoint == Some(Endpoint::Group),
        _ => false,
    }
}

impl Draft {
    pub(crate) fn new() -> Self {
        Self {
            endpoint: Endpoint::Track,
            properties: Fields::default(),
            context: Fields::default(),
            timestamp: None,
            texts: Vec::new(),
            ids: [None; Id::COUNT],
            left_out: 0,
            refusal: None,
        }
    }

    /// Begins another event in the same buffers, of which those larger than `largest` bytes are given back.
    pub(crate) fn reset(&mut self, endpoint: Endpoint, largest: usize) {
        self.endpoint = endpoint;
        self.properties.clear(largest);
        self.context.clear(largest);
        self.timestamp = None;
        self.texts.clear();
        self.texts.shrink_to(largest);
        self.ids = [None; Id::COUNT];
        self.left_out = 0;
        self.refusal = None;
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The name of the event or the page as a JSON string.
    #[cfg(feature = "testing")]
    pub(crate) fn name(&self) -> Option<&[u8]> {
        self.id(Id::Name)
    }

    /// How many bytes its parts have, together.
    pub(super) fn len(&self) -> usize {
        self.texts.len() + self.properties.len() + self.context.len()
    }

    /// Whether it has no timestamp of its own.
    pub(crate) fn needs_time(&self) -> bool {
        self.timestamp.is_none()
    }

    /// How many values could not be serialized.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// What already speaks against sending it.
    pub(crate) fn refusal(&self) -> Option<Rejected> {
        self.refusal
    }

    /// Sets an id. `None` and the empty text are a missing one.
    pub(crate) fn set_id(&mut self, id: Id, value: Option<fmt::Arguments<'_>>) {
        self.ids[id as usize] = None;
        let Some(value) = value else { return };
        let start = self.texts.len();
        let texts = &mut self.texts;
        // The id's `Display` is user code.
        match catch_unwind(AssertUnwindSafe(|| json::write_display(texts, value))) {
            Ok(Ok(())) if self.texts.len() > start + 2 => {
                self.ids[id as usize] = Some((start, self.texts.len()));
            }
            Ok(_) => self.texts.truncate(start),
            Err(_) => self.refuse(Rejected::Panicked),
        }
    }

    /// Sets an id that is text.
    pub(crate) fn set_text_id(&mut self, id: Id, text: &str) {
        let start = self.texts.len();
        json::write_string(&mut self.texts, text);
        self.ids[id as usize] = (!text.is_empty()).then_some((start, self.texts.len()));
    }

    pub(crate) fn set_timestamp(&mut self, timestamp: SystemTime) {
        self.timestamp = Some(timestamp);
    }

    /// Sets a property or a trait.
    pub(crate) fn set_property(&mut self, key: &str, value: Value<'_>) {
        self.set_marked_property(key, value, false);
    }

    fn set_marked_property(&mut self, key: &str, value: Value<'_>, personal: bool) {
        let written = self.properties.set(key, value, personal);
        self.note(written);
        if self.endpoint == Endpoint::Group && key == "group_type" {
            self.move_group_type();
        }
    }

    /// Sets a property or a trait whose key is ready.
    pub(crate) fn set_ready_property(&mut self, json_key: &str, value: Value<'_>, personal: bool) {
        let written = self.properties.set_ready(json_key, value, personal);
        self.note(written);
    }

    /// Sets every entry of what serializes as a map or a struct, `prefix` before each key, but for credentials.
    pub(crate) fn flatten(&mut self, prefix: &str, value: &dyn json::Json, personal: bool) {
        let mut bytes = Vec::new();
        let entries = catch_unwind(AssertUnwindSafe(|| value.write_json(&mut bytes).is_ok()));
        match entries {
            Err(_) => return self.refuse(Rejected::Panicked),
            Ok(true) if bytes == b"null" => return,
            Ok(_) => {}
        }
        let Ok(entries) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes) else {
            self.left_out += 1;
            return;
        };
        for (key, value) in &entries {
            let prefixed = format!("{prefix}{key}");
            if !credentials::is_credential(key) && !credentials::is_credential(&prefixed) {
                self.set_marked_property(&prefixed, Value::Json(value), personal);
            }
        }
    }

    /// Sets a key of the context that has no method of its own.
    pub(crate) fn set_context(&mut self, key: &str, value: Value<'_>) {
        if is_reserved_in_context(Some(self.endpoint), key) {
            self.refuse(Rejected::ReservedContextKey);
        } else {
            let written = self.context.set(key, value, false);
            self.note(written);
        }
    }

    /// Sets a key of the context that is ready.
    pub(crate) fn set_ready_context(&mut self, json_key: &str, value: Value<'_>, personal: bool) {
        let written = self.context.set_ready(json_key, value, personal);
        self.note(written);
    }

    /// The id as a JSON string.
    pub(super) fn id(&self, id: Id) -> Option<&[u8]> {
        self.ids[id as usize].map(|(start, end)| &self.texts[start..end])
    }

    /// A group's type goes into the context too, whichever way it was set.
    fn move_group_type(&mut self) {
        let start = self.texts.len();
        self.ids[Id::GroupType as usize] = None;
        if let Some(value) = self.properties.last_value().filter(|value| value.starts_with(b"\"")) {
            self.texts.extend_from_slice(value);
            self.ids[Id::GroupType as usize] = Some((start, self.texts.len()));
        }
        self.properties.undo();
    }

    fn note(&mut self, written: Result<Written, Rejected>) {
        match written {
            Ok(Written::Failed) => self.left_out += 1,
            Ok(Written::Value | Written::Null) => {}
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// The first reason is the one that is told.
    fn refuse(&mut self, reason: Rejected) {
        self.refusal.get_or_insert(reason);
    }
}
