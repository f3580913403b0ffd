#![deny(dead_code)]

use thrivestack::track_event;

#[track_event("report_exported")]
fn never_called() {}

struct Report;

impl Report {
    #[track_event("report_exported")]
    async fn never_called(&self, argument: u8) -> u8 {
        argument
    }
}

fn main() {
    let _ = Report;
}
