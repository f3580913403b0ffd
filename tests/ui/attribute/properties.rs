use thrivestack::track_event;

#[track_event("report_exported", properties(a = 1, b = 2, "a" = 3))]
fn given_twice() {}

#[track_event("report_exported", context(r#type = 1, type = 2))]
fn given_twice_as_a_keyword() {}

#[track_event("report_exported", properties("" = 1))]
fn empty_key() {}

#[track_event("report_exported", properties(report.id))]
fn a_field_is_no_key(report: (u8,)) {}

#[track_event("report_exported", properties("a"))]
fn quoted_without_a_value() {}

#[track_event("report_exported", properties("a" => 1, b => 2, c: 3, "d": 4, e == 5))]
fn other_signs() {}

#[track_event("report_exported", properties({ a: 1 }))]
fn a_map() {}

#[track_event("report_exported", properties(a =))]
fn no_value() {}

#[track_event("report_exported", properties(a = %))]
fn no_value_after_the_sigil() {}

#[track_event("report_exported", properties(a b))]
fn no_comma(a: u8, b: u8) {}

#[track_event("report_exported", properties(%a = b))]
fn the_sigil_before_the_key(b: u8) {}

#[track_event("report_exported", properties(3))]
fn a_number() {}

#[track_event("report_exported", context(group_id = 1, user_id = 2, session_id = 3, device_id = 4, source = 5))]
fn keys_with_an_argument_of_their_own() {}

fn main() {}
