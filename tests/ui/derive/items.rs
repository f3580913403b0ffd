use thrivestack::{Event, Group, Identify};

#[derive(Identify)]
enum User {
    Member { id: u64 },
}

#[derive(Group)]
union Account {
    id: u64,
}

#[derive(Event)]
#[event("report_exported")]
struct ReportExported;

fn main() {
    User::Member { id: 1 }.identify();
    Account { id: 1 }.group();
    ReportExported.track();
}
