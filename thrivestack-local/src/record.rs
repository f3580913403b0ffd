//! What a server remembers: the objects it took and the requests it answered.

use std::{
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use serde::de::DeserializeOwned;
use serde_json::{Value, map::Map};

use crate::ingest::{Checked, Endpoint, Warning, id_text};
use crate::remark::Remark;

/// The longest name or source that is kept apart from its object, in bytes: no column is wide enough for more.
const MAX_SHOWN: usize = 300;

/// One object of a request that the server took. Cheap to clone.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LocalCall {
    pub(super) number: u64,
    pub(super) endpoint: Endpoint,
    /// The object as it came. As a value it may take eighty times as much.
    text: Arc<str>,
    /// Made of the text by whoever looks into it. What the server keeps stays text.
    object: OnceLock<Arc<Value>>,
    pub(super) name: Option<Arc<str>>,
    pub(super) source: Option<Arc<str>>,
    timestamp: Option<Arc<str>>,
    pub(super) user_id: Option<Arc<str>>,
    pub(super) group_id: Option<Arc<str>>,
    pub(super) warnings: Arc<[String]>,
    /// Decided while the object is at hand, since the page asks for those of all calls.
    pub(super) hints: Arc<[Remark]>,
    pub(super) key_name: Arc<str>,
    pub(super) request: u64,
    pub(super) occurred_at: SystemTime,
    pub(super) received_at: SystemTime,
}

impl LocalCall {
    pub(super) fn new(
        number: u64,
        request: u64,
        endpoint: Endpoint,
        checked: Checked,
        text: Arc<str>,
        key_name: Arc<str>,
        received_at: SystemTime,
    ) -> Self {
        let Checked { object, warnings } = checked;
        let timestamp = object.get("timestamp").and_then(Value::as_str);
        let short = |value: Option<&Value>| Some(Arc::from(cut(value?.as_str()?, MAX_SHOWN)));
        let occurred_at = timestamp.and_then(|text| humantime::parse_rfc3339(text).ok());
        Self {
            number,
            endpoint,
            user_id: id_text(object.get("user_id")).map(Arc::from),
            group_id: id_text(object.get("group_id"))
                .or_else(|| id_text(object.get("context")?.get("group_id")))
                .map(Arc::from),
            name: short(name(endpoint, &object)),
            source: short(object.get("context").and_then(|context| context.get("source"))),
            timestamp: timestamp.map(Arc::from),
            text,
            object: OnceLock::from(Arc::new(object)),
            hints: Arc::default(),
            warnings: warnings.into_iter().map(Warning::into_text).collect(),
            key_name,
            request,
            occurred_at: occurred_at.unwrap_or(received_at),
            received_at,
        }
    }

    /// Adds the hints about the call, and keeps its object as text from here on.
    pub(super) fn with_hints(mut self, hints: impl FnOnce(&Self) -> Vec<Remark>) -> Self {
        self.hints = hints(&self).into();
        self.object = OnceLock::new();
        self
    }

    /// Its number: 1 for the first that the server took.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Which of the four calls it is.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The object as it came.
    #[must_use]
    pub fn object(&self) -> &Value {
        // It has been read once already.
        self.object.get_or_init(|| Arc::new(serde_json::from_str(&self.text).unwrap_or_default()))
    }

    /// Returns the JSON of the object as it came.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the beginning of the event's name, as the reviews compare it.
    pub(super) fn event(&self) -> Option<&str> {
        self.name.as_deref().filter(|_| self.endpoint == Endpoint::Track)
    }

    /// Returns how many bytes of memory the server needs to keep it.
    pub(super) fn weight(&self) -> u64 {
        let texts = [&self.name, &self.source, &self.user_id, &self.group_id].into_iter().flatten();
        let texts = texts.map(|text| text.len()).sum::<usize>() + self.text.len();
        let warnings = self.warnings.iter().map(|warning| warning.len() + size_of::<String>()).sum::<usize>();
        let hints = self.hints.iter().map(|hint| hint.text.len() + size_of::<Remark>()).sum::<usize>();
        (size_of::<Self>() + 200 + texts + warnings + hints) as u64
    }

    /// The name of a tracked event; `None` for the other calls.
    #[must_use]
    pub fn event_name(&self) -> Option<&str> {
        match self.endpoint {
            Endpoint::Track => self.object().get("event_name")?.as_str(),
            _ => None,
        }
    }

    /// The user, where there is one. An id that came as a number is given as its digits.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// The group that the call itself names or else its context does. A number is given as its digits.
    #[must_use]
    pub fn group_id(&self) -> Option<&str> {
        self.group_id.as_deref()
    }

    /// A property of a track or page call, a trait of an identify or group call.
    #[must_use]
    pub fn property(&self, key: &str) -> Option<&Value> {
        self.object().get(self.endpoint.payload_field())?.get(key)
    }

