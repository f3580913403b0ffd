use thrivestack::Identify;

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    #[identify(skip_if = no_such_function)]
    plan: u64,
    #[identify(with = crate::no_such_function)]
    name: u64,
}

fn main() {}
