//! What a host may do with events and answers on the worker's thread.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::batcher::Batch;
use crate::panics;
use crate::payload::Payload;
use crate::reasons::{DropReason, ReportOutcome};
use crate::retry::Outcome;
use crate::wire::{self, Endpoint, Words};

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

/// The change of an event between the queue and its first attempt.
pub(crate) struct Rewrite {
    hook: Option<BeforeSend>,
    eu_compliance: bool,
    /// Set if an event may have been accepted while EU compliance was off.
    reads_disk: bool,
}

impl Rewrite {
    /// `None` if events are sent as they were accepted.
    pub(crate) fn new(hook: Option<BeforeSend>, eu_compliance: bool, reads_disk: bool) -> Option<Self> {
        let is_needed = hook.is_some() || (eu_compliance && reads_disk);
        is_needed.then_some(Self { hook, eu_compliance, reads_disk })
    }

    /// Returns the event as it is sent.
    pub(crate) fn event(&self, endpoint: Endpoint, event: &[u8]) -> Result<Vec<u8>, DropReason> {
        let is_filtered = self.eu_compliance && self.reads_disk;
        let mut event = if is_filtered { compliant(event)? } else { event.to_vec() };
        if let Some(hook) = &self.hook {
            let mut payload = Payload::new(endpoint, event).map_err(|_| DropReason::Malformed)?;
            match panics::catch(|| hook(&mut payload)) {
                Some(Decision::Send) => {}
                Some(Decision::Drop) => return Err(DropReason::Hook),
                None => return Err(DropReason::HookPanicked),
            }
            event = payload.into_event().map_err(|_| DropReason::Hook)?;
            if self.eu_compliance {
                // The hook may have brought back what was removed.
                event = compliant(&event)?;
            }
        }
        if event.len() > wire::MAX_EVENT_BYTES { Err(DropReason::TooLarge) } else { Ok(event) }
    }
}

fn compliant(event: &[u8]) -> Result<Vec<u8>, DropReason> {
    let mut out = Vec::with_capacity(event.len());
    wire::write_compliant(event, &mut out).map_err(|_| DropReason::Malformed)?;
    Ok(out)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(event: &str, eu_compliance: bool, hook: Option<BeforeSend>) -> Result<String, DropReason> {
        let rewrite = Rewrite::new(hook, eu_compliance, true).unwrap();
        rewrite.event(Endpoint::Track, event.as_bytes()).map(|event| String::from_utf8(event).unwrap())
    }

    #[test]
    fn a_record_that_is_no_json_object_is_dropped_for_that_reason() {
        for event in ["", "[]", "{", r#"{"user_id":"u"}}"#, "\0"] {
            assert_eq!(rewritten(event, true, None), Err(DropReason::Malformed));
            assert_eq!(
                rewritten(event, false, Some(Arc::new(|_| Decision::Send))),
                Err(DropReason::Malformed)
            );
        }
    }

    #[test]
    fn a_hook_sees_what_was_spooled_without_personal_data() {
        let hook: BeforeSend = Arc::new(|payload| {
            assert!(payload.properties().is_empty());
            payload.properties_mut().insert("user_name".to_owned(), true.into());
            Decision::Send
        });
        let event = r#"{"properties":{"user_name":"Ada"}}"#;
        assert_eq!(rewritten(event, true, Some(hook)).unwrap(), r#"{"properties":{}}"#);
    }

    #[test]
    fn an_event_that_grows_over_the_limit_is_dropped() {
        let event = format!(r#"{{"user_id":"a@b","text":"{}"}}"#, "x".repeat(wire::MAX_EVENT_BYTES - 30));
        assert_eq!(rewritten(&event, true, None), Err(DropReason::TooLarge));
        assert!(rewritten(&event, false, Some(Arc::new(|_| Decision::Send))).is_ok());
    }
}
