//! What a capture holds: events, and calls that were refused.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::reasons::Rejected;
use crate::wire::{self, Endpoint};

/// A call as it would have been sent. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct CapturedEvent {
    endpoint: Endpoint,
    object: Arc<Map<String, Value>>,
}

/// A call that was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCall {
    endpoint: Endpoint,
    name: String,
    reason: Rejected,
}

impl CapturedEvent {
    pub(super) fn parse(endpoint: Endpoint, event: &[u8]) -> Self {
        let mut object = wire::shown_object(event).unwrap_or_default();
        if let Some(Value::Object(context)) = object.get_mut("context") {
            context.remove("message_id");
        }
        Self { endpoint, object: Arc::new(object) }
    }

    /// Which call it is.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The name of a tracked event or of a page. The other calls have none, and are `identify` and `group` here.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = match self.endpoint {
            Endpoint::Track => self.object.get("event_name"),
            Endpoint::Page => self.property("page_name"),
            Endpoint::Identify | Endpoint::Group => None,
        };
        name.and_then(Value::as_str).unwrap_or(self.endpoint.as_str())
    }

    /// The user's id.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.object.get("user_id")?.as_str()
    }

    /// The group's id: the group of a group call, or the one in the context.
    #[must_use]
    pub fn group_id(&self) -> Option<&str> {
        self.context("group_id")?.as_str()
    }

    /// The session's id, wherever it is sent.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.object.get("session_id").or_else(|| self.context("session_id"))?.as_str()
    }

    /// A property of a track or page call, a trait of an identify or group call.
    #[must_use]
    pub fn property(&self, key: &str) -> Option<&Value> {
        self.object.get("properties").or_else(|| self.object.get("traits"))?.get(key)
    }

    /// A value of the context.
    #[must_use]
    pub fn context(&self, key: &str) -> Option<&Value> {
        self.object.get("context")?.get(key)
    }

    /// The timestamp as it would have been sent. Such texts are in the order of their times.
    #[must_use]
    pub fn timestamp(&self) -> &str {
        self.object.get("timestamp").and_then(Value::as_str).unwrap_or_default()
    }

    /// The whole object, but for its message id.
    #[must_use]
    pub fn object(&self) -> &Map<String, Value> {
        &self.object
    }
}

impl RefusedCall {
    pub(super) fn new(endpoint: Endpoint, name: Option<&[u8]>, reason: Rejected) -> Self {
        let name = name.and_then(|name| serde_json::from_slice(name).ok());
        Self { endpoint, name: name.unwrap_or_else(|| endpoint.to_string()), reason }
    }

    /// Which call it was.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// As in [`CapturedEvent::name`].
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Why it was refused.
    #[must_use]
    pub fn reason(&self) -> Rejected {
        self.reason
    }
}

/// The call, its name if it has one, and the rest as JSON: all on one line.
impl fmt::Display for CapturedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        title(f, self.endpoint, self.name())?;
        let mut rest = Map::clone(&self.object);
        rest.remove("event_name");
        write!(f, " {}", Value::Object(rest))
    }
}

impl fmt::Display for RefusedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        title(f, self.endpoint, &self.name)?;
        write!(f, ": {}", self.reason)
    }
}

fn title(f: &mut fmt::Formatter<'_>, endpoint: Endpoint, name: &str) -> fmt::Result {
    match endpoint {
        Endpoint::Track | Endpoint::Page => write!(f, "{endpoint} `{name}`"),
        Endpoint::Identify | Endpoint::Group => write!(f, "{endpoint}"),
    }
}
