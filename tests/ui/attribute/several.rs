use thrivestack::track_event;

#[track_event("send_invite", usr_id = 1, group_id = id?, properties(a = , a = 2, %b = 3, interface = "api"), on = maybe)]
const fn everything_at_once(id: Option<u8>) {}

#[track_event("feature_used", user_id = id?, properties(interface = "rest", rows = count.await))]
const fn everything_in_the_second_phase(id: Option<u8>) {}

fn main() {}
