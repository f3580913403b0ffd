//! What the page gets to know of a call, a refused request, a point of the checklist and a step of a flow.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use thrivestack_core::{checklist::Point, events};

use crate::record::{LocalCall, LocalRequest, cut};
use crate::remark::Remark;
use crate::review::{checklist::Sight, flow::Step};

/// The page searches in so many bytes of an object; it may have a hundred thousand of them.
const MAX_SEARCHABLE: usize = 2_000;
/// A larger object than this is not indented.
const MAX_INDENTED: usize = 64 * 1024;
/// A larger object than this is cut.
const MAX_DETAIL: usize = 256 * 1024;
/// No column is wide enough for more bytes than this.
const MAX_COLUMN: usize = 300;

/// A row of the list. An array is half the size of an object, and there may be ten thousand rows a second.
pub(super) fn row(call: &LocalCall) -> Value {
    let column = |text| cut(text, MAX_COLUMN);
    json!([
        call.number(),
        milliseconds(call.occurred_at()),
        call.endpoint().to_string(),
        call.name.as_deref(),
        call.user_id().map(column),
        call.group_id().map(column),
        call.key_name(),
        call.warnings().iter().map(|warning| cut(warning, MAX_COLUMN)).collect::<Vec<_>>(),
        cut(call.text(), MAX_SEARCHABLE),
    ])
}

/// One call in full. Its JSON is written here, because a browser would round large numbers.
pub(super) fn detail(call: &LocalCall) -> Value {
    json!({
        "number": call.number(),
        "call": call.endpoint().to_string(),
        "name": call.name.as_deref(),
        "user": call.user_id(),
        "account": call.group_id(),
        "key": call.key_name(),
        "request": call.request(),
        "timestamp": call.timestamp(),
        "received": milliseconds(call.received_at()),
        "warnings": call.warnings(),
        "hints": texts(&call.hints),
        "not_sent": not_sent(call),
        "json": shown(call),
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
        "reason": request.refusal().map(|reason| cut(reason, MAX_SEARCHABLE)),
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
        "name": step.call.name.as_deref(),
        "account": step.call.group_id().map(|id| cut(id, MAX_COLUMN)),
        "breaches": texts(&step.breaches),
        "hints": texts(&step.hints),
    })
}

/// Returns the object for people to read. A large one is shown as it came, and cut: a nested one would grow by its indents.
fn shown(call: &LocalCall) -> String {
    if call.text().len() <= MAX_INDENTED {
        return format!("{:#}", call.object());
    }
    let text = cut(call.text(), MAX_DETAIL);
    let rest = call.text().len() - text.len();
    if rest == 0 { text.to_owned() } else { format!("{text}\n… {rest} bytes more") }
}

fn texts(remarks: &[Remark]) -> Vec<String> {
    remarks.iter().map(Remark::to_string).collect()
}

/// The properties that are documented for the event and were not sent. They may not have been available.
fn not_sent(call: &LocalCall) -> Vec<&'static str> {
    let event = call.event().and_then(events::standard);
    let recommended = event.map_or(&[][..], |event| event.recommended);
    recommended.iter().copied().filter(|property| call.property(property).is_none()).collect()
}

fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis().try_into().unwrap_or(u64::MAX))
}
