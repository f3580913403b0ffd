//! An event on its way out, as `before_send` sees it.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use crate::wire::{self, Endpoint, Malformed};

/// An event on its way out, as [`before_send`](crate::Config::before_send) sees it.
///
/// Properties, traits and context can be changed; ids, names and the timestamp are settled.
///
/// A hook changes what it touches and nothing else: every other value is sent as the bytes that it was, whatever its length
/// and depth. The maps are read when they are asked for. They show each key once, with its last value. A number that is
/// beyond `f64`, and what is nested deeper than 128 levels, is shown as the text of its JSON; half of a surrogate pair as
/// U+FFFD.
pub struct Payload {
    endpoint: Endpoint,
    /// The event as it was.
    event: Vec<u8>,
    event_name: Text,
    user_id: Text,
    properties: Section,
    context: Section,
}

/// A text of the event, which is read when it is asked for.
#[derive(Default)]
struct Text {
    /// Where it stands, with its quotes.
    json: Range<usize>,
    text: OnceLock<Option<String>>,
}

/// An object of the event, which is read when it is asked for.
#[derive(Default)]
struct Section {
    /// Where it stands. Empty if it does not.
    json: Range<usize>,
    shown: OnceLock<Map<String, Value>>,
    /// The same with the changes of the hook, once it asked for it to change it.
    edited: Option<Map<String, Value>>,
}

impl Payload {
    pub(crate) fn new(endpoint: Endpoint, event: Vec<u8>) -> Result<Self, Malformed> {
        let mut payload = Self {
            endpoint,
            event,
            event_name: Text::default(),
            user_id: Text::default(),
            properties: Section::default(),
            context: Section::default(),
        };
        for member in wire::members(&payload.event)? {
            let place = match &*wire::text(&payload.event[member.key]) {
                "event_name" => &mut payload.event_name.json,
                "user_id" => &mut payload.user_id.json,
                "context" => &mut payload.context.json,
                key if key == endpoint.payload_field() => &mut payload.properties.json,
                _ => continue,
            };
            *place = member.value;
        }
        Ok(payload)
    }

    /// Which call it is.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The name of the event, of a track call.
    #[must_use]
    pub fn event_name(&self) -> Option<&str> {
        self.event_name.get(&self.event)
    }

    /// The user's id.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.get(&self.event)
    }

    /// The group's id: the group of a group call, or the one in the context.
    #[must_use]
    pub fn group_id(&self) -> Option<&str> {
        self.context().get("group_id")?.as_str()
    }

    /// The properties of a track or page call, the traits of an identify or group call.
    #[must_use]
    pub fn properties(&self) -> &Map<String, Value> {
        self.properties.get(&self.event)
    }

    /// The properties or traits, to change them.
    pub fn properties_mut(&mut self) -> &mut Map<String, Value> {
        self.properties.get_mut(&self.event)
    }

    /// The context.
    #[must_use]
    pub fn context(&self) -> &Map<String, Value> {
        self.context.get(&self.event)
    }

    /// The context, to change it. Its `group_id` and `source` belong to ThriveStack's rules.
    pub fn context_mut(&mut self) -> &mut Map<String, Value> {
        self.context.get_mut(&self.event)
    }

    /// Returns the event with the changes of the hook.
    pub(crate) fn into_event(self) -> Result<Vec<u8>, Malformed> {
        let Self { endpoint, event, properties, context, .. } = self;
        let sections = [(endpoint.payload_field(), properties), ("context", context)];
        let mut edited: Vec<_> = sections
            .into_iter()
            .filter_map(|(key, section)| Some((key, section.json, section.edited?)))
            .collect();
        if edited.is_empty() {
            return Ok(event);
        }
        edited.sort_by_key(|(_, json, _)| json.start);
        let mut out = Vec::with_capacity(event.len());
        let mut copied = 0;
        for (_, json, edited) in edited.iter().filter(|(_, json, _)| !json.is_empty()) {
            out.extend_from_slice(&event[copied..json.start]);
            wire::write_edited(&event[json.clone()], edited, &mut out)?;
            copied = json.end;
        }
        out.extend_from_slice(&event[copied..]);
        for (key, _, edited) in
            edited.iter().filter(|(_, json, edited)| json.is_empty() && !edited.is_empty())
        {
            wire::add_member(&mut out, key, edited)?;
        }
        Ok(out)
    }
}

// As a derive would have it, but for the bytes.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("endpoint", &self.endpoint)
            .field("event_name", &self.event_name())
            .field("user_id", &self.user_id())
            .field("properties", self.properties())
            .field("context", self.context())
            .finish_non_exhaustive()
    }
}

impl Text {
    fn get(&self, event: &[u8]) -> Option<&str> {
        let json = &event[self.json.clone()];
        let text = || json.starts_with(b"\"").then(|| wire::text(json).into_owned());
        self.text.get_or_init(text).as_deref()
    }
}

impl Section {
    fn get(&self, event: &[u8]) -> &Map<String, Value> {
        self.edited.as_ref().unwrap_or_else(|| self.shown.get_or_init(|| show(&event[self.json.clone()])))
    }

    fn get_mut(&mut self, event: &[u8]) -> &mut Map<String, Value> {
        let shown = || self.shown.take().unwrap_or_else(|| show(&event[self.json.clone()]));
        self.edited.get_or_insert_with(shown)
    }
}

fn show(json: &[u8]) -> Map<String, Value> {
    wire::shown_object(json).unwrap_or_default()
}

#[cfg(test)]
mod tests;
