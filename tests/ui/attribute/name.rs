use thrivestack::track_event;

#[track_event]
fn no_arguments() {}

#[track_event()]
fn no_name() {}

#[track_event(user_id = 1)]
fn a_key_first() {}

#[track_event(user_id)]
fn a_variable_first() {}

#[track_event(event = "report_exported")]
fn a_key_that_is_none_first() {}

#[track_event("")]
fn empty() {}

#[track_event("Report Exported")]
fn spaces() {}

#[track_event("reportExported")]
fn camel_case() {}

#[track_event("SendInvite", allow(missing_properties))]
fn camel_case_and_a_verb() {}

#[track_event("größe_geändert")]
fn not_ascii() {}

#[track_event("login")]
fn misnomer() {}

#[track_event("send_invite", allow(missing_properties))]
fn misnomer_with_a_verb() {}

#[track_event("delete_report")]
fn verb_first() {}

#[track_event("invite_send", allow(missing_properties))]
fn verb_last() {}

#[track_event("accept_invite")]
fn verb_first_of_two() {}

#[track_event(format!("report_{}", 1))]
fn formatted(id: u8) {}

#[track_event(concat!("report", "_exported"))]
fn concatenated() {}

#[track_event("report_exported".to_string())]
fn not_a_literal() {}

#[track_event(3)]
fn a_number() {}

struct S;

impl S {
    const EVENT: &'static str = "report_exported";

    #[track_event(Self::EVENT)]
    fn through_self() {}
}

#[track_event("Report Exported", allow(event_name))]
fn allowed() {}

fn main() {
    allowed();
}
