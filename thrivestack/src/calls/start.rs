//! Starts a call: of the client of the process, or of another one.

use std::panic::Location;

use super::{Call, GroupCall, IdentifyCall, PageCall, TrackCall};
use crate::bounds::OwnId;
use crate::client::Client;
use crate::reasons::Rejected;
use crate::spool::Durable;

/// [`Client::track`] of the client of the process.
pub fn track(event_name: impl AsRef<str>) -> TrackCall {
    TrackCall::new(None, event_name.as_ref())
}

/// [`Client::identify`] of the client of the process.
pub fn identify(user_id: impl OwnId) -> IdentifyCall {
    IdentifyCall::new(None).user_id(user_id)
}

/// [`Client::group`] of the client of the process.
pub fn group(group_id: impl OwnId) -> GroupCall {
    GroupCall::new(None).group_id(group_id)
}

/// [`Client::page`] of the client of the process.
pub fn page(page_name: impl AsRef<str>) -> PageCall {
    PageCall::new(None, page_name.as_ref())
}

impl Client {
    /// Begins a track call: a user did something. Names are an object and a past-tense verb in snake_case.
    pub fn track(&self, event_name: impl AsRef<str>) -> TrackCall {
        TrackCall::new(Some(self), event_name.as_ref())
    }

    /// Begins an identify call: who a user is.
    pub fn identify(&self, user_id: impl OwnId) -> IdentifyCall {
        IdentifyCall::new(Some(self)).user_id(user_id)
    }

    /// Begins a group call: an account, an organization or a team was created.
    pub fn group(&self, group_id: impl OwnId) -> GroupCall {
        GroupCall::new(Some(self)).group_id(group_id)
    }

    /// Begins a page call: a user or an anonymous session saw a page.
    pub fn page(&self, page_name: impl AsRef<str>) -> PageCall {
        PageCall::new(Some(self), page_name.as_ref())
    }

    /// Sends a call with this client, whichever it was begun with. Never blocks and never panics; a refused call is
    /// counted.
    #[track_caller]
    pub fn send(&self, call: impl Into<Call>) {
        // The rejection is counted and logged; `try_send` returns it.
        let _ = self.try_send(call);
    }

    /// Like [`send`](Self::send), but says why a call was refused.
    ///
    /// # Errors
    ///
    /// The reason of the refusal. `Ok` means that the event is in the queue, not that it was delivered.
    #[track_caller]
    pub fn try_send(&self, call: impl Into<Call>) -> Result<(), Rejected> {
        call.into().send_with(Some(self), Location::caller())
    }

    /// Like [`try_send`](Self::try_send), but says when the event is on disk: see
    /// [`send_durable`](TrackCall::send_durable) of a builder.
    #[track_caller]
    pub fn send_durable(&self, call: impl Into<Call>) -> Durable {
        call.into().send_durable_with(Some(self), Location::caller())
    }
}
