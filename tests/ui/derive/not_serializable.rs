use thrivestack::{Event, Identify};

struct Opaque;

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    plan: Option<Opaque>,
    #[identify(flatten)]
    profile: Opaque,
}

#[derive(Event)]
#[event("report_exported")]
struct ReportExported<'a, T> {
    format: &'a Opaque,
    pages: Vec<T>,
}

fn export(pages: Vec<Opaque>) {
    ReportExported { format: &Opaque, pages }.track();
}

fn main() {}
