use thrivestack::{Group, Identify};

#[derive(Identify)]
struct User {
    id: u64,
    account_id: u64,
}

#[derive(Identify)]
struct Member {
    account_id: u64,
    team_id: u64,
    email: String,
}

#[derive(Group)]
#[group(group_type = "Account")]
struct Account {
    #[group(user_id)]
    id: u64,
    name: String,
}

fn main() {
    User { id: 1, account_id: 2 }.identify();
    Account { id: 1, name: String::new() }.group();
}
