use thrivestack::Event;

#[derive(Event)]
#[event("InviteSent")]
struct InviteSent {
    invitee_email: String,
}

#[derive(Event)]
#[event("create_report")]
struct CreateReport {}

#[derive(Event)]
#[event("feature_used")]
struct FeatureUsed {
    feature: String,
}

#[derive(Event)]
struct Nameless {}

fn main() {
    FeatureUsed { feature: String::new() }.track();
    Nameless {}.track();
}
