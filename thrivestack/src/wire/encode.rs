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
    let endpoint = draft.endpoint;
    let id = |id| draft.id(id).or_else(|| ambient?.id(id));
    let user = id(Id::User);
    let session = id(Id::Session);
    let group = id(Id::Group);
    let group_type = draft.id(Id::GroupType);
    match endpoint {
        Endpoint::Page if user.is_none() && session.is_none() => return Err(Rejected::NoUserOrSession),
        Endpoint::Page => {}
        _ if user.is_none() => return Err(Rejected::NoUserId),
        Endpoint::Group if group.is_none() => return Err(Rejected::NoGroupId),
        Endpoint::Group if group_type.is_none() => return Err(Rejected::NoGroupType),
        _ => {}
    }

    let start = out.len();
    let mut event = Object::begin(out);
    if endpoint == Endpoint::Track {
        event.entry(b"\"event_name\"", draft.id(Id::Name).unwrap_or(b"\"\""));
    }
    if endpoint == Endpoint::Group {
        event.optional(b"\"group_id\"", group);
    }
    event.optional(b"\"user_id\"", user);
    // A page view has one of the two at the top, and the user is the better known.
    if user.is_none() {
        event.optional(b"\"session_id\"", session);
    }

    event.key(match endpoint {
        Endpoint::Identify | Endpoint::Group => b"\"traits\"",
        Endpoint::Track | Endpoint::Page => b"\"properties\"",
    });
    let mut properties = Object::begin(event.out);
    if endpoint == Endpoint::Group {
        properties.optional(b"\"group_type\"", group_type);
    }
    if endpoint == Endpoint::Page && !draft.properties.has(b"\"page_name\"") {
        properties.optional(b"\"page_name\"", draft.id(Id::Name));
    }
    properties.fields(&draft.properties, defaults.eu_compliance, &[]);
    properties.end();

    event.key(b"\"context\"");
    let mut context = Object::begin(event.out);
    context.optional(b"\"group_id\"", group);
    if endpoint == Endpoint::Group {
        context.optional(b"\"group_type\"", group_type);
    }
    context.optional(b"\"device_id\"", id(Id::Device));
    if user.is_some() {
        context.optional(b"\"session_id\"", session);
    }
    context.entry(b"\"source\"", draft.id(Id::Source).unwrap_or(defaults.source.as_bytes()));
    context.fields(&draft.context, defaults.eu_compliance, &[]);
    match ambient {
        None => context.fields(&defaults.context, defaults.eu_compliance, &[&draft.context]),
        Some(ambient) => {
            context.fields(&ambient.fields, defaults.eu_compliance, &[&draft.context]);
            context.fields(&defaults.context, defaults.eu_compliance, &[&draft.context, &ambient.fields]);
        }
    }
    if defaults.message_ids {
        context.key(b"\"message_id\"");
        stamp::write_message_id(context.out, now);
    }
    context.end();

    event.key(b"\"timestamp\"");
    stamp::write_timestamp(event.out, draft.timestamp.unwrap_or(now));
    event.end();

    if out.len() - start > MAX_EVENT_BYTES { Err(Rejected::TooLarge) } else { Ok(()) }
}

/// A JSON object that is being written, and the commas between its entries.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    fn comma(&mut self) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
    }

    fn key(&mut self, key: &[u8]) {
        self.comma();
        self.out.extend_from_slice(key);
        self.out.push(b':');
    }

    fn entry(&mut self, key: &[u8], value: &[u8]) {
        self.key(key);
        self.out.extend_from_slice(value);
    }

    fn optional(&mut self, key: &[u8], value: Option<&[u8]>) {
        if let Some(value) = value {
            self.entry(key, value);
        }
    }

    /// Writes the fields that count and whose key is in none of `stronger`.
    fn fields(&mut self, fields: &Fields, eu_compliance: bool, stronger: &[&Fields]) {
        fields.for_each(|field| {
            let name = &field.key[1..field.key.len() - 1];
            let stripped = eu_compliance && (field.personal || is_personal(name));
            let overridden = stronger.iter().any(|stronger| stronger.has(field.key));
            if !stripped && !overridden {
                self.comma();
                self.out.extend_from_slice(field.text);
            }
        });
    }

    fn end(self) {
        self.out.push(b'}');
    }
}
