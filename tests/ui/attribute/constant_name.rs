use thrivestack::{Event, track, track_event};

mod events {
    pub const INVITE_SENT: &str = "Invite Sent";
}

#[track_event(events::INVITE_SENT)]
fn function() {}

struct Invites;

impl Invites {
    #[track_event(events::INVITE_SENT)]
    async fn method(&self) {}
}

#[derive(Event)]
#[event(events::INVITE_SENT)]
struct InviteSent {}

#[track_event(events::INVITE_SENT, allow(event_name))]
fn allowed() {}

fn main() {
    track!(events::INVITE_SENT);
    allowed();
}
