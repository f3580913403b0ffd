//! The page call.

use super::Builder;
use crate::client::Client;
use crate::wire::Opening;

/// A user or an anonymous session saw a page: made by [`page`](fn@crate::page), sent by [`send`](Self::send).
///
/// It needs a user's or a session's id. With both, the session goes into the context. ThriveStack's newest pages send
/// the event `page_visit` instead; both are taken.
#[must_use = "a call does nothing until it is sent"]
pub struct PageCall(pub(crate) Builder);

impl PageCall {
    pub(crate) fn new(client: Option<&Client>, page_name: &str) -> Self {
        Self(Builder::new(client, Opening::Page(page_name)))
    }
}

call_methods!(PageCall, "property");
