use thrivestack::track_event;

#[track_event("report_exported")]
fn empty() -> u8 {}

#[track_event("report_exported")]
fn semicolon() -> u8 {
    1;
}

#[track_event("report_exported")]
async fn later() -> u8 {
    1;
}

#[track_event("report_exported")]
fn tail() -> u8 {
    "text"
}

#[track_event("report_exported")]
fn argument(text: &str) -> usize {
    text.length()
}

fn main() {}
