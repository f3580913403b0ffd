//! The messages where there are a subscriber of `tracing` and a logger of `log`. A process of its own, since both are the
//! process's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use thrivestack::{Client, Config};
use thrivestack_tests::{LONG, Listener, Logger, Reply, Scripted, is_ours, message};

/// A subscriber that counts the messages about rejected calls.
fn subscriber() -> (impl tracing::Subscriber, Arc<AtomicUsize>) {
    let heard = Arc::new(AtomicUsize::new(0));
    let count = heard.clone();
    let listener = Listener(move |event: &tracing::Event<'_>| {
        if is_ours(event) && message(event).contains("a call was rejected") {
            assert_eq!(event.metadata().target(), "thrivestack");
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    (listener, heard)
}

fn client(server: &Scripted) -> Client {
    Client::new(Config::new("key").endpoint(server.endpoint()).flush_interval(Duration::from_millis(10)))
        .unwrap()
}

fn wait_for(heard: &AtomicUsize, count: usize) {
    let start = Instant::now();
    while heard.load(Ordering::Relaxed) < count {
        assert!(start.elapsed() < LONG, "not {count} times");
        std::thread::yield_now();
    }
}

#[test]
fn exactly_one_of_the_two_hears_a_message() {
    let logger = Logger::install();
    let server = Scripted::start_then([], Reply::status(200));

    // A subscriber of this thread hears the worker of a client that is made here, as long as it is set.
    let (scoped, heard) = subscriber();
    let of_scope = tracing::subscriber::with_default(scoped, || {
        let client = client(&server);
        client.track("signed_in").send();
        wait_for(&heard, 1);
        client
    });
    let by_log = logger.messages("");
    assert!(by_log.is_empty(), "{by_log:?}");

    // It is not kept alive, and nobody else listens to `tracing`, though a subscriber was set once.
    of_scope.track("signed_out").send();
    logger.wait_for(1, "event=signed_out");
    let other = client(&server);
    other.track("signed_up").send();
    logger.wait_for(1, "event=signed_up");
    assert_eq!(heard.load(Ordering::Relaxed), 1);

    // That of the process hears everything from here on, clients that were made before among it.
    let (global, heard) = subscriber();
    tracing::subscriber::set_global_default(global).unwrap();
    let before = logger.messages("").len();
    for client in [&of_scope, &other, &client(&server)] {
        client.track("account_created").send();
        assert!(client.flush(LONG));
    }
    wait_for(&heard, 3);
    assert_eq!(logger.messages("").len(), before, "{:?}", logger.messages(""));
}
