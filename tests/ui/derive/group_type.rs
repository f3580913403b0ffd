use thrivestack::Group;

#[derive(Group)]
#[group(group_type = "Company")]
struct Company {
    #[group(group_id)]
    id: u64,
}

#[derive(Group)]
#[group(group_type = "account")]
struct Account {
    #[group(group_id)]
    id: u64,
}

#[derive(Group)]
struct Nameless {
    #[group(group_id)]
    id: u64,
}

fn main() {
    Nameless { id: 1 }.group();
    Account { id: 1 }.group();
}
