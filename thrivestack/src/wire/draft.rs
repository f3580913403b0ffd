//! An event while it is put together.

use std::time::SystemTime;

use thrivestack_core::credentials;

use super::endpoint::Endpoint;
use super::fields::Fields;
use super::ids::{Id, Ids};
use super::json;
use super::millis::{Clock, Millis};
use super::reader;
use super::serialize::Json;
use super::stamp::Stamp;
use super::value::{Value, Written};
use crate::panics;
use crate::reasons::Rejected;

/// How a track call begins, or goes on after its user. The first comma of all becomes a brace.
const EVENT_NAME: &[u8] = b",\"event_name\":";
/// What follows the name.
const PROPERTIES: &[u8] = b",\"properties\":";
/// What most events are not longer than.
const EVENT_BYTES: usize = 512;

/// What has been said of an event so far. Its buffers are reused for the next event.
///
/// The event is written in one of them from its beginning, `{"user_id":"u1","event_name":"invite_sent","properties":`, over
/// its properties to its end, so that what an event usually has is written where it stays. What comes after the properties,
/// though it may be said before them, is kept apart until then.
pub(crate) struct Draft {
    pub(super) endpoint: Endpoint,
    pub(super) properties: Fields,
    /// Where the user ends with which the event begins; 0 if it does not.
    user_end: usize,
    /// Where the properties begin in their buffer, after the beginning of the event.
    pub(super) properties_start: usize,
    pub(super) ids: Ids,
    pub(super) stamp: Stamp,
    pub(crate) clock: Clock,
    /// Whether anything was said that few events have.
    has_more: bool,
    /// Changed by [`more_mut`](Self::more_mut) alone, which takes notice of it.
    pub(super) more: More,
}

/// What few events have.
#[derive(Default)]
pub(super) struct More {
    pub(super) context: Fields,
    pub(super) timestamp: Option<Millis>,
    left_out: u64,
    refusal: Option<Rejected>,
}

