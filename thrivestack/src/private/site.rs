//! The values of an event as an expansion hands them over.

use crate::calls::{GroupCall, IdentifyCall, TrackCall};
use crate::client::Client;
use crate::global;
use crate::pool::Lease;
use crate::wire::{Draft, Id, Opening};
pub use crate::wire::{Json, Value as Arg};

/// What is known of an annotated function or a `track!` at compile time.
#[derive(Debug)]
pub struct Site {
    /// How the event begins.
    pub head: Head,
    /// The fields whose values [`begin`] takes, in the order of its arguments.
    pub before: &'static [Field],
    /// The fields whose values [`finish`] takes, in the order of its arguments.
    pub after: &'static [Field],
}

/// What is known of an event before its values are.
#[derive(Debug)]
pub enum Head {
    /// The JSON of it.
    Json {
        /// `{"event_name":"invite_sent","properties":` and the properties whose values are literals, `,"plan":"pro"`.
        json: &'static str,
        /// Where the properties begin.
        properties_start: usize,
    },
    /// The name is the value of a constant.
    Named {
        /// The name.
        name: &'static str,
        /// The properties whose values are literals.
        properties: &'static str,
    },
}

/// Where one value goes: the letter of its `Slot` and, where the slot has no key of its own, the key in JSON with its
/// comma and colon, `p,"invitee_email":`. Text, because it compiles quicker than a struct.
pub type Field = &'static str;

/// The parts of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    UserId,
    GroupId,
    SessionId,
    DeviceId,
    Source,
    Timestamp,
    GroupType,
    /// A property of a track or page call, a trait of an identify or group call.
    Property {
        /// Whether EU compliance strips the value.
        personal: bool,
    },
    Context,
}

impl Slot {
    /// The letters are those that the macros write.
    fn of(letter: u8) -> Option<Self> {
        Some(match letter {
            b'p' => Self::Property { personal: false },
            b'P' => Self::Property { personal: true },
            b'c' => Self::Context,
            b'u' => Self::UserId,
            b'g' => Self::GroupId,
            b's' => Self::SessionId,
            b'd' => Self::DeviceId,
            b'o' => Self::Source,
            b't' => Self::Timestamp,
            b'k' => Self::GroupType,
            _ => return None,
        })
    }
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
    let (opening, properties) = match site.head {
        Head::Json { json, properties_start } => (Opening::Ready { json, properties_start }, ""),
        Head::Named { name, properties } => (Opening::Track(name), properties),
    };
    let mut lease = Lease::take(opening, client);
    if let Some(draft) = lease.draft_mut() {
        draft.set_ready_properties(properties);
        fill_draft(draft, site.before, args);
    }
    Pending(lease)
}

/// Adds the values of `site.after` and sends the event.
pub fn finish(site: &'static Site, mut pending: Pending, args: &[Arg<'_>]) {
    let Some(draft) = pending.0.draft_mut() else { return };
    fill_draft(draft, site.after, args);
    finish_now(pending);
}

/// [`finish`] without values, if there is a success.
pub fn finish_if<T: ?Sized>(pending: Pending, success: Option<&T>) {
    if success.is_some() {
        finish_now(pending);
    }
}

/// Sends the event as it is, if it was begun.
pub fn finish_now(mut pending: Pending) {
    if let Some((draft, client)) = pending.0.parts() {
        // The refusal is counted.
        let _ = global::submit(client, Some(draft));
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
    if !fields.is_empty() {
        draft.guard(|draft| fields.iter().zip(args).for_each(|(field, arg)| fill_one(draft, field, arg)));
    }
}

#[inline]
fn fill_one(draft: &mut Draft, field: Field, arg: &Arg<'_>) {
    let Some((letter, json_key)) = field.as_bytes().split_first() else { return };
    let Some(slot) = Slot::of(*letter) else { return };
    let id = match slot {
        Slot::Property { personal } => {
            return match arg {
                Arg::Absent => {}
                Arg::Flatten { prefix, value } => draft.flatten(prefix, *value, personal),
                value => draft.add_ready_property(json_key, value, personal),
            };
        }
        Slot::Context => {
            return match arg {
                Arg::Absent => {}
                value => draft.set_ready_context(json_key, value),
            };
        }
        Slot::Timestamp => {
            if let Arg::Time(time) = arg {
                draft.set_timestamp(*time);
            }
            return;
        }
        Slot::UserId => Id::User,
        Slot::GroupId => Id::Group,
        Slot::GroupType => Id::GroupType,
        Slot::SessionId => Id::Session,
        Slot::DeviceId => Id::Device,
        Slot::Source => Id::Source,
    };
    draft.set_id(id, arg);
}
