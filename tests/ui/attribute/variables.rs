use thrivestack::track_event;

#[track_event("report_exported", user_id, properties(rows, type), context(plan = account.plan))]
fn no_such_variables() {}

fn main() {}
