use std::future::{Future, Ready};
use std::time::SystemTime;

use thrivestack::track_event;

struct Opaque;

#[track_event("report_exported", properties(row = opaque))]
fn not_serializable(opaque: Opaque) {}

#[track_event("report_exported", properties(rows = vec![opaque.0]))]
fn not_serializable_inside(opaque: (Opaque,)) {}

#[track_event("report_exported", properties(row = |opaque| opaque))]
fn not_serializable_later() -> Opaque {
    Opaque
}

#[track_event("report_exported", properties(%opaque))]
fn not_displayable(opaque: Opaque) {}

#[track_event("report_exported", properties(text = ?opaque))]
fn not_debuggable(opaque: Opaque) {}

#[track_event("report_exported", user_id = opaque)]
fn no_id(opaque: Opaque) {}

#[track_event("report_exported", group_id = opaque.as_ref().map(|it| &it.1))]
fn no_id_in_an_option(opaque: Option<(u8, Opaque)>) {}

#[track_event("report_exported", session_id = |opaque| opaque)]
fn no_id_later() -> Opaque {
    Opaque
}

#[track_event("report_exported", timestamp = at)]
fn no_time(at: &SystemTime) {}

#[track_event("report_exported", client = opaque)]
fn no_client(opaque: Opaque) {}

#[track_event("report_exported", when = opaque)]
fn no_condition(opaque: Opaque) {}

#[track_event("report_exported", when = |opaque| opaque)]
fn no_condition_later() -> Opaque {
    Opaque
}

#[track_event("report_exported", on = err)]
fn no_result() -> Option<u8> {
    None
}

type Later = Ready<u8>;

#[track_event("report_exported")]
fn a_future_by_another_name() -> Later {
    std::future::ready(1)
}

#[track_event("report_exported")]
fn a_boxed_future() -> Box<dyn Future<Output = u8>> {
    Box::new(async { 1 })
}

fn main() {}
