use thrivestack::Identify;

fn takes_another_type(_: &String) -> bool {
    false
}

fn takes_a_value(_: u64) -> bool {
    false
}

fn gives_another_type(_: &u64) -> u64 {
    0
}

fn takes_two(_: &u64, _: &u64) -> bool {
    false
}

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    #[identify(skip_if = takes_another_type)]
    seats: u64,
    #[identify(skip_if = takes_a_value)]
    projects: u64,
    #[identify(skip_if = gives_another_type)]
    reports: u64,
    #[identify(skip_if = takes_two)]
    invites: u64,
}

#[derive(Identify)]
struct Member {
    #[identify(user_id)]
    id: u64,
    #[identify(skip_if = "Option::is_none")]
    plan: Option<String>,
    #[identify(skip_if = |name| name.is_empty())]
    name: String,
    #[identify(skip_if)]
    team: String,
}

fn main() {}
