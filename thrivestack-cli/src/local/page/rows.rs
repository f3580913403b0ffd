//! What the page gets to know of a call, a refused request, a point of the checklist and a step of a flow.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::local::{
    LocalCall, LocalRequest,
    checklist::{Point, Sight},
    flow::{Breach, Step},
};

/// The page searches in so much of an object; it may have a hundred thousand of them.
const MAX_SEARCHABLE: usize = 2_000;

/// A row of the list. An array is half the size of an object, and there may be ten thousand rows a second.
pub(super) fn row(call: &LocalCall) -> Value {
    let mut searchable = call.object().to_string();
    if searchable.len() > MAX_SEARCHABLE {
        let end = (0..=MAX_SEARCHABLE).rev().find(|end| searchable.is_char_boundary(*end)).unwrap_or(0);
        searchable.truncate(end);
    }
    json!([
        call.number(),
        milliseconds(call.occurred_at()),
        call.endpoint().to_string(),
        name(call),
        call.user_id(),
        call.group_id(),
        call.key_name(),
        call.warnings(),
        searchable,
    ])
}

/// One call in full. Its JSON is written here, because a browser would round large numbers.
pub(super) fn detail(call: &LocalCall) -> Value {
    json!({
        "number": call.number(),
        "call": call.endpoint().to_string(),
        "name": name(call),
        "user": call.user_id(),
        "account": call.group_id(),
        "key": call.key_name(),
        "request": call.request(),
        "timestamp": call.timestamp(),
        "received": milliseconds(call.received_at()),
        "warnings": call.warnings(),
        "json": format!("{:#}", call.object()),
    })
}

pub(super) fn refused(request: &LocalRequest) -> Value {
    json!({
        "number": request.number(),
        "received": milliseconds(request.received_at()),
        "path": request.path(),
        "status": request.status(),
        "key": request.key_name(),
        "objects": request.objects(),
        "bytes": request.body_bytes(),
        "reason": request.refusal(),
    })
}

pub(super) fn point((point, sight): (&Point, Option<&Sight>)) -> Value {
    let sight = sight.map(|sight| {
        json!({"call": sight.call, "at": milliseconds(sight.at), "key": &*sight.key_name, "source": sight.source})
    });
    json!({"name": point.name, "hint": point.hint, "sight": sight})
}

pub(super) fn step(step: &Step<'_>) -> Value {
    json!({
        "number": step.call.number(),
        "at": milliseconds(step.call.occurred_at()),
        "call": step.call.endpoint().to_string(),
        "name": name(step.call),
        "account": step.call.group_id(),
        "breaches": step.breaches.iter().map(Breach::to_string).collect::<Vec<_>>(),
    })
}

/// By what a person knows the call: the event, the page, or the kind of group.
fn name(call: &LocalCall) -> Option<&str> {
    call.event_name().or_else(|| call.property("page_name")?.as_str()).or_else(|| {
        // Traits of an identify call have no such meaning.
        call.property("group_type").filter(|_| call.endpoint() == crate::Endpoint::Group)?.as_str()
    })
}

fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis().try_into().unwrap_or(u64::MAX))
}
