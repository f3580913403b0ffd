use thrivestack::track;

fn main() {
    let (a, id) = (1, Some(2));
    track!();
    track!(user_id = 1);
    track!("send_report");
    track!("invite_sent", user_id = 1);
    track!("report_exported", on = err);
    track!("report_exported", user_id = |value| value);
    track!("report_exported", when = |value| value);
    track!("report_exported", user_id = id?);
    track!("report_exported", properties(a, %a));
    track!("report_exported", propertes(a));
    track!("report_exported", "a" => 1, "b": 2);
    track!("report_exported", a => 1);
    track!("report_exported", { "a": 1 });
    track!("report_exported", [1, 2]);
    track!("report_exported", user_id => 1, group_id: 2);
    track!("report_exported", properties("a" => 1, b: 2));
    track!("report_exported", when = 5);
    track!("report_exported", 5);
    loop {
        track!("report_exported", properties(a = { break }));
    }
}
