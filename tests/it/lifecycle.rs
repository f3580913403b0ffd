//! Flushing, shutting down and dropping, with and without a runtime, and by their deadlines.

use std::time::{Duration, Instant};

use thrivestack::{Client, Config, DropReason};

use thrivestack_tests::{LONG, Reply, Scripted, block_on, start, start_with};

/// A client of a server that takes requests and never answers.
fn hanging(shutdown_timeout: Duration) -> (Scripted, Client) {
    let server = Scripted::start_then([], Reply::Hang);
    let config = Config::new("key")
        .endpoint(server.endpoint())
        .flush_interval(Duration::from_millis(20))
        .shutdown_timeout(shutdown_timeout);
    (server, Client::new(config).unwrap())
}

#[test]
fn a_flush_covers_what_was_accepted_before_it() {
    let local = start_with(|config| config.flush_interval(LONG));
    assert!(local.client.flush(LONG), "there is nothing to wait for");
    for number in 0..10 {
        local.client.track("signed_in").user_id(number).send();
        assert!(local.client.flush(LONG));
        assert_eq!(local.server.calls().len(), number + 1);
    }
}

#[test]
fn a_flush_ends_when_its_time_runs_out() {
    let (_server, client) = hanging(Duration::ZERO);
    client.track("signed_in").user_id("u").send();
    let start = Instant::now();
    assert!(!client.flush(Duration::from_millis(100)));
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(100) && took < LONG / 2, "{took:?}");
    assert!(!client.flush(Duration::ZERO));
    assert!(!block_on(client.flush_async(Duration::from_millis(50))));
    assert_eq!(client.stats().pending(), 1);
}

#[test]
fn an_async_flush_needs_no_runtime() {
    let local = start();
    local.client.track("signed_in").user_id("u").send();
    assert!(block_on(local.client.flush_async(LONG)));
    assert_eq!(local.server.calls().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn everything_works_inside_a_current_thread_runtime() {
    let local = start();
    local.client.track("signed_in").user_id("u").send();
    assert!(local.client.flush_async(LONG).await);
    local.client.track("signed_out").user_id("u").send();
    assert!(local.client.flush(LONG), "a blocking flush does not need the runtime that it blocks");
    local.client.track("signed_in").user_id("u").send();
    drop(local.client);
    assert_eq!(local.server.calls().len(), 3);
}

#[test]
fn a_client_outlives_the_runtime_it_was_made_in() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let local = runtime.block_on(async { start() });
    drop(runtime);
    local.client.track("signed_in").user_id("u").send();
    assert_eq!(local.calls().len(), 1);
}

#[test]
fn the_last_clone_delivers_when_it_is_dropped() {
    let local = start_with(|config| config.flush_interval(LONG));
    let clone = local.client.clone();
    drop(local.client);
    clone.track("signed_in").user_id("u").send();
    assert!(local.server.calls().is_empty());
    drop(clone);
    assert_eq!(local.server.calls().len(), 1);
}

#[test]
fn a_shutdown_delivers_once_and_ends_the_client() {
    let local = start_with(|config| config.flush_interval(LONG));
    local.client.track("signed_in").user_id("u").send();
    assert!(local.client.shutdown());
    assert!(local.client.shutdown(), "a second one waits for nothing");
    local.client.track("signed_out").user_id("u").send();
    assert!(local.client.flush(LONG));
    drop(local.client);
    assert_eq!(local.server.calls().len(), 1);
}

#[test]
fn a_shutdown_ends_by_its_deadline_and_accounts_for_everything() {
    let (server, client) = hanging(Duration::from_millis(100));
    for _ in 0..10 {
        client.track("signed_in").user_id("u").send();
    }
    server.wait_for(1, LONG);
    let start = Instant::now();
    assert!(!client.shutdown());
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(100) && took < LONG / 2, "{took:?}");
    let stats = client.stats();
    assert_eq!((stats.accepted(), stats.pending(), stats.dropped(DropReason::ShutDown)), (10, 0, 10));
}

#[test]
fn a_shutdown_with_everything_parked_returns_at_once() {
    let server = Scripted::start_then([], Reply::status(401));
    let config = Config::new("key")
        .endpoint(server.endpoint())
        .flush_interval(Duration::from_millis(20))
        .shutdown_timeout(LONG);
    let client = Client::new(config).unwrap();
    client.track("signed_in").user_id("u").send();
    server.wait_for(1, LONG);
    let start = Instant::now();
    assert!(!client.shutdown());
    assert!(start.elapsed() < LONG / 2);
    assert_eq!(client.stats().dropped(DropReason::ShutDown), 1);
}

#[test]
fn every_event_is_accounted_for_at_every_moment() {
    let server = Scripted::start((0..20).map(|number| match number % 4 {
        0 => Reply::status(200),
        1 => Reply::with_header(429, "retry-after: 0"),
        2 => Reply::status(400),
        _ => Reply::Reset,
    }));
    let config = Config::new("key")
        .endpoint(server.endpoint())
        .flush_interval(Duration::from_millis(1))
        .max_batch_events(50)
        .queue_bytes(100_000);
    let client = Client::new(config).unwrap();
    let mut tried = 0;
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            for number in 0..2_000 {
                client.track("report_created").user_id(number).send();
            }
        });
        while !sending.is_finished() || tried < 1_000 {
            let stats = client.stats();
            assert_eq!(stats.accepted(), stats.delivered() + stats.pending() + stats.dropped_total());
            tried += 1;
        }
    });
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!(stats.accepted() + stats.rejected(thrivestack::Rejected::QueueFull), 2_000);
    assert_eq!((stats.pending(), stats.accepted()), (0, stats.delivered() + stats.dropped_total()));
}

#[test]
fn a_thread_that_is_ending_can_still_emit() {
    struct AtExit(Client);
    impl Drop for AtExit {
        fn drop(&mut self) {
            self.0.track("signed_out").user_id("u").send();
        }
    }
    thread_local!(static AT_EXIT: std::cell::RefCell<Option<AtExit>> = const { std::cell::RefCell::new(None) });
    let local = start();
    let client = local.client.clone();
    std::thread::spawn(move || {
        AT_EXIT.with(|cell| *cell.borrow_mut() = Some(AtExit(client.clone())));
        client.track("signed_in").user_id("u").send();
    })
    .join()
    .unwrap();
    assert_eq!(local.calls().len(), 2);
}
