use thrivestack::Event;

mod events {
    pub const REPORT_EXPORTED: &str = "ReportExported";
}

#[derive(Event)]
#[event(events::REPORT_EXPORTED)]
struct ReportExported {}

#[derive(Event)]
#[event(events::REPORT_EXPORTED, allow(event_name))]
struct Allowed {}

fn main() {}
