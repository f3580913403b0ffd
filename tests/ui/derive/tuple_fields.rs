use thrivestack::{Event, Identify};

#[derive(Identify)]
struct User(#[identify(user_id)] u64, String);

#[derive(Event)]
#[event("feature_used")]
struct FeatureUsed(String, #[event(rename = "feature_name")] String);

fn main() {}
