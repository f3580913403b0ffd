use thrivestack::{Event, Group, Identify};

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    password_hash: String,
    r#token: String,
}

#[derive(Group)]
#[group(group_type = "Account")]
struct Account {
    #[group(group_id)]
    api_key: String,
    #[group(rename = "billingIban")]
    bank: String,
}

#[derive(Event)]
#[event("report_exported")]
struct ReportExported {
    #[event(session_id)]
    session_token: String,
    #[event(flatten)]
    credentials: Credentials,
}

#[derive(serde::Serialize)]
struct Credentials {}

fn main() {}
