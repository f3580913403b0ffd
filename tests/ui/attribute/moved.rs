use thrivestack::track_event;

#[track_event("report_exported", properties(len = |_| name.len()))]
fn moved_into_the_body(name: String) -> usize {
    name.into_bytes().len()
}

#[track_event("report_exported", properties(len = |_| names.len()))]
async fn mutable(names: &mut Vec<String>) {
    names.clear();
}

#[track_event("report_exported", properties(text = |_| format!("{name}")), when = |_| name.len() > 3)]
fn in_a_format_string(mut name: String) -> usize {
    name.push('!');
    name.into_bytes().len()
}

#[track_event("report_exported", properties(len = |it| match it { 0 => 0, _ => name.len() }))]
fn where_the_compiler_says_it(name: String) -> usize {
    name.into_bytes().len()
}

#[track_event("report_exported", properties(len = |name| name.len()))]
fn another_of_the_same_name(name: String) -> String {
    name
}

#[track_event("report_exported", properties(len = name))]
fn no_way_to_move_a_value_before(name: &String) -> String {
    *name
}

fn main() {}
