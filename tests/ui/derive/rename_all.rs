use thrivestack::Identify;

#[derive(Identify)]
#[identify(rename_all = "CamelCase")]
struct User {
    #[identify(user_id)]
    id: u64,
}

fn main() {}
