use thrivestack::track_event;

#[track_event("feature_usd", properties(feature_name = "report_exported"))]
fn one_letter_less() {}

#[track_event("signedup")]
fn one_underscore_less() {}

#[track_event("invite_sennt", properties(invitee_email = "a@b.c"))]
fn one_letter_doubled() {}

#[track_event("onboarding_completed")]
fn no_step() {}

#[track_event("step_1")]
fn a_number_is_no_step() {}

#[track_event("feature_used", properties(feature_name = "export_report"))]
fn verb_first() {}

#[track_event("feature_used", properties(feature_name = "dashboard"))]
fn no_verb() {}

#[track_event("report_shared", context(group_type = "Acount"))]
fn misspelled_group_type() {}

#[track_event("report_shared", context(group_type = "workspace"))]
fn group_type_in_lower_case() {}

#[track_event("signedup", allow(event_name))]
fn meant_as_it_is() {}

#[track_event("step_1", allow(event_name))]
fn a_step_by_its_number() {}

#[track_event("onboarding_step_completed", properties(step_name = "team_invited"))]
fn the_older_name_of_a_step() {}

#[track_event("onboarding_team_invited_completed", properties(step_index = 0, total_steps = 3))]
fn the_step_in_the_name() {}

#[track_event("feature_used", properties(feature_name = "export_report"), allow(property_values))]
fn a_feature_as_it_is() {}

#[track_event("feature_used", properties(feature_name = "orders", interface = "api"))]
fn an_endpoint_is_free() {}

#[track_event("report_shared", context(group_type = "Acount"), allow(group_type))]
fn a_type_as_it_is() {}

#[track_event("report_shared", context(group_type = "Region"))]
fn a_type_of_ones_own() {}

fn main() {}
