use thrivestack::track_event;

struct Report {
    name: String,
    #[allow(dead_code)]
    rows: u8,
}

#[track_event("report_exported", properties(len = |_| name.len()))]
fn of_a_pattern(Report { name, .. }: Report) -> usize {
    name.into_bytes().len()
}

fn main() {}
