#![deny(unused_variables, unused_mut, unreachable_code, unused_must_use, unused_assignments)]

use thrivestack::track_event;

#[track_event("report_exported", user_id = used_by_the_event, properties(a = |_| used_after))]
fn unused(
    used_by_the_event: u8,
    used_after: u8,
    unused: u8,
    (of_a_pattern, _): (u8, u8),
    [whole, of_an_array]: [u8; 2],
    mut never_mutated: u8,
    mut assigned: u8,
) -> u8 {
    let local = 1;
    assigned = 2;
    result();
    return whole + never_mutated;
    3
}

#[track_event("report_exported")]
async fn unused_later(unused: u8, mut never_mutated: u8) -> u8 {
    never_mutated
}

#[track_event("report_exported")]
#[must_use]
fn result() -> Result<u8, u8> {
    Ok(1)
}

fn main() {
    unused(1, 2, 3, (4, 5), [6, 7], 8, 9);
    drop(unused_later(1, 2));
}
