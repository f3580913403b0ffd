//! The values of an event as an expansion hands them over.

use std::fmt::{Debug, Display};
use std::time::SystemTime;

use crate::calls::{GroupCall, IdentifyCall, TrackCall};
use crate::client::Client;
use crate::global;
use crate::pool::Lease;
pub use crate::wire::Json;
use crate::wire::{Draft, Endpoint, Id, Value};

/// What is known of an annotated function or a `track!` at compile time.
#[derive(Debug)]
pub struct Site {
    /// The event's name.
    pub name: &'static str,
    /// The fields whose values [`begin`] takes, in the order of its arguments.
    pub before: &'static [Field],
    /// The fields whose values [`finish`] takes, in the order of its arguments.
    pub after: &'static [Field],
}

/// Where one value goes.
#[derive(Debug)]
pub struct Field {
    /// The part of the event that the value goes into.
    pub slot: Slot,
    /// The key in JSON with its colon, `"invitee_email":`; empty where the slot has a key of its own.
    pub json_key: &'static str,
    /// Whether EU compliance strips the value.
    pub personal: bool,
}

/// The parts of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are named after the keys of the event")]
pub enum Slot {
    UserId,
    GroupId,
    SessionId,
    DeviceId,
    Source,
    Timestamp,
    GroupType,
    /// A property of a track or page call, a trait of an identify or group call.
    Property,
    Context,
}

/// One value, borrowed until it is written.
#[derive(Clone, Copy)]
pub enum Arg<'a> {
    /// Nothing: the key is left out.
    Absent,
    /// JSON that the macro wrote.
    Raw(&'static str),
    /// A value that serde serializes.
    Json(&'a dyn Json),
    /// A value that is sent as the text of its `Display`.
    Display(&'a dyn Display),
    /// A value that is sent as the text of its `Debug`.
    Debug(&'a dyn Debug),
    /// An id, or a missing one.
    Id(Option<&'a dyn Display>),
    /// The time of the event.
    Time(SystemTime),
    /// Every entry of a map or struct, each key with the prefix before it.
    Flatten {
        /// What is put before each key.
        prefix: &'static str,
        /// What serializes as a map or struct.
        value: &'a dyn Json,
    },
}

/// An event between its begin and its end, on the caller's stack or in its future. Dropped, it leaves nothing behind.
pub struct Pending(Lease);

impl Pending {
    /// The event of a call that nobody listens to.
    #[inline]
    #[must_use]
    pub const fn idle() -> Self {
        Self(Lease::none())
    }

    /// Whether [`finish`] will send something.
    #[inline]
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.0.is_live()
    }
}

/// Whether the client of the process takes events: all that an annotated function costs before `init`.
#[inline]
#[must_use]
pub fn enabled() -> bool {
    global::is_enabled()
}

/// Whether this client takes events.
#[must_use]
pub fn client_enabled(client: &Client) -> bool {
    client.is_enabled()
}

/// Begins an event of the client of the process with the values of `site.before`.
#[must_use]
pub fn begin(site: &'static Site, args: &[Arg<'_>]) -> Pending {
    begin_for(None, site, args)
}

/// [`begin`] for another client.
#[must_use]
pub fn begin_on(client: &Client, site: &'static Site, args: &[Arg<'_>]) -> Pending {
    begin_for(Some(client), site, args)
}

fn begin_for(client: Option<&Client>, site: &'static Site, args: &[Arg<'_>]) -> Pending {
    let mut lease = Lease::take(Endpoint::Track, client);
    if let Some(draft) = lease.draft_mut() {
        draft.set_text_id(Id::Name, site.name);
        fill_draft(draft, site.before, args);
    }
    Pending(lease)
}

/// Adds the values of `site.after` and sends the event.
pub fn finish(site: &'static Site, mut pending: Pending, args: &[Arg<'_>]) {
    let Some(draft) = pending.0.draft_mut() else { return };
    fill_draft(draft, site.after, args);
    finish_now(&pending);
}

/// [`finish`] without values, if there is a success.
pub fn finish_if<T: ?Sized>(pending: &Pending, success: Option<&T>) {
    if success.is_some() {
        finish_now(pending);
    }
}

/// Sends the event as it is, if it was begun.
pub fn finish_now(pending: &Pending) {
    // The refusal is counted.
    if pending.is_live() {
        let _ = global::submit(pending.0.client(), pending.0.draft());
    }
}

/// A builder that a derive fills.
pub trait Fill {
    /// Whether anyone could send it; otherwise no value needs to be looked at.
    fn is_live(&self) -> bool;
    /// Sets the fields to the values at their places.
    fn fill(&mut self, fields: &'static [Field], args: &[Arg<'_>]);
}

macro_rules! fill {
    ($($call:ty),*) => {$(
        impl Fill for $call {
            fn is_live(&self) -> bool {
                self.0.is_live()
            }

            fn fill(&mut self, fields: &'static [Field], args: &[Arg<'_>]) {
                if let Some(draft) = self.0.draft_mut() {
                    fill_draft(draft, fields, args);
                }
            }
        }
    )*};
}

fill!(TrackCall, IdentifyCall, GroupCall);

/// A track call for a derive to fill.
pub fn track_call(event_name: &str) -> TrackCall {
    TrackCall::new(None, event_name)
}

/// An identify call for a derive to fill.
pub fn identify_call() -> IdentifyCall {
    IdentifyCall::new(None)
}

/// A group call for a derive to fill.
pub fn group_call() -> GroupCall {
    GroupCall::new(None)
}

fn fill_draft(draft: &mut Draft, fields: &'static [Field], args: &[Arg<'_>]) {
    for (field, arg) in fields.iter().zip(args) {
        let id = match field.slot {
            Slot::UserId => Id::User,
            Slot::GroupId => Id::Group,
            Slot::GroupType => Id::GroupType,
            Slot::SessionId => Id::Session,
            Slot::DeviceId => Id::Device,
            Slot::Source => Id::Source,
            Slot::Timestamp => {
                if let Arg::Time(time) = arg {
                    draft.set_timestamp(*time);
                }
                continue;
            }
            Slot::Property => {
                if let Arg::Flatten { prefix, value } = arg {
                    draft.flatten(prefix, *value, field.personal);
                } else if let Some(value) = arg.value() {
                    draft.set_ready_property(field.json_key, value, field.personal);
                }
                continue;
            }
            Slot::Context => {
                if let Some(value) = arg.value() {
                    draft.set_ready_context(field.json_key, value, field.personal);
                }
                continue;
            }
        };
        match arg.value() {
            Some(Value::Display(text)) => draft.set_id(id, Some(format_args!("{text}"))),
            Some(Value::Debug(text)) => draft.set_id(id, Some(format_args!("{text:?}"))),
            _ => draft.set_id(id, None),
        }
    }
}

impl<'a> Arg<'a> {
    fn value(&self) -> Option<Value<'a>> {
        match *self {
            Self::Raw(json) => Some(Value::Raw(json)),
            Self::Json(value) => Some(Value::Json(value)),
            Self::Display(text) | Self::Id(Some(text)) => Some(Value::Display(text)),
            Self::Debug(text) => Some(Value::Debug(text)),
            Self::Absent | Self::Id(None) | Self::Time(_) | Self::Flatten { .. } => None,
        }
    }
}
