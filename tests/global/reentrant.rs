//! Code of the host that the crate runs without wanting to: a subscriber of `tracing` and a panic hook that emit, flush and
//! shut down themselves. A process of its own, since both are the process's.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use thrivestack::{Client, Config, Decision, DropReason};

use thrivestack_tests::{LONG, Listener, Reply, Scripted, is_ours};

static CLIENT: OnceLock<Client> = OnceLock::new();
static LOGGED: AtomicUsize = AtomicUsize::new(0);

fn emit_and_flush(event_name: &str) {
    let client = CLIENT.get().unwrap();
    client.track(event_name).user_id("u").send();
    let _ = client.flush(Duration::from_millis(50));
}

#[test]
fn emitting_from_a_subscriber_and_a_panic_hook_neither_recurses_nor_blocks() {
    // Emits an event for every message of ours, and waits for it.
    let listener = Listener(|event: &tracing::Event<'_>| {
        if is_ours(event) {
            LOGGED.fetch_add(1, Ordering::Relaxed);
            emit_and_flush("message_logged");
        }
    });
    tracing::subscriber::set_global_default(listener).unwrap();
    let panics = AtomicUsize::new(0);
    std::panic::set_hook(Box::new(move |_| {
        // Every report panics: a host that emitted for each of them would keep itself busy.
        if panics.fetch_add(1, Ordering::Relaxed) < 10 {
            emit_and_flush("panic_seen");
        }
    }));
    let server = Scripted::start([Reply::status(503), Reply::status(503)]);
    let config = Config::new("key")
        .endpoint(server.endpoint())
        .flush_interval(Duration::from_millis(10))
        .queue_bytes(2_000)
        .before_send(|payload| {
            assert_ne!(payload.event_name(), Some("hook_panicked"));
            Decision::Send
        })
        .on_report(|_| panic!("in a hook"));
    let client = CLIENT.get_or_init(|| Client::new(config).unwrap());

    let start = Instant::now();
    client.track("hook_panicked").user_id("u").send();
    // The server fails, the queue is full, hooks panic: there is a message about each.
    for _ in 0..100 {
        client.track("signed_in").user_id("u").send();
    }
    let panicked = std::thread::spawn(|| panic!("in the host")).join();
    assert!(panicked.is_err());
    while client.stats().retries() < 2 || client.stats().pending() > 0 {
        assert!(client.flush(LONG));
    }
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
    let stats = client.stats();
    assert_eq!(stats.dropped(DropReason::HookPanicked), 1);
    assert_eq!(stats.accepted(), stats.delivered() + stats.pending() + stats.dropped_total());
    assert!(LOGGED.load(Ordering::Relaxed) > 0);
    assert!(LOGGED.load(Ordering::Relaxed) < 50, "a message of a message of a message");
    let names: Vec<_> = server.requests().iter().flat_map(thrivestack_tests::Request::events).collect();
    assert!(names.iter().any(|event| event["event_name"] == "message_logged"), "{names:?}");
    let _ = client.shutdown();
}
