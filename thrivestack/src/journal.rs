//! The crate's own messages: once an episode, and never with a key or a payload.

use std::collections::HashSet;

use crate::error::Error;
use crate::panics;
use crate::reasons::ReportOutcome;
use crate::retry::Outcome;
use crate::spool::Notices;
use crate::wire::Endpoint;

/// A server that never says the same twice must not fill the log, nor the memory.
const MOST_WARNINGS: usize = 100;

/// What was already said and is still so.
#[derive(Default)]
pub(crate) struct Journal {
    is_retrying: bool,
    is_parked: [bool; Endpoint::ALL.len()],
    is_dropping: bool,
    is_full: bool,
    spool_is_full: bool,
    key_file_is_unreadable: bool,
    hook_panicked: bool,
    warned: HashSet<String>,
}

/// Hands a message to the host's subscriber, which may panic: that is neither our worker's end nor that of the host's
/// start.
pub(crate) fn say(message: impl FnOnce()) {
    let _ = panics::catch(message);
}

impl Journal {
    /// Says what an answer means, if that is news.
    pub(crate) fn answered(
        &mut self,
        endpoint: Endpoint,
        events: usize,
        answer: &Outcome,
        outcome: ReportOutcome,
    ) {
        let cause = match answer {
            Outcome::Answered { status, .. } => format!("the server answered {status}"),
            Outcome::Failed(error) => error.clone(),
        };
        match outcome {
            ReportOutcome::Delivered => {
                let was_in_trouble = self.is_retrying || self.is_parked[endpoint as usize];
                self.is_retrying = false;
                self.is_dropping = false;
                self.spool_is_full = false;
                self.is_parked[endpoint as usize] = false;
                if was_in_trouble {
                    say(|| tracing::info!(%endpoint, "events are delivered again"));
                }
            }
            ReportOutcome::WillRetry if !std::mem::replace(&mut self.is_retrying, true) => {
                say(|| {
                    tracing::warn!(%endpoint, %cause, "events cannot be delivered now; they are kept and sent again");
                });
            }
            ReportOutcome::Parked if !std::mem::replace(&mut self.is_parked[endpoint as usize], true) => {
                say(|| {
                    tracing::error!(
                        %endpoint,
                        %cause,
                        "events wait: for 401 and 403, check the API key, its expiry and its scope `telemetry_apis`, \
                         and give a valid one to `set_api_key`; for a redirect, check the endpoint"
                    );
                });
            }
            ReportOutcome::Dropped(_) if !std::mem::replace(&mut self.is_dropping, true) => {
                say(|| {
                    tracing::error!(%endpoint, %cause, events, "events were refused for good and are dropped");
                });
            }
            ReportOutcome::WillRetry | ReportOutcome::Parked | ReportOutcome::Dropped(_) => {}
        }
    }

    /// Repeats what the server finds missing in accepted events, each once.
    pub(crate) fn warnings(&mut self, endpoint: Endpoint, warnings: &[String]) {
        for warning in warnings {
            if self.warned.len() < MOST_WARNINGS && self.warned.insert(warning.clone()) {
                say(|| tracing::warn!(%endpoint, %warning, "the server took events with a warning"));
            }
        }
    }

    /// Says that the queue refused events since it was looked at last.
    pub(crate) fn refused_for_space(&mut self, events: u64) {
        let is_full = events > 0;
        if is_full && !self.is_full {
            say(|| {
                tracing::warn!(
                    events,
                    "the queue is full: new events are refused and counted until there is room"
                );
            });
        }
        self.is_full = is_full;
    }

    /// Says what there is to say of the spool.
    pub(crate) fn spool(&mut self, notices: &Notices) {
        if let Some(error) = &notices.failure {
            say(|| {
                tracing::error!(
                    %error,
                    "the spool's disk fails: events are kept in memory meanwhile; see to its room and permissions"
                );
            });
        }
        if notices.has_recovered {
            say(|| tracing::info!("the spool's disk works again"));
        }
        if notices.adopted > 0 {
            let events = notices.adopted;
            say(|| tracing::info!(events, "events of an earlier process are delivered now"));
        }
        if notices.damaged > 0 {
            let events = notices.damaged;
            say(|| tracing::error!(events, "events of the spool are damaged and are dropped"));
        }
        if notices.expired > 0 {
            let events = notices.expired;
            say(|| tracing::warn!(events, "events of the spool are too old and are dropped"));
        }
        if let Some(left) = &notices.left {
            say(|| {
                tracing::warn!(
                    of_other_keys = left.of_other_keys,
                    newer = left.newer,
                    "directories of the spool wait: for a process with the API key that they were written for, or with \
                     a later version of thrivestack"
                );
            });
        }
        if notices.overflowed > 0 && !std::mem::replace(&mut self.spool_is_full, true) {
            let events = notices.overflowed;
            say(|| {
                tracing::warn!(
                    events,
                    "the spool is full: new events are refused and counted until there is room"
                );
            });
        }
    }

    /// Says that the host's hook panicked, once: a host that reports messages as events would never come to an end.
    pub(crate) fn hook_panicked(&mut self) {
        if !std::mem::replace(&mut self.hook_panicked, true) {
            say(|| tracing::error!("`on_report` panicked; it is called again for the next request"));
        }
    }

    /// Says that the key's file cannot be used.
    pub(crate) fn key_file(&mut self, error: &Error) {
        if !std::mem::replace(&mut self.key_file_is_unreadable, true) {
            say(|| tracing::error!(%error, "the API key could not be read again"));
        }
    }
}
