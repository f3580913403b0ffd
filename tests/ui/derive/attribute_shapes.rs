use thrivestack::{Event, Identify};

#[derive(Identify)]
#[identify]
#[identify = "user"]
#[identify(crate = "thrivestack")]
struct User {
    #[identify(user_id = id)]
    id: u64,
    #[identify(rename)]
    email: String,
    #[identify(rename = name)]
    name: String,
    #[identify(rename = "")]
    plan: String,
    #[identify(personal rename = "city")]
    town: String,
    #[identify(personal)]
    #[identify(personal)]
    street: String,
    #[identify(flatten = "profile_")]
    profile: Profile,
    #[identify(flatten(prefix = ""))]
    settings: Profile,
    #[identify(flatten(suffix = "_"))]
    limits: Profile,
}

#[derive(Event)]
#[event("report_exported", "report_shared", allow)]
struct ReportExported {}

#[derive(serde::Serialize)]
struct Profile {}

fn main() {}
