//! The values of an event as an expansion hands them over.

use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

use crate::calls::{GroupCall, IdentifyCall, TrackCall};
use crate::client::Client;
use crate::dispatch::{self, Lease};
use crate::wire::{Draft, Id, Opening};
pub use crate::wire::{Json, Text, Value as Arg};

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
        /// `,"event_name":"invite_sent","properties":` and the properties whose values are literals, `,"plan":"pro"`.
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

impl Head {
    #[inline(always)]
    fn open(&self, draft: &mut Draft) {
        match *self {
            Self::Json { json, properties_start } => draft.open_ready(json, properties_start),
            Self::Named { name, properties } => {
                draft.open(Opening::Track(name));
                draft.set_ready_properties(properties);
            }
        }
    }
}

/// Where one value goes. Text, because it compiles quicker than a struct.
///
/// A property is its key in JSON with its comma and colon, `,"invitee_id":`, if nothing else of the event has that key.
/// Everything else is a letter and, where that place has no key of its own, the key:
/// - `p` a property or trait that another value may override,
/// - `P` one that is marked `personal`,
/// - `u` user, `g` group, `k` group type, `s` session, `d` device, `o` source, `t` timestamp, `c` context.
pub type Field = &'static str;

/// An event between its begin and its end, on the caller's stack or in its future. Dropped, it leaves nothing behind.
pub struct Pending(Lease);

// Nothing of it is looked at after a panic: it is dropped, and its draft starts anew. So a future keeps these traits.
impl UnwindSafe for Pending {}
impl RefUnwindSafe for Pending {}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("is_live", &self.is_live()).finish()
    }
}

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
    dispatch::is_enabled()
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
    let mut lease = Lease::take(client);
    if let Some(draft) = lease.draft_mut() {
        let is_begun = draft.guard(|draft| {
            let (mut fields, mut args) = (site.before, args);
            // The ids come first as a rule.
            if let (["u", others @ ..], [user, other_args @ ..]) = (fields, args) {
                draft.begin_with_user(user);
                (fields, args) = (others, other_args);
            }
            site.head.open(draft);
            if let (["g", others @ ..], [group, other_args @ ..]) = (fields, args) {
                draft.set_id(Id::Group, group);
                (fields, args) = (others, other_args);
            }
            fill_all(draft, fields, args);
        });
        if !is_begun {
            begin_anew(draft, &site.head);
        }
    }
    Pending(lease)
}

/// Has an event that is refused have its name at least.
#[cold]
fn begin_anew(draft: &mut Draft, head: &Head) {
    draft.forget_properties();
    head.open(draft);
}

/// Adds the values of `site.after` and sends the event.
#[track_caller]
pub fn finish(site: &'static Site, mut pending: Pending, args: &[Arg<'_>]) {
    let Some(draft) = pending.0.draft_mut() else { return };
    fill_draft(draft, site.after, args);
    finish_now(pending);
}

/// [`finish`] without values, if there is a success.
#[track_caller]
pub fn finish_if<T: ?Sized>(pending: Pending, success: Option<&T>) {
    if success.is_some() {
        finish_now(pending);
    }
}

/// Sends the event as it is, if it was begun.
#[track_caller]
pub fn finish_now(mut pending: Pending) {
    if let Some((draft, client)) = pending.0.parts() {
        // The rejection is counted and logged.
        let _ = dispatch::submit(client, Some(draft), Location::caller());
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
        draft.guard(|draft| fill_all(draft, fields, args));
    }
}

/// The user's code runs in it, unguarded.
#[inline(always)]
fn fill_all(draft: &mut Draft, fields: &'static [Field], args: &[Arg<'_>]) {
    for (field, arg) in fields.iter().zip(args) {
        match field.as_bytes() {
            // What most fields are, asked for first.
            json_key @ [b',', ..] => draft.write_ready_property(json_key, arg),
            [letter, json_key @ ..] => fill_another(draft, *letter, json_key, arg),
            [] => {}
        }
    }
}

#[inline(never)]
fn fill_another(draft: &mut Draft, letter: u8, json_key: &[u8], arg: &Arg<'_>) {
    match (letter, arg) {
        (b'p' | b'P' | b'c', Arg::Absent) => {}
        (b'p' | b'P', Arg::Flatten { prefix, value }) => draft.flatten(prefix, *value, letter == b'P'),
        (b'p' | b'P', arg) => draft.add_ready_property(json_key, arg, letter == b'P'),
        (b'c', arg) => draft.set_ready_context(json_key, arg),
        (b't', Arg::Time(time)) => draft.set_timestamp(*time),
        (b'u', arg) => draft.set_id(Id::User, arg),
        (b'g', arg) => draft.set_id(Id::Group, arg),
        (b's', arg) => draft.set_id(Id::Session, arg),
        (b'd', arg) => draft.set_id(Id::Device, arg),
        (b'o', arg) => draft.set_id(Id::Source, arg),
        (b'k', arg) => draft.set_id(Id::GroupType, arg),
        // No macro writes another letter.
        _ => {}
    }
}
