//! The track call.

use super::Builder;
use crate::client::Client;
use crate::wire::Opening;

/// A user did something: made by [`track`](fn@crate::track), sent by [`send`](Self::send).
///
/// It needs a user's id; ThriveStack wants the group's too, on every event but a `signed_up` without an account.
#[must_use = "a call does nothing until it is sent"]
pub struct TrackCall(pub(crate) Builder);

impl TrackCall {
    pub(crate) fn new(client: Option<&Client>, event_name: &str) -> Self {
        Self(Builder::new(client, Opening::Track(event_name)))
    }
}

call_methods!(TrackCall, "property");
