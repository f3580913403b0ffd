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

#[derive(Group)]
#[group(group_type = "Teams")]
struct Plural {
    #[group(group_id)]
    id: u64,
}

#[derive(Group)]
#[group(group_type = "Teams", allow(group_type))]
struct PluralAsItIs {
    #[group(group_id)]
    id: u64,
}

#[derive(Group)]
#[group(group_type = "Region")]
struct OfOnesOwn {
    #[group(group_id)]
    id: u64,
}

#[derive(Group)]
#[group(group_type = "")]
struct Empty {
    #[group(group_id)]
    id: u64,
}

fn main() {
    Nameless { id: 1 }.group();
    Account { id: 1 }.group();
}
