//! From a draft to the JSON object that ThriveStack documents.

use thrivestack_core::calls::MAX_REQUEST_BYTES;

use super::ambient::Ambient;
use super::compliance::write_compliant;
use super::draft::Draft;
use super::endpoint::Endpoint;
use super::fields::Fields;
use super::ids::Id;
use super::json;
use super::millis::Millis;
use crate::reasons::Rejected;

/// An event shares its request's body with a pair of brackets at least.
pub(crate) const MAX_EVENT_BYTES: usize = MAX_REQUEST_BYTES - 2;
/// What stands before the context.
const CONTEXT: &[u8] = b",\"context\":";
/// The end of an event whose stamp is missing.
const OPEN_ENDS: &[u8] = b"}}";

/// What the configuration says of every event.
pub(crate) struct Defaults {
    /// `,"source":"product"`.
    source: Vec<u8>,
    context: Fields,
    /// The beginning of a context that has nothing else: `,"context":{"source":"product","version":"1.2"`.
    ready: Vec<u8>,
    pub(crate) eu_compliance: bool,
    message_ids: bool,
}

impl Defaults {
    pub(crate) fn new(source: &str, context: Fields, eu_compliance: bool, message_ids: bool) -> Self {
        let mut entry = Id::Source.opening().to_vec();
        json::write_escaped(&mut entry, source);
        entry.push(b'"');
        let ready = [CONTEXT, &entry].concat();
        let mut defaults = Self { source: entry, context, ready, eu_compliance, message_ids };
        json::open_object(&mut defaults.ready, CONTEXT.len());
        defaults.context.write_into(&mut defaults.ready, &[]);
        defaults
    }
}

impl Default for Defaults {
    fn default() -> Self {
        Self::new("", Fields::default(), false, false)
    }
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
    let time = draft.more.timestamp.unwrap_or(now);
    let out = draft.properties.bytes_mut();
    draft.stamp.write(out, defaults.message_ids.then_some(now), time);
    if out.len() > MAX_EVENT_BYTES { Err(Rejected::TooLarge) } else { Ok(()) }
}

/// Writes what [`write_any`] does for an event that has nothing to decide, as most have.
#[inline(always)]
fn write_usual(draft: &mut Draft, defaults: &Defaults) -> Result<(), Rejected> {
    let begins_with_user = draft.begins_with_user();
    let out = draft.properties.bytes_mut();
    json::close_object(out, draft.properties_start);
    if !begins_with_user {
        out.extend_from_slice(draft.ids.get(Id::User).ok_or(Rejected::NoUserId)?);
    }
    out.extend_from_slice(&defaults.ready);
    if let Some(group) = draft.ids.get(Id::Group) {
        out.extend_from_slice(group);
    }
    Ok(())
}

/// Writes everything but the stamp.
#[inline(never)]
fn write_any(draft: &mut Draft, ambient: Option<&Ambient>, defaults: &Defaults) -> Result<(), Rejected> {
    if let Some(refusal) = draft.refusal() {
        return Err(refusal);
    }
    let begins_with_user = draft.begins_with_user();
    let Draft { endpoint, properties, properties_start, ids, more, .. } = draft;
    let context = &more.context;
    let id = |id| ids.get(id).or_else(|| ambient?.id(id));
    let has_page_name = *endpoint == Endpoint::Page && properties.has(b"page_name");

    // Entries bring the comma before them; that of an object's first one becomes its brace.
    let out = properties.settle(defaults.eu_compliance);
    match endpoint {
        Endpoint::Track | Endpoint::Identify => {
            json::close_object(out, *properties_start);
            if !begins_with_user {
                out.extend_from_slice(id(Id::User).ok_or(Rejected::NoUserId)?);
            }
        }
        Endpoint::Group => {
            let user = id(Id::User).ok_or(Rejected::NoUserId)?;
            let group = id(Id::Group).ok_or(Rejected::NoGroupId)?;
            out.extend_from_slice(ids.get(Id::GroupType).ok_or(Rejected::NoGroupType)?);
            json::close_object(out, *properties_start);
            out.extend_from_slice(group);
            out.extend_from_slice(user);
        }
        Endpoint::Page => {
            if let Some(name) = ids.get(Id::Page).filter(|_| !has_page_name) {
                out.extend_from_slice(name);
            }
            json::close_object(out, *properties_start);
            // A page view has one of the two at the top, and the user is the better known.
            let user_or_session = id(Id::User).or_else(|| id(Id::Session));
            out.extend_from_slice(user_or_session.ok_or(Rejected::NoUserOrSession)?);
        }
    }

    let source = ids.get(Id::Source);
    let ambient_fields = ambient.map(|ambient| &ambient.fields).filter(|fields| !fields.is_empty());
    if source.is_none() && context.is_empty() && ambient_fields.is_none() {
        out.extend_from_slice(&defaults.ready);
    } else {
        out.extend_from_slice(CONTEXT);
        let start = out.len();
        out.extend_from_slice(source.unwrap_or(&defaults.source));
        json::open_object(out, start);
        context.write_into(out, &[]);
        match ambient_fields {
            None => defaults.context.write_into(out, &[context]),
            Some(ambient) => {
                ambient.write_into(out, &[context]);
                defaults.context.write_into(out, &[context, ambient]);
            }
        }
    }
    let session = id(Id::Session).filter(|_| *endpoint != Endpoint::Page || id(Id::User).is_some());
    let group_type = ids.get(Id::GroupType).filter(|_| *endpoint == Endpoint::Group);
    for entry in [id(Id::Group), group_type, id(Id::Device), session].into_iter().flatten() {
        out.extend_from_slice(entry);
    }
    if defaults.eu_compliance { make_compliant(draft) } else { Ok(()) }
}

/// Removes what EU compliance removes from everything but the stamp.
#[cold]
fn make_compliant(draft: &mut Draft) -> Result<(), Rejected> {
    let out = draft.properties.bytes_mut();
    // The stamp ends the context and the event.
    out.extend_from_slice(OPEN_ENDS);
    let mut compliant = Vec::with_capacity(out.len());
    write_compliant(out, &mut compliant).map_err(|_| Rejected::Malformed)?;
    compliant.truncate(compliant.len() - OPEN_ENDS.len());
    draft.rewrite(&compliant);
    Ok(())
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
            begins_with_user: bool,
            user in "[a-z]{0,3}",
            group in prop::option::of("[a-z\"]{0,3}"),
            properties in prop::collection::vec(any::<Option<u8>>(), 0..4),
            version in prop::option::of("[a-z]{1,3}"),
        ) {
            let draft = || {
                let mut draft = Draft::new();
                if is_track && begins_with_user {
                    draft.begin_with_user(&Value::Text(&user));
                } else {
                    draft.set_id(Id::User, &Value::Text(&user));
                }
                draft.open(if is_track { Opening::Track("sent") } else { Opening::Identify });
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
                prop_assert_eq!(short.begins_with_user(), is_track && begins_with_user);
            }
        }
    }
}
