use thrivestack::Identify;

#[derive(Identify)]
#[repr(C, packed)]
struct User {
    #[identify(user_id)]
    id: u64,
    name: String,
}

fn main() {}
