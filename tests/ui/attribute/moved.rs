use thrivestack::track_event;

#[track_event("report_exported", properties(len = |_| name.len()))]
fn moved_into_the_body(name: String) -> usize {
    name.into_bytes().len()
}

#[track_event("report_exported", properties(len = |_| names.len()))]
async fn mutable(names: &mut Vec<String>) {
    names.clear();
}

#[track_event("report_exported", properties(len = name))]
fn no_way_to_move_a_value_before(name: &String) -> String {
    *name
}

fn main() {}
