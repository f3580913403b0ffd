use thrivestack::{Event, Identify};

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    #[identify(user_id)]
    login: String,
}

#[derive(Event)]
#[event("report_exported")]
struct ReportExported {
    #[event(group_id)]
    account: u64,
    #[event(group_id)]
    team: u64,
    #[event(user_id, session_id)]
    user: u64,
}

fn main() {}
