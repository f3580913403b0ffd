use thrivestack::{Event, Group, Identify};

#[derive(Identify)]
#[identify(renameall = "camelCase", user_id, group_type = "Team")]
struct User {
    #[identify(userid)]
    id: u64,
    #[identify(rename_all = "camelCase", session_id, colour = "red")]
    name: String,
    #[identify(skip_serializing)]
    plan: String,
}

#[derive(Group)]
#[group("Account")]
struct Account {
    #[group(group_id)]
    id: u64,
}

#[derive(Event)]
#[event(name = "report_exported", allow(everything))]
struct ReportExported {
    #[event(timestamps)]
    at: u64,
}

fn main() {
    User { id: 1, name: String::new(), plan: String::new() }.identify();
}
