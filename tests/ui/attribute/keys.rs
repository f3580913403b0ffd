use thrivestack::track_event;

#[track_event("report_exported", userid = 1)]
fn near_a_key() {}

#[track_event("report_exported", rows = 1)]
fn a_property_outside() {}

#[track_event("report_exported", user_id = 1, group_id = 2, user_id = 3)]
fn given_twice() {}

#[track_event("report_exported", user_id =)]
fn no_value() {}

#[track_event("report_exported", user_id = , group_id = 2)]
fn no_value_before_a_comma() {}

#[track_event("report_exported", user_id => 1, group_id: 2, session_id == 3)]
fn other_signs() {}

#[track_event("report_exported", { rows: 1 })]
fn a_map() {}

#[track_event("report_exported", when = 5)]
fn no_condition() {}

#[track_event("report_exported" user_id = 1)]
fn no_comma_after_the_name() {}

#[track_event("report_exported", user_id = 1 group_id = 2)]
fn no_comma() {}

#[track_event("report_exported", "user_id" = 1)]
fn a_quoted_key() {}

#[track_event("report_exported", user_id = %id)]
fn a_sigil_on_an_id(id: u8) {}

#[track_event("report_exported", properties = 1)]
fn no_parentheses() {}

#[track_event("report_exported", properties)]
fn only_the_key() {}

#[track_event("report_exported", on)]
fn on_what() {}

#[track_event("report_exported", on = success)]
fn on_something_else() -> Result<(), ()> {
    Ok(())
}

#[track_event("report_exported", allow())]
fn allow_nothing() {}

#[track_event("report_exported", allow(everything))]
fn allow_something_else() {}

#[track_event("report_exported", allow(event_nam))]
fn allow_with_a_slip() {}

#[track_event("report_exported", crate = "telemetry")]
fn the_crate_in_quotes() {}

fn main() {}
