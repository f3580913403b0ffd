use thrivestack::track_event;

const EVENT: &str = "Report Exported";

#[track_event(EVENT)]
fn checked() {}

#[track_event(EVENT, allow(event_name))]
fn allowed() {}

fn main() {
    checked();
    allowed();
}
