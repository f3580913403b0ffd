use thrivestack::Identify;

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    #[identify(flatten)]
    name: String,
    #[identify(flatten(prefix = "tag_"))]
    tags: Option<Vec<String>>,
    #[identify(flatten)]
    position: (f64, f64),
    #[identify(flatten)]
    motto: &'static str,
}

fn main() {}
