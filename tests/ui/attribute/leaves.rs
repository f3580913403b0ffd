use thrivestack::track_event;

#[track_event("report_exported", user_id = id?)]
fn question_mark(id: Option<u8>) -> Option<()> {
    Some(())
}

#[track_event("report_exported", user_id = 1, properties(rows = if id > 3 { return } else { id }))]
fn returns(id: u8) {}

#[track_event("report_exported", when = { break })]
fn breaks() {}

#[track_event("report_exported", properties(rows = format!("{}", count().await)))]
async fn awaits() {}

async fn count() -> u8 {
    1
}

fn main() {}
