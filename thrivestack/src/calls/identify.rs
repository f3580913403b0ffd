//! The identify call.

use super::Builder;
use crate::client::Client;
use crate::wire::Opening;

/// Who a user is: made by [`identify`](fn@crate::identify), sent by [`send`](Self::send). It needs the user's id.
#[must_use = "a call does nothing until it is sent"]
pub struct IdentifyCall(pub(crate) Builder);

impl IdentifyCall {
    pub(crate) fn new(client: Option<&Client>) -> Self {
        Self(Builder::new(client, Opening::Identify))
    }
}

call_methods!(IdentifyCall, "trait");
