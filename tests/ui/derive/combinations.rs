use thrivestack::Identify;

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

#[derive(serde::Serialize)]
struct Profile {}

fn main() {}
