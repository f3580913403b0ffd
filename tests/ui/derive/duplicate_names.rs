use thrivestack::{Event, Group, Identify};

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    email: String,
    #[identify(rename = "email")]
    address: String,
}

#[derive(Identify)]
#[identify(rename_all = "camelCase")]
struct Member {
    #[identify(user_id)]
    id: u64,
    plan_name: String,
    #[identify(rename = "planName")]
    plan: String,
}

#[derive(Group)]
#[group(group_type = "Account")]
struct Account {
    #[group(group_id)]
    id: u64,
    group_type: String,
}

#[derive(Event)]
#[event("report_exported")]
struct ReportExported {
    r#type: String,
    #[event(rename = "type")]
    kind: String,
}

fn main() {}
