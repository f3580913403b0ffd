use thrivestack::track;

struct Opaque;

fn main() {
    track!("report_exported", user_id = Opaque);
    track!("report_exported", properties(a = Opaque));
    track!("report_exported", when = 1);
    track!("report_exported", client = Opaque);
    let _: u8 = track!("report_exported");
}
