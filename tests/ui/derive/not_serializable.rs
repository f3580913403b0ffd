use thrivestack::{Event, Identify};

struct Opaque;

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    plan: [Opaque; 2],
    #[identify(flatten)]
    profile: Opaque,
}

#[derive(Event)]
#[event("report_exported")]
struct ReportExported<'a, T> {
    format: &'a Opaque,
    pages: [T; 1],
}

fn export(pages: [Opaque; 1]) {
    ReportExported { format: &Opaque, pages }.track();
}

fn main() {}