/// What is known of an event when it begins.
#[derive(Clone, Copy)]
pub(crate) enum Opening<'a> {
    Identify,
    Group,
    Page(&'a str),
    Track(&'a str),
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
            properties: Fields::with_capacity(EVENT_BYTES),
            user_end: 0,
            properties_start: 0,
            ids: Ids::default(),
            stamp: Stamp::new(),
            clock: Clock::default(),
            has_more: false,
            more: More::default(),
        }
    }

    /// Forgets the event and keeps its buffers for another one, unless they are larger than `largest` bytes.
    #[inline(always)]
    pub(crate) fn reset(&mut self, largest: usize) {
        if self.properties.capacity() > largest {
            self.properties = Fields::with_capacity(EVENT_BYTES);
        }
        self.forget_properties();
        self.ids.clear();
        if self.has_more {
            self.forget_more(largest);
        }
    }

    #[inline(never)]
    fn forget_more(&mut self, largest: usize) {
        // Where the user's code panicked, an id may have grown unnoticed.
        if self.more.refusal.is_some() {
            self.ids = Ids::default();
        }
        let mut context = std::mem::take(&mut self.more.context);
        if context.capacity() > largest {
            context = Fields::default();
        }
        context.clear();
        self.more = More { context, ..More::default() };
        self.has_more = false;
    }

    fn more_mut(&mut self) -> &mut More {
        self.has_more = true;
        &mut self.more
    }

    /// Begins an event with the user's id, if there is one. The user's code runs in it, unguarded.
    #[inline]
    pub(crate) fn begin_with_user(&mut self, user: &Value<'_>) {
        let out = self.properties.bytes_mut();
        if Id::User.write(out, user) {
            self.user_end = out.len();
        } else {
            out.clear();
        }
    }

    /// Goes on with the beginning of a track call, of which this much is ready: `,"event_name":"invite_sent","properties":`
    /// and some of the properties, which begin at `properties_start`.
    #[inline]
    pub(crate) fn open_ready(&mut self, json: &str, properties_start: usize) {
        let out = self.properties.bytes_mut();
        out.extend_from_slice(json.as_bytes());
        json::open_object(out, 0);
        self.properties_start = self.user_end + properties_start;
        self.endpoint = Endpoint::Track;
    }

    /// Forgets its beginning and its properties.
    #[inline]
    pub(crate) fn forget_properties(&mut self) {
        self.properties.clear();
        self.user_end = 0;
    }

    /// Begins an event.
    pub(crate) fn open(&mut self, opening: Opening<'_>) {
        let out = self.properties.bytes_mut();
        self.endpoint = match opening {
            Opening::Track(name) => {
                out.extend_from_slice(EVENT_NAME);
                json::open_object(out, 0);
                json::write_string(out, name);
                out.extend_from_slice(PROPERTIES);
                Endpoint::Track
            }
            Opening::Page(name) => {
                out.extend_from_slice(b"{\"properties\":");
                self.ids.set(Id::Page, &Value::Text(&name));
                Endpoint::Page
            }
            Opening::Identify => {
                out.extend_from_slice(b"{\"traits\":");
                Endpoint::Identify
            }
            Opening::Group => {
                out.extend_from_slice(b"{\"traits\":");
                Endpoint::Group
            }
        };
        self.properties_start = self.properties.bytes_mut().len();
    }

    /// Puts `event` in the place of everything that was written. Only its values may be others.
    pub(super) fn rewrite(&mut self, event: &[u8]) {
        if self.user_end > 0 {
            let end = reader::end_of_first_member(event).unwrap_or(self.user_end);
            self.properties_start = self.properties_start - self.user_end + end;
            self.user_end = end;
        }
        let out = self.properties.bytes_mut();
        out.clear();
        out.extend_from_slice(event);
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The name of the event or the page as a JSON string.
    pub(crate) fn name(&self) -> Option<Vec<u8>> {
        match self.endpoint {
            Endpoint::Track => {
                let name = self.user_end + EVENT_NAME.len()..self.properties_start - PROPERTIES.len();
                self.properties.bytes().get(name).map(<[u8]>::to_vec)
            }
            _ => self.ids.json(Id::Page).map(<[u8]>::to_vec),
        }
    }

    /// Returns the name of the event or the page, if there is one.
    pub(crate) fn name_text(&self) -> Option<String> {
        serde_json::from_slice(&self.name()?).ok()
    }

    /// The event, once it is encoded.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.properties.bytes()
    }

    /// Whether it has no timestamp of its own.
    pub(crate) fn needs_time(&self) -> bool {
        self.more.timestamp.is_none()
    }

    /// How many values could not be serialized.
    pub(crate) fn left_out(&self) -> u64 {
        self.more.left_out
    }

    /// Whether its user is already where it stays.
    #[inline]
    pub(super) fn begins_with_user(&self) -> bool {
        self.user_end > 0
    }

    /// Whether all that is said of it is a user, maybe a group, and properties that count as they are.
    #[inline]
    pub(super) fn is_usual(&self) -> bool {
        matches!(self.endpoint, Endpoint::Track | Endpoint::Identify)
            && !self.has_more
            && !self.ids.are_unusual()
            && !self.properties.is_irregular()
    }

    /// What already speaks against sending it.
    pub(crate) fn refusal(&self) -> Option<Rejected> {
        self.more.refusal
    }

    /// Runs what runs the user's code. If that panics, the event is lost and the host must not notice.
    #[inline(always)]
    pub(crate) fn guard(&mut self, fill: impl FnOnce(&mut Self)) -> bool {
        let is_fine = panics::catch(|| fill(self)).is_some();
        if !is_fine {
            self.refuse(Rejected::Panicked);
        }
        is_fine
    }

    /// Sets an id. What is no text and the empty text are a missing one. The user's code runs in it, unguarded.
    pub(crate) fn set_id(&mut self, id: Id, value: &Value<'_>) {
        self.ids.set(id, value);
    }

    pub(crate) fn set_timestamp(&mut self, timestamp: SystemTime) {
        self.more_mut().timestamp = Some(timestamp.into());
    }

    /// Sets a property or a trait.
    pub(crate) fn set_property(&mut self, key: &str, value: &Value<'_>) {
        self.set_marked_property(key, value, false);
    }

    fn set_marked_property(&mut self, key: &str, value: &Value<'_>, personal: bool) {
        match self.properties.set(key, value, personal) {
            Ok(written) => self.note(written),
            Err(refusal) => self.refuse(refusal),
        }
        if self.endpoint == Endpoint::Group && key == "group_type" {
            self.move_group_type();
        }
    }

    /// Sets properties that are ready, `,"key":value` after `,"key":value`, before all others.
    pub(crate) fn set_ready_properties(&mut self, json: &str) {
        debug_assert!(self.properties.is_empty(), "they come first");
        self.properties.bytes_mut().extend_from_slice(json.as_bytes());
    }

    /// Sets a property or a trait whose key is ready. The user's code runs in it, unguarded.
    pub(crate) fn add_ready_property(&mut self, json_key: &[u8], value: &Value<'_>, personal: bool) {
        let written = self.properties.add_ready(json_key, value, personal);
        self.note(written);
    }

    /// [`add_ready_property`](Self::add_ready_property) that nothing overrides and EU compliance does not strip.
    #[inline]
    pub(crate) fn write_ready_property(&mut self, json_key: &[u8], value: &Value<'_>) {
        let written = self.properties.write_ready(json_key, value);
        self.note(written);
    }

    /// Sets every entry of what serializes as a map or a struct, `prefix` before each key, but for credentials. The
    /// user's code runs in it, unguarded.
    #[cold]
    pub(crate) fn flatten(&mut self, prefix: &str, value: &dyn Json, personal: bool) {
        let mut bytes = Vec::new();
        if value.write_json(&mut bytes) == Written::Null {
            return;
        }
        let Ok(members) = reader::members(&bytes) else {
            self.more_mut().left_out += 1;
            return;
        };
        for member in members {
            let key = reader::text(&bytes[member.key]);
            let prefixed = format!("{prefix}{key}");
            if !credentials::is_credential(&key) && !credentials::is_credential(&prefixed) {
                let json = String::from_utf8_lossy(&bytes[member.value]);
                self.set_marked_property(&prefixed, &Value::Raw(&json), personal);
            }
        }
    }

    /// Sets a key of the context that has no method of its own.
    pub(crate) fn set_context(&mut self, key: &str, value: &Value<'_>) {
        if is_reserved_in_context(Some(self.endpoint), key) {
            return self.refuse(Rejected::ReservedContextKey);
        }
        match self.more_mut().context.set(key, value, false) {
            Ok(written) => self.note(written),
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// Sets a key of the context that is ready. The user's code runs in it, unguarded.
    #[inline(never)]
    pub(crate) fn set_ready_context(&mut self, json_key: &[u8], value: &Value<'_>) {
        let written = self.more_mut().context.set_ready(json_key, value);
        self.note(written);
    }

    /// A group's type goes into the context too, whichever way it was set.
    fn move_group_type(&mut self) {
        self.ids.set_json(Id::GroupType, self.properties.last_value());
        self.properties.undo();
    }

    fn note(&mut self, written: Written) {
        if written == Written::Failed {
            self.more_mut().left_out += 1;
        }
    }

    /// The first reason is the one that is told.
    fn refuse(&mut self, reason: Rejected) {
        self.more_mut().refusal.get_or_insert(reason);
    }
}
