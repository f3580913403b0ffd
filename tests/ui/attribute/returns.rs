use std::future::Future;

use thrivestack::track_event;

#[track_event("report_exported")]
fn parameter<T>(value: T) -> T {
    value
}

#[track_event("report_exported")]
async fn parameter_later<T>(value: T) -> T {
    value
}

#[track_event("report_exported")]
fn parameter_of_a_future<T>(value: T) -> impl Future<Output = T> {
    async { value }
}

#[track_event("report_exported")]
fn never() -> ! {
    loop {}
}

#[track_event("report_exported")]
fn unpin() -> impl Future<Output = u8> + Unpin {
    std::future::ready(1)
}

#[track_event("report_exported")]
fn lending() -> impl Fn(&str) -> &str {
    |text| &text[1..]
}

#[track_event("report_exported", on = err)]
fn nothing_to_fail() {}

fn main() {}
