use std::future::Future;
use std::pin::Pin;

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
fn debug() -> impl Future<Output = u8> + std::fmt::Debug {
    std::future::ready(1)
}

#[track_event("report_exported", properties(first = |get| get("abc")))]
fn lending() -> impl Fn(&str) -> &str {
    |text| &text[1..]
}

#[track_event("report_exported")]
fn short_lived<'a>(name: &'a str) -> Pin<Box<dyn Future<Output = &'a str>>> {
    unimplemented!("{name}")
}

struct Queue<U>(Vec<Pin<Box<dyn Future<Output = U> + Send>>>);

impl<U> Queue<U> {
    #[track_event("report_exported")]
    fn next(&mut self) -> Pin<Box<dyn Future<Output = U> + Send>> {
        self.0.remove(0)
    }
}

struct BoxFuture(u8);

impl Future for BoxFuture {
    type Output = u8;

    fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<u8> {
        std::task::Poll::Ready(self.0)
    }
}

#[track_event("report_exported")]
fn another_type() -> BoxFuture {
    BoxFuture(1)
}

#[track_event("report_exported")]
#[unsafe(naked)]
extern "C" fn assembly() {
    std::arch::naked_asm!("ret")
}

#[track_event("report_exported", on = err)]
fn nothing_to_fail() {}

fn main() {}
