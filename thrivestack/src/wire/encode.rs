//! From a draft to the JSON object that ThriveStack documents.

use super::ambient::Ambient;
use super::draft::Draft;
use super::endpoint::Endpoint;
use super::fields::Fields;
use super::ids::Id;
use super::json;
use super::stamp::Millis;
use crate::reasons::Rejected;

/// The most objects of one request, by ThriveStack's documentation.
pub(crate) const MAX_REQUEST_EVENTS: usize = 1_000;
/// The most bytes of one request's body: the documentation's "2 MB", read as the smaller of its two meanings.
pub(crate) const MAX_REQUEST_BYTES: usize = 2_000_000;
/// An event shares its request's body with a pair of brackets at least.
pub(crate) const MAX_EVENT_BYTES: usize = MAX_REQUEST_BYTES - 2;
/// What stands before the context.
const CONTEXT: &[u8] = b",\"context\":";
/// What stands before an id.
const USER_ID: &[u8; 12] = b",\"user_id\":\"";
const GROUP_ID: &[u8; 13] = b",\"group_id\":\"";
const GROUP_TYPE: &[u8; 15] = b",\"group_type\":\"";
const SESSION_ID: &[u8; 15] = b",\"session_id\":\"";
const SOURCE: &[u8; 11] = b",\"source\":\"";

/// What the configuration says of every event.
pub(crate) struct Defaults {
    /// The rest of a JSON string after its first quote, `product"`.
    source: Vec<u8>,
    context: Fields,
    /// The beginning of a context that has nothing else: `,"context":{"source":"product","version":"1.2"`.
    ready: Vec<u8>,
    pub(crate) eu_compliance: bool,
    message_ids: bool,
}

impl Defaults {
    pub(crate) fn new(source: &str, context: Fields, eu_compliance: bool, message_ids: bool) -> Self {
        let mut text = Vec::new();
        json::write_escaped(&mut text, source);
        text.push(b'"');
        let mut defaults =
            Self { source: text, context, ready: CONTEXT.to_vec(), eu_compliance, message_ids };
        let is_stripped = defaults.is_stripped();
        append(&mut defaults.ready, SOURCE, &defaults.source);
        open(&mut defaults.ready, CONTEXT.len());
        defaults.context.write_into(&mut defaults.ready, &[], is_stripped);
        defaults
    }

    /// What EU compliance strips by its key, if it is on.
    fn is_stripped(&self) -> Option<fn(&[u8]) -> bool> {
        if self.eu_compliance { Some(is_personal) } else { None }
    }
}

impl Default for Defaults {
    fn default() -> Self {
        Self::new("", Fields::default(), false, false)
    }
}

/// Whether EU compliance strips a property, trait or context key of this name: ThriveStack's documentation names the
/// e-mail address and the name of a user.
pub(crate) fn is_personal(key: &[u8]) -> bool {
    matches!(key, b"user_email" | b"user_name")
}

/// Ends the event, or says why it is refused. `now` is the time of an event that has none of its own.
///
/// What the draft says is stronger than the scope it is sent in, and that is stronger than the defaults.
#[inline(always)]
pub(crate) fn encode(
    draft: &mut Draft,
    ambient: Option<&Ambient>,
    defaults: &Defaults,
    now: Millis,
) -> Result<(), Rejected> {
    if draft.is_usual() && ambient.is_none() && !defaults.eu_compliance {
        write_usual(draft, defaults)?;
    } else {
        write_any(draft, ambient, defaults)?;
    }
    let time = draft.timestamp.unwrap_or(now);
    let out = draft.properties.bytes_mut();
    draft.stamp.write(out, defaults.message_ids.then_some(now), time);
    if out.len() > MAX_EVENT_BYTES { Err(Rejected::TooLarge) } else { Ok(()) }
}

/// Writes what [`write_any`] does for an event that has nothing to decide, as most have.
#[inline(always)]
fn write_usual(draft: &mut Draft, defaults: &Defaults) -> Result<(), Rejected> {
    let out = draft.properties.bytes_mut();
    open(out, draft.properties_start);
    append(out, b"},\"user_id\":\"", draft.ids.get(Id::User).ok_or(Rejected::NoUserId)?);
    out.extend_from_slice(&defaults.ready);
    if let Some(group) = draft.ids.get(Id::Group) {
        append(out, GROUP_ID, group);
    }
    Ok(())
}

