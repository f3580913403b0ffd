//! The group call.

use super::Builder;
use crate::bounds::Identifier;
use crate::client::Client;
use crate::wire::{Id, Opening, Value};

/// An account, an organization or a team was created: made by [`group`](fn@crate::group), sent by
/// [`send`](Self::send).
///
/// It needs the group's id, its type, and the id of the user who acts. ThriveStack wants it when the entity is created and
/// again on every login, between `identify` and `signed_in`: never when a user switches workspace or accepts an invitation.
#[must_use = "a call does nothing until it is sent"]
pub struct GroupCall(pub(crate) Builder);

impl GroupCall {
    pub(crate) fn new(client: Option<&Client>) -> Self {
        Self(Builder::new(client, Opening::Group))
    }

    /// Sets the group's type: `Account` for the one that is billed, `Organization`, `Tenant`, `Workspace`, `Team`
    /// or `BU` by ThriveStack's documentation, or a type of your own. It goes into the traits and the context.
    pub fn group_type(self, group_type: impl Identifier) -> Self {
        self.id(Id::GroupType, &Value::Display(&group_type))
    }
}

call_methods!(GroupCall, "trait");
