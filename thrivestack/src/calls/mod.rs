//! The four calls as builders.

#[macro_use]
mod methods;
mod group;
mod identify;
mod page;
mod start;
mod track;
mod traits;

pub use group::GroupCall;
pub use identify::IdentifyCall;
pub use page::PageCall;
pub use start::{group, identify, page, track};
pub use track::TrackCall;
pub use traits::{Event, Group, Identify};

use std::panic::Location;

use crate::client::Client;
use crate::dispatch::{self, Lease};
use crate::reasons::Rejected;
use crate::spool::Durable;
use crate::wire::{Draft, Opening};

/// Any of the four calls, as [`Client::send`] takes it.
#[must_use = "a call does nothing until it is sent"]
pub struct Call(Builder);

/// What the four builders have in common: a draft, and the client that was named for it.
pub(crate) struct Builder {
    /// `None`: the client of the process, whichever that is when the call is sent.
    client: Option<Client>,
    lease: Lease,
}

impl Builder {
    /// Serializes nothing later on if nobody could send it.
    fn new(client: Option<&Client>, opening: Opening<'_>) -> Self {
        let is_live = client.map_or_else(dispatch::may_find_taker, Client::is_enabled);
        let mut lease = if is_live { Lease::take(None) } else { Lease::none() };
        if let Some(draft) = lease.draft_mut() {
            draft.open(opening);
        }
        Self { client: client.cloned(), lease }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.lease.is_live()
    }

    pub(crate) fn edit(mut self, edit: impl FnOnce(&mut Draft)) -> Self {
        if let Some(draft) = self.lease.draft_mut() {
            edit(draft);
        }
        self
    }

    pub(crate) fn draft_mut(&mut self) -> Option<&mut Draft> {
        self.lease.draft_mut()
    }

    fn send_with(
        mut self,
        client: Option<&Client>,
        caller: &'static Location<'static>,
    ) -> Result<(), Rejected> {
        dispatch::submit(client.or(self.client.as_ref()), self.lease.draft_mut(), caller)
    }

    fn send_durable_with(mut self, client: Option<&Client>, caller: &'static Location<'static>) -> Durable {
        dispatch::submit_durable(client.or(self.client.as_ref()), self.lease.draft_mut(), caller)
    }
}

impl Call {
    pub(crate) fn send_with(
        self,
        client: Option<&Client>,
        caller: &'static Location<'static>,
    ) -> Result<(), Rejected> {
        self.0.send_with(client, caller)
    }

    pub(crate) fn send_durable_with(
        self,
        client: Option<&Client>,
        caller: &'static Location<'static>,
    ) -> Durable {
        self.0.send_durable_with(client, caller)
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}