/// Writes everything but the stamp.
#[inline(never)]
fn write_any(draft: &mut Draft, ambient: Option<&Ambient>, defaults: &Defaults) -> Result<(), Rejected> {
    if let Some(refusal) = draft.refusal() {
        return Err(refusal);
    }
    let Draft { endpoint, properties, properties_start, context, ids, .. } = draft;
    let id = |id| ids.get(id).or_else(|| ambient?.id(id));
    let is_stripped = defaults.is_stripped();
    let has_page_name = *endpoint == Endpoint::Page && properties.has(b"page_name");

    // Entries bring the comma before them; that of an object's first one becomes its brace.
    let out = properties.settle(is_stripped);
    match endpoint {
        Endpoint::Track | Endpoint::Identify => {
            close(out, *properties_start);
            append(out, USER_ID, id(Id::User).ok_or(Rejected::NoUserId)?);
        }
        Endpoint::Group => {
            let user = id(Id::User).ok_or(Rejected::NoUserId)?;
            let group = id(Id::Group).ok_or(Rejected::NoGroupId)?;
            append(out, GROUP_TYPE, ids.get(Id::GroupType).ok_or(Rejected::NoGroupType)?);
            close(out, *properties_start);
            append(out, GROUP_ID, group);
            append(out, USER_ID, user);
        }
        Endpoint::Page => {
            if let Some(name) = ids.get(Id::Page).filter(|_| !has_page_name) {
                append(out, b",\"page_name\":\"", name);
            }
            close(out, *properties_start);
            // A page view has one of the two at the top, and the user is the better known.
            match id(Id::User) {
                Some(user) => append(out, USER_ID, user),
                None => append(out, SESSION_ID, id(Id::Session).ok_or(Rejected::NoUserOrSession)?),
            }
        }
    }

    let source = ids.get(Id::Source);
    let ambient_fields = ambient.map(|ambient| &ambient.fields).filter(|fields| !fields.is_empty());
    if source.is_none() && context.is_empty() && ambient_fields.is_none() {
        out.extend_from_slice(&defaults.ready);
    } else {
        out.extend_from_slice(CONTEXT);
        let start = out.len();
        append(out, SOURCE, source.unwrap_or(&defaults.source));
        open(out, start);
        context.write_into(out, &[], is_stripped);
        match ambient_fields {
            None => defaults.context.write_into(out, &[context], is_stripped),
            Some(ambient) => {
                ambient.write_into(out, &[context], is_stripped);
                defaults.context.write_into(out, &[context, ambient], is_stripped);
            }
        }
    }
    if let Some(group) = id(Id::Group) {
        append(out, GROUP_ID, group);
    }
    if *endpoint == Endpoint::Group
        && let Some(group_type) = ids.get(Id::GroupType)
    {
        append(out, GROUP_TYPE, group_type);
    }
    if let Some(device) = id(Id::Device) {
        append(out, b",\"device_id\":\"", device);
    }
    if let Some(session) = id(Id::Session)
        && (*endpoint != Endpoint::Page || id(Id::User).is_some())
    {
        append(out, SESSION_ID, session);
    }
    Ok(())
}

/// Appends an entry with an id, of which the opening is as far as its first quote.
#[inline(always)]
fn append<const N: usize>(out: &mut Vec<u8>, opening: &[u8; N], id: &[u8]) {
    out.extend_from_slice(opening);
    out.extend_from_slice(id);
}

/// Makes the comma of an object's first entry, which begins at `start`, its brace.
#[inline]
fn open(out: &mut Vec<u8>, start: usize) {
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
}

/// Makes an object of the entries that begin at `start`.
fn close(out: &mut Vec<u8>, start: usize) {
    open(out, start);
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::draft::Opening;
    use super::super::value::Value;
    use super::*;

    proptest! {
        #[test]
        fn the_short_way_and_the_long_one_write_the_same(
            is_track: bool,
            user in "[a-z]{0,3}",
            group in prop::option::of("[a-z\"]{0,3}"),
            properties in prop::collection::vec(any::<Option<u8>>(), 0..4),
            version in prop::option::of("[a-z]{1,3}"),
        ) {
            let draft = || {
                let mut draft = Draft::new();
                draft.open(if is_track { Opening::Track("sent") } else { Opening::Identify });
                draft.set_id(Id::User, &Value::Text(&user));
                draft.set_id(Id::Group, &group.as_ref().map_or(Value::Absent, |group| Value::Text(group)));
                for property in &properties {
                    draft.write_ready_property(b",\"key\":", &Value::Json(property));
                }
                draft
            };
            let mut context = Fields::default();
            if let Some(version) = &version {
                context.set("version", &Value::Text(version), false).unwrap();
            }
            let defaults = Defaults::new("product", context, false, true);
            let (mut short, mut long) = (draft(), draft());
            prop_assert!(short.is_usual());
            prop_assert_eq!(write_usual(&mut short, &defaults), write_any(&mut long, None, &defaults));
            if !user.is_empty() {
                prop_assert_eq!(short.bytes(), long.bytes());
            }
        }
    }
}
