//! Runs one case a number of times, for callgrind to count: `instructions CASE COUNT`.
//!
//! The difference between two counts is what the further events cost, whatever the start costs.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};
use std::time::Duration;

use thrivestack::{Config, Context, track_event};

const USER: &str = "6f1f0b34-9a3e-4c38-8a1e-6f4d9b3f2a10";
const ACCOUNT: &str = "b0a7f9d2-4b1c-4c55-9d5e-2f6f4c1e8d77";

#[inline(never)]
fn bare(pages: u64) -> Result<u64, ()> {
    if pages == u64::MAX { Err(()) } else { Ok(pages + 1) }
}

#[inline(never)]
#[track_event("report_created", user_id = USER, group_id = ACCOUNT, properties(pages = pages))]
fn scalar(pages: u64) -> Result<u64, ()> {
    if pages == u64::MAX { Err(()) } else { Ok(pages + 1) }
}

#[inline(never)]
#[track_event("report_created", user_id = USER, group_id = ACCOUNT, properties(name = name))]
fn string(name: &str) -> Result<usize, ()> {
    if name.is_empty() { Err(()) } else { Ok(name.len()) }
}

#[inline(never)]
#[track_event("report_created", user_id = user, group_id = account,
    properties(format = "pdf", source_view = "dashboard", pages = pages, shared = shared, title = title))]
fn five(user: &str, account: &str, pages: u64, shared: bool, title: &str) -> Result<u64, ()> {
    if title.is_empty() && shared && user.len() == account.len() { Err(()) } else { Ok(pages + 1) }
}

#[inline(never)]
#[track_event("report_created", user_id = user, group_id = account,
    properties(format = "pdf", source_view = "dashboard", pages = pages, shared = shared, title = title))]
async fn five_async(user: &str, account: &str, pages: u64, shared: bool, title: &str) -> Result<u64, ()> {
    if title.is_empty() && shared && user.len() == account.len() { Err(()) } else { Ok(pages + 1) }
}

#[inline(never)]
#[track_event("report_created",
    properties(format = "pdf", source_view = "dashboard", pages = pages, shared = shared, title = title))]
fn five_in_context(pages: u64, shared: bool, title: &str) -> Result<u64, ()> {
    if title.is_empty() && shared { Err(()) } else { Ok(pages + 1) }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(case), Some(count)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: instructions CASE COUNT");
        std::process::exit(2);
    };
    let count: u64 = count.parse().expect("a number of events");
    let title = black_box("Quarterly report #42");
    if let Some(case) = case.strip_prefix("disabled_") {
        return run(case, count, title);
    }
    // Nothing is sent while it is measured: the worker sleeps.
    let config = Config::new("key")
        .endpoint("http://127.0.0.1:9/api")
        .flush_interval(Duration::from_secs(3_600))
        .queue_bytes(1 << 30)
        .max_batch_events(1_000)
        .shutdown_timeout(Duration::ZERO);
    let guard = thrivestack::init(config).expect("a valid configuration");
    run(&case, count.min(900), title);
    let accepted = thrivestack::stats().accepted();
    assert!(case == "bare" || accepted == count, "{accepted} of {count} events");
    drop(guard);
}

fn run(case: &str, count: u64, title: &str) {
    let each = |mut once: Box<dyn FnMut(u64)>| (0..count).for_each(|number| once(black_box(number)));
    let title = title.to_owned();
    match case {
        "bare" => each(Box::new(|number| { let _ = black_box(bare(number)); })),
        "scalar" => each(Box::new(|number| { let _ = black_box(scalar(number)); })),
        "string" => each(Box::new(move |_| { let _ = black_box(string(&title)); })),
        "five" => each(Box::new(move |number| { let _ = black_box(five(USER, ACCOUNT, number, true, &title)); })),
        "five_async" => each(Box::new(move |number| {
            let mut task = Task::from_waker(Waker::noop());
            let future = pin!(five_async(USER, ACCOUNT, number, true, &title));
            let Poll::Ready(result) = future.poll(&mut task) else { panic!("it never waits") };
            drop(black_box(result));
        })),
        "five_in_context" => Context::new().user_id(USER).group_id(ACCOUNT).in_scope(|| {
            each(Box::new(move |number| { let _ = black_box(five_in_context(number, true, &title)); }));
        }),
        other => panic!("there is no case `{other}`"),
    }
}
