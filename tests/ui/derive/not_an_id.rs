use thrivestack::{Event, Identify};

struct Opaque;

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: Vec<u8>,
}

#[derive(Identify)]
struct Member {
    #[identify(user_id)]
    id: u64,
    #[identify(group_id)]
    account: Option<Opaque>,
}

#[derive(Event)]
#[event("report_exported")]
struct ReportExported {
    #[event(user_id)]
    user: Opaque,
    #[event(timestamp)]
    at: u64,
}

fn main() {}
