use thrivestack::{Group, Identify};

type Maybe = Option<u64>;

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: Option<String>,
}

#[derive(Identify)]
struct Visitor {
    #[identify(user_id)]
    id: Maybe,
}

#[derive(Group)]
#[group(group_type = "Account")]
struct Account {
    #[group(group_id)]
    id: std::option::Option<u64>,
}

fn main() {}
