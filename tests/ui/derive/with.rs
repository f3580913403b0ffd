use thrivestack::Identify;

struct Opaque;

fn takes_another_type(_: &String) -> u64 {
    0
}

fn takes_a_value(_: u64) -> u64 {
    0
}

fn gives_what_is_not_serializable(_: &u64) -> Opaque {
    Opaque
}

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    #[identify(with = takes_another_type)]
    seats: u64,
    #[identify(with = takes_a_value)]
    projects: u64,
    #[identify(with = gives_what_is_not_serializable)]
    reports: u64,
    #[identify(flatten, with = gives_what_is_not_serializable)]
    limits: u64,
}

fn main() {}