    /// The properties or traits as a type of yours, which may leave out what it does not care for.
    ///
    /// ```
    /// # use thrivestack_local::LocalCall;
    /// #[derive(serde::Deserialize)]
    /// struct Invite {
    ///     invitee_email: String,
    /// }
    ///
    /// fn invited(call: &LocalCall) -> Result<String, serde_json::Error> {
    ///     Ok(call.properties_as::<Invite>()?.invitee_email)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When the type needs what is not there, or something else is there than it takes.
    pub fn properties_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        match self.object().get(self.endpoint.payload_field()) {
            None | Some(Value::Null) => T::deserialize(Value::Object(Map::new())),
            Some(properties) => T::deserialize(properties),
        }
    }

    /// A value of the call's context.
    #[must_use]
    pub fn context(&self, key: &str) -> Option<&Value> {
        self.object().get("context")?.get(key)
    }

    /// The timestamp as it came.
    #[must_use]
    pub fn timestamp(&self) -> Option<&str> {
        self.timestamp.as_deref()
    }

    /// When it happened: its timestamp, or when the server had taken it if it has none.
    #[must_use]
    pub fn occurred_at(&self) -> SystemTime {
        self.occurred_at
    }

    /// The name of the key that sent it.
    #[must_use]
    pub fn key_name(&self) -> &str {
        &self.key_name
    }

    /// The number of the request it came in, which is [`LocalRequest::number`] of that request.
    #[must_use]
    pub fn request(&self) -> u64 {
        self.request
    }

    /// When the server had taken it.
    #[must_use]
    pub fn received_at(&self) -> SystemTime {
        self.received_at
    }

    /// What the server found worth a warning in this object. The answer to a request says each only once.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// One request to the path of a call, taken or refused.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LocalRequest {
    pub(super) number: u64,
    pub(super) arrival: Arrival,
    pub(super) status: u16,
    pub(super) refusal: Option<String>,
    pub(super) received_at: SystemTime,
}

/// What is learned of a request on its way, up to where it is refused.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    pub(super) endpoint: Endpoint,
    pub(super) key_name: Option<String>,
    pub(super) body_bytes: u64,
    pub(super) objects: usize,
}

impl LocalRequest {
    /// Its number: 1 for the first that the server answered.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The path, such as `/api/track`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.arrival.endpoint.path()
    }

    /// The status of the answer; 0 when [`Fault::ConnectionReset`](crate::Fault::ConnectionReset) left it without
    /// one.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// How many objects its array has; 0 when the request was refused before that was known.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.arrival.objects
    }

    /// The size of the body: what the request declared, or else what was read of it.
    #[must_use]
    pub fn body_bytes(&self) -> u64 {
        self.arrival.body_bytes
    }

    /// The name of the key it carried, if the server knows that key.
    #[must_use]
    pub fn key_name(&self) -> Option<&str> {
        self.arrival.key_name.as_deref()
    }

    /// Why it was refused; `None` when it was taken.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// When the server had decided about it.
    #[must_use]
    pub fn received_at(&self) -> SystemTime {
        self.received_at
    }

    /// Returns how many bytes of memory the server needs to keep it.
    pub(super) fn weight(&self) -> u64 {
        let texts = [&self.refusal, &self.arrival.key_name].into_iter().flatten().map(String::len);
        (size_of::<Self>() + 100 + texts.sum::<usize>()) as u64
    }
}

/// Returns what a person knows the call by: the event, the page, or the kind of group.
fn name(endpoint: Endpoint, object: &Value) -> Option<&Value> {
    let payload = object.get(endpoint.payload_field());
    match endpoint {
        Endpoint::Track => object.get("event_name"),
        Endpoint::Page => payload?.get("page_name"),
        Endpoint::Group => payload?.get("group_type"),
        // Traits of an identify call have no such meaning.
        Endpoint::Identify => None,
    }
}

/// Returns the first bytes of a text, up to the end of a character.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// A call as the server takes it, for the tests of what is made of calls.
#[cfg(test)]
pub(super) fn call_of(number: u64, endpoint: Endpoint, object: Value) -> LocalCall {
    let received_at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number);
    let text = object.to_string().into();
    let checked = Checked { object, warnings: Vec::new() };
    LocalCall::new(number, 1, endpoint, checked, text, "test".into(), received_at)
        .with_hints(crate::review::hints::hints)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        let table =
            [("", 2, ""), ("ab", 2, "ab"), ("abc", 2, "ab"), ("aé", 2, "a"), ("é", 1, ""), ("éa", 2, "é")];
        for (text, most, expected) in table {
            assert_eq!(cut(text, most), expected, "{text} {most}");
        }
    }
}
