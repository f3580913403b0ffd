//! From a draft to the JSON object that ThriveStack documents.

use std::time::SystemTime;

use super::ambient::Ambient;
use super::draft::{Draft, Id};
use super::endpoint::Endpoint;
use super::fields::Fields;
use super::stamp;
use crate::reasons::Rejected;

/// The most objects of one request, by ThriveStack's documentation.
pub(crate) const MAX_REQUEST_EVENTS: usize = 1_000;
/// The most bytes of one request's body: the documentation's "2 MB", read as the smaller of its two meanings.
pub(crate) const MAX_REQUEST_BYTES: usize = 2_000_000;
/// An event shares its request's body with a pair of brackets at least.
pub(crate) const MAX_EVENT_BYTES: usize = MAX_REQUEST_BYTES - 2;
/// About what an event has besides its ids, properties and context.
const FRAME_BYTES: usize = 256;

/// What the configuration says of every event.
#[derive(Default)]
pub(crate) struct Defaults {
    /// As a JSON string.
    pub(crate) source: String,
    pub(crate) context: Fields,
    pub(crate) eu_compliance: bool,
    pub(crate) message_ids: bool,
}

/// Whether EU compliance strips a property, trait or context key of this name: ThriveStack's documentation names the
/// e-mail address and the name of a user.
pub(crate) fn is_personal(key: &[u8]) -> bool {
    matches!(key, b"user_email" | b"user_name")
}

/// Appends the event to `out`, or says why it is refused. `now` is the time of an event that has none of its own.
///
/// What the draft says is stronger than the scope it is sent in, and that is stronger than the defaults.
pub(crate) fn encode(
    draft: &Draft,
    ambient: Option<&Ambient>,
    defaults: &Defaults,
    now: SystemTime,
    out: &mut Vec<u8>,
) -> Result<(), Rejected> {
    if let Some(refusal) = draft.refusal() {
        return Err(refusal);
    }
    let start = out.len();
    out.reserve(FRAME_BYTES + draft.len());
    let id = |id| draft.id(id).or_else(|| ambient?.id(id));
    let (user, group, session) = (id(Id::User), id(Id::Group), id(Id::Session));
    let group_type = draft.id(Id::GroupType);

    // Entries bring the comma before them; that of an object's first one becomes its brace.
    match draft.endpoint {
        Endpoint::Track => {
            entry(out, b"{\"event_name\":", draft.id(Id::Name).unwrap_or(b"\"\""));
            entry(out, b",\"user_id\":", user.ok_or(Rejected::NoUserId)?);
        }
        Endpoint::Identify => entry(out, b"{\"user_id\":", user.ok_or(Rejected::NoUserId)?),
        Endpoint::Group => {
            let user = user.ok_or(Rejected::NoUserId)?;
            entry(out, b"{\"group_id\":", group.ok_or(Rejected::NoGroupId)?);
            entry(out, b",\"user_id\":", user);
            group_type.ok_or(Rejected::NoGroupType)?;
        }
        // A page view has one of the two at the top, and the user is the better known.
        Endpoint::Page => match (user, session) {
            (Some(user), _) => entry(out, b"{\"user_id\":", user),
            (None, Some(session)) => entry(out, b"{\"session_id\":", session),
            (None, None) => return Err(Rejected::NoUserOrSession),
        },
    }

    let is_stripped: Option<fn(&[u8]) -> bool> =
        if defaults.eu_compliance { Some(is_personal) } else { None };
    out.extend_from_slice(match draft.endpoint {
        Endpoint::Identify | Endpoint::Group => b",\"traits\":",
        Endpoint::Track | Endpoint::Page => b",\"properties\":",
    });
    let properties = out.len();
    if draft.endpoint == Endpoint::Group {
        optional(out, b",\"group_type\":", group_type);
    }
    if draft.endpoint == Endpoint::Page && !draft.properties.has(b"page_name") {
        optional(out, b",\"page_name\":", draft.id(Id::Name));
    }
    draft.properties.write_into(out, &[], is_stripped);
    close(out, properties);

    out.extend_from_slice(b",\"context\":");
    let context = out.len();
    optional(out, b",\"group_id\":", group);
    if draft.endpoint == Endpoint::Group {
        optional(out, b",\"group_type\":", group_type);
    }
    optional(out, b",\"device_id\":", id(Id::Device));
    if user.is_some() {
        optional(out, b",\"session_id\":", session);
    }
    entry(out, b",\"source\":", draft.id(Id::Source).unwrap_or(defaults.source.as_bytes()));
    draft.context.write_into(out, &[], is_stripped);
    match ambient {
        None => defaults.context.write_into(out, &[&draft.context], is_stripped),
        Some(ambient) => {
            ambient.fields.write_into(out, &[&draft.context], is_stripped);
            defaults.context.write_into(out, &[&draft.context, &ambient.fields], is_stripped);
        }
    }
    if defaults.message_ids {
        out.extend_from_slice(b",\"message_id\":");
        stamp::write_message_id(out, now);
    }
    close(out, context);

    out.extend_from_slice(b",\"timestamp\":");
    stamp::write_timestamp(out, draft.timestamp.unwrap_or(now));
    out.push(b'}');

    if out.len() - start > MAX_EVENT_BYTES { Err(Rejected::TooLarge) } else { Ok(()) }
}

fn entry(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    out.extend_from_slice(key);
    out.extend_from_slice(value);
}

fn optional(out: &mut Vec<u8>, key: &[u8], value: Option<&[u8]>) {
    if let Some(value) = value {
        entry(out, key, value);
    }
}

/// Makes an object of the entries that begin at `start`.
fn close(out: &mut Vec<u8>, start: usize) {
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
}
