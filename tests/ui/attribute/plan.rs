use thrivestack::track_event;

#[track_event("invite_sent", user_id = 1)]
fn required() {}

#[track_event("feature_used", user_id = 1, properties(feature = "export"))]
fn required_and_not_there() {}

#[track_event("feature_used", properties(feature_name = "export", feature_type = "primary", interface = "rest"))]
fn undocumented_values() {}

#[track_event("account_added_user", properties(join_method = "magic"))]
fn undocumented_value() {}

#[track_event("invite_sent", allow(missing_properties))]
fn allowed() {}

#[track_event("account_added_user", properties(join_method = "magic"), allow(property_values))]
fn allowed_value() {}

fn main() {
    allowed();
    allowed_value();
}
