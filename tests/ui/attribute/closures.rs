use thrivestack::track_event;

#[track_event("report_exported", user_id = || 1)]
fn no_argument() -> u8 {
    1
}

#[track_event("report_exported", properties(rows = |a, b| a + b))]
fn two_arguments() -> u8 {
    1
}

#[track_event("report_exported", properties(rows = async |a| a))]
fn async_closure() -> u8 {
    1
}

#[track_event("report_exported", client = |a| a)]
fn the_client() -> u8 {
    1
}

fn main() {}
