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

fn main() {
    Account { id: 1 }.group();
}
