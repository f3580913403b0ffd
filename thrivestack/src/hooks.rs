//! What a host may do with events and answers on the worker's thread.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::arena::{Arena, weight};
use crate::batcher::Batch;
use crate::panics;
use crate::reasons::{DropReason, ReportOutcome};
use crate::retry::Outcome;
use crate::wire::{self, Endpoint, Words};

/// An event on its way out, as [`before_send`](crate::Config::before_send) sees it.
///
/// Properties, traits and context can be changed; ids, names and the timestamp are settled.
#[derive(Debug)]
pub struct Payload {
    endpoint: Endpoint,
    /// Everything but properties and context.
    rest: Map<String, Value>,
    properties: Map<String, Value>,
    context: Map<String, Value>,
}

/// What [`before_send`](crate::Config::before_send) makes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decision {
    /// Send it, changed or not.
    Send,
    /// Do not send it; it is counted under [`DropReason::Hook`].
    Drop,
}

/// What came of one request, as [`on_report`](crate::Config::on_report) sees it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Report {
    endpoint: Endpoint,
    events: usize,
    body: Bytes,
    outcome: ReportOutcome,
    status: Option<u16>,
    message: Option<String>,
    warnings: Vec<String>,
}

pub(crate) type BeforeSend = Arc<dyn Fn(&mut Payload) -> Decision + Send + Sync>;
pub(crate) type OnReport = Arc<dyn Fn(&Report) + Send + Sync>;

impl Payload {
    /// Which call it is.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The name of the event, of a track call.
    #[must_use]
    pub fn event_name(&self) -> Option<&str> {
        self.rest.get("event_name")?.as_str()
    }

    /// The user's id.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.rest.get("user_id")?.as_str()
    }

    /// The group's id: the group of a group call, or the one in the context.
    #[must_use]
    pub fn group_id(&self) -> Option<&str> {
        self.context.get("group_id")?.as_str()
    }

    /// The properties of a track or page call, the traits of an identify or group call.
    #[must_use]
    pub fn properties(&self) -> &Map<String, Value> {
        &self.properties
    }

    /// The properties or traits, to change them.
    pub fn properties_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.properties
    }

    /// The context.
    #[must_use]
    pub fn context(&self) -> &Map<String, Value> {
        &self.context
    }

    /// The context, to change it. Its `group_id` and `source` belong to ThriveStack's rules.
    pub fn context_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.context
    }

    fn parse(endpoint: Endpoint, event: &[u8]) -> Option<Self> {
        let mut rest: Map<String, Value> = serde_json::from_slice(event).ok()?;
        let mut object = |key| match rest.remove(key) {
            Some(Value::Object(object)) => object,
            _ => Map::new(),
        };
        let properties = object(properties_key(endpoint));
        let context = object("context");
        Some(Self { endpoint, rest, properties, context })
    }

    fn write(mut self, out: &mut Vec<u8>) -> Option<()> {
        self.rest.insert(properties_key(self.endpoint).to_owned(), Value::Object(self.properties));
        self.rest.insert("context".to_owned(), Value::Object(self.context));
        serde_json::to_writer(out, &self.rest).ok()
    }
}

fn properties_key(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Identify | Endpoint::Group => "traits",
        Endpoint::Track | Endpoint::Page => "properties",
    }
}

impl Report {
    pub(crate) fn new(batch: &Batch, answer: &Outcome, words: Words, outcome: ReportOutcome) -> Self {
        Self {
            endpoint: batch.endpoint,
            events: batch.len(),
            body: batch.body.clone(),
            outcome,
            status: match answer {
                Outcome::Answered { status, .. } => Some(*status),
                Outcome::Failed(_) => None,
            },
            message: words.message,
            warnings: words.warnings,
        }
    }

    /// Which call was made.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// How many events the request had.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events
    }

    /// The request's body as it was sent: a JSON array of the events. With [`events`](Self::events) of 1, it is the very
    /// event that the server refused.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// What becomes of them.
    #[must_use]
    pub fn outcome(&self) -> ReportOutcome {
        self.outcome
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The server's words or the error of the connection. The API key and the 16 keys before it are redacted, as they are or
    /// escaped as in JSON, HTML or a URL. The server may quote anything else that was sent.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What ThriveStack finds missing in accepted events, in its own words.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// Lets the hook see every event. What it drops leaves its position empty; `dropped` is told which one it is, the reason and
/// its weight.
pub(crate) fn rewrite(
    arena: &Arena,
    eu_compliance: bool,
    hook: &BeforeSend,
    mut dropped: impl FnMut(u32, DropReason, usize),
) -> Arena {
    let mut rewritten = Arena::default();
    let mut event = Vec::new();
    for endpoint in Endpoint::ALL {
        for (record, original) in arena.events(endpoint) {
            event.clear();
            match rewrite_one(endpoint, original, eu_compliance, hook, &mut event) {
                Ok(()) => rewritten.place(endpoint, record.offset, &event),
                Err(reason) => dropped(record.offset, reason, weight(original.len())),
            }
        }
    }
    rewritten
}

fn rewrite_one(
    endpoint: Endpoint,
    bytes: &[u8],
    eu_compliance: bool,
    hook: &BeforeSend,
    out: &mut Vec<u8>,
) -> Result<(), DropReason> {
    let mut payload = Payload::parse(endpoint, bytes).ok_or(DropReason::Hook)?;
    match panics::catch(|| hook(&mut payload)) {
        Some(Decision::Send) => {}
        Some(Decision::Drop) => return Err(DropReason::Hook),
        None => return Err(DropReason::HookPanicked),
    }
    if eu_compliance {
        // The hook may have brought back what was stripped.
        payload.properties.retain(|key, _| !wire::is_personal(key.as_bytes()));
        payload.context.retain(|key, _| !wire::is_personal(key.as_bytes()));
    }
    payload.write(out).ok_or(DropReason::Hook)?;
    if out.len() > wire::MAX_EVENT_BYTES { Err(DropReason::TooLarge) } else { Ok(()) }
}

/// Tells the host; what it does wrong there is not our worker's end. Returns whether it went well.
pub(crate) fn report(hook: &OnReport, report: &Report) -> bool {
    panics::catch(|| hook(report)).is_some()
}

// The events are the user's data, which has no place in a log.
impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("endpoint", &self.endpoint)
            .field("events", &self.events)
            .field("outcome", &self.outcome)
            .field("status", &self.status)
            .field("message", &self.message)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}
