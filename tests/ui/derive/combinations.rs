use thrivestack::{Event, Identify};

#[derive(Identify)]
struct User {
    #[identify(user_id, rename = "id", personal)]
    id: u64,
    #[identify(skip, rename = "user_email")]
    email: String,
    #[identify(skip)]
    #[identify(include)]
    pin: String,
    #[identify(flatten, rename = "profile")]
    profile: Profile,
    #[identify(group_id, skip_if = Option::is_none)]
    account: Option<u64>,
}

#[derive(Event)]
#[event("report_exported")]
struct ReportExported {
    #[event(with = ToString::to_string, user_id)]
    user: u64,
    #[event(timestamp, flatten)]
    at: std::time::SystemTime,
    #[event(skip, flatten(prefix = "profile_"))]
    profile: Profile,
}

#[derive(serde::Serialize)]
struct Profile {}

fn main() {}
