//! A host whose subscriber of `tracing` panics, with payloads that panic when they are dropped. A process of its own, since
//! the subscriber is the process's.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use thrivestack::{Config, DropReason};
use tracing::Event;

use thrivestack_tests::{LONG, Listener, Reply, Scripted, explode, is_ours, message};

static MESSAGES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

static OF_OTHERS: AtomicUsize = AtomicUsize::new(0);

/// Panics in every message of this crate, and in the first ones of the HTTP library under it.
fn panic_at(event: &Event<'_>) {
    MESSAGES.lock().unwrap().insert(message(event));
    if !is_ours(event) && OF_OTHERS.fetch_add(1, Ordering::Relaxed) >= 2 {
        return;
    }
    explode();
}

#[test]
fn a_panic_in_a_subscriber_costs_nothing_but_the_message() {
    tracing::subscriber::set_global_default(Listener(panic_at)).unwrap();
    drop(thrivestack::init_or_disabled(Ok(Config::new(""))));

    let server = Scripted::start([
        Reply::status(503),
        Reply::status(200),
        Reply::status(422),
        Reply::status(401),
        Reply::with_body(200, "x: y", r#"{"success":true,"warnings":["no account"]}"#),
    ]);
    let config = Config::new("key").endpoint(server.endpoint()).flush_interval(Duration::from_millis(5));
    let guard =
        thrivestack::init_or_disabled(Ok(config.queue_bytes(10_000).on_report(|_| panic!("in a hook"))));
    let send = |name: &str| thrivestack::track(name).user_id("u").send();
    for (name, requests) in [("retried", 2), ("refused", 3), ("parked", 4)] {
        send(name);
        server.wait_for(requests, LONG);
    }
    // More than there is room for, so that there is a message about that too.
    (0..100).for_each(|_| send("refused_for_space"));
    thrivestack::set_api_key("another").unwrap();
    assert!(thrivestack::flush(LONG));
    send("delivered");
    assert!(thrivestack::flush(LONG));
    let stats = thrivestack::stats();
    assert_eq!(stats.dropped(DropReason::RefusedByServer), 1, "{stats:?}");
    assert_eq!(stats.accepted(), stats.delivered() + 1, "{stats:?}");
    drop(guard);

    let messages = MESSAGES.lock().unwrap();
    for part in [
        "telemetry is off",
        "cannot be delivered now",
        "are delivered again",
        "were refused for good",
        "check the API key",
        "the queue is full",
        "with a warning",
        "`on_report` panicked",
    ] {
        assert!(messages.iter().any(|message| message.contains(part)), "{part} in {messages:?}");
    }
}
