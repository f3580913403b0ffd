//! Hosts that shut down at the wrong moment, and code that emits from where one should not.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use thrivestack::{Client, Decision, DropReason, ErrorKind, Rejected, ReportOutcome};
use thrivestack_tests::{LONG, Reply, Scripted, block_on};

use crate::case::Case;

#[test]
fn a_shutdown_during_a_back_off_ends_by_its_deadline() {
    let server = Scripted::start_then([], Reply::with_header(503, "retry-after: 100"));
    let case = Case::with(server.endpoint(), |config| config.shutdown_timeout(Duration::from_millis(300)));
    case.emit(10);
    assert_eq!(case.report().outcome(), ReportOutcome::WillRetry);
    let start = Instant::now();
    assert!(!case.client.shutdown());
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(300) && took < LONG / 2, "{took:?}");
    assert_eq!(case.client.stats().dropped(DropReason::ShutDown), 10);
    case.check();
}

#[test]
fn a_shutdown_with_a_full_queue_ends_by_its_deadline() {
    let server = Scripted::start_then([], Reply::Hang);
    let case = Case::with(server.endpoint(), |config| {
        config.queue_bytes(50_000).shutdown_timeout(Duration::from_millis(300))
    });
    case.emit(1_000);
    let stats = case.client.stats();
    assert!(stats.rejected(Rejected::QueueFull) > 0);
    assert_eq!(stats.accepted() + stats.rejected(Rejected::QueueFull), 1_000);
    let start = Instant::now();
    assert!(!case.client.shutdown());
    assert!(start.elapsed() < LONG / 2);
    let stats = case.client.stats();
    assert_eq!((stats.pending(), stats.dropped(DropReason::ShutDown)), (0, stats.accepted()));
    case.check();
}

#[test]
fn a_shutdown_delivers_more_than_one_look_takes() {
    let server = Scripted::start([]);
    let case = Case::with(server.endpoint(), |config| {
        // Nothing of the first look is left, which is no reason to think that nothing is left at all.
        config.flush_interval(LONG).shutdown_timeout(LONG).before_send(|payload| {
            if payload.properties()["number"].as_u64() < Some(30) { Decision::Drop } else { Decision::Send }
        })
    });
    case.emit_with(60, &"x".repeat(100_000));
    assert!(case.client.shutdown());
    let stats = case.client.stats();
    assert_eq!((stats.delivered(), stats.dropped(DropReason::Hook), stats.dropped_total()), (30, 30, 30));
    case.check();
}

#[test]
fn a_second_shutdown_and_what_comes_after_one_say_so() {
    let server = Scripted::start([]);
    let case = Case::with(server.endpoint(), |config| config.shutdown_timeout(LONG));
    case.emit(1);
    assert!(case.client.shutdown() && case.client.shutdown());
    assert_eq!(case.client.track("a_b").user_id(1).try_send(), Err(Rejected::ShutDown));
    assert_eq!(case.client.stats().rejected(Rejected::ShutDown), 1);
    assert!(case.client.flush(LONG));
    case.client.set_enabled(true);
    assert!(!case.client.is_enabled());
    assert!(case.client.set_api_key("another").is_ok(), "nobody is left to use it, which harms nobody");
    assert_eq!(case.client.set_api_key(" ").unwrap_err().kind(), ErrorKind::MissingKey);
    case.check();
}

#[test]
fn a_hook_may_wait_for_its_own_client_in_every_way() {
    let slot: Arc<OnceLock<Client>> = Arc::default();
    let (in_before_send, in_report) = (slot.clone(), slot.clone());
    let server = Scripted::start([]);
    let config = thrivestack::Config::new("key")
        .endpoint(server.endpoint())
        .flush_interval(Duration::from_millis(10))
        .before_send(move |payload| {
            let client = in_before_send.get().unwrap();
            if payload.event_name() == Some("signed_in") {
                client.track("session_started").user_id("u").send();
                assert!(!client.flush(LONG), "the worker cannot wait for itself");
                assert!(!block_on(client.flush_async(LONG)), "in a future neither");
            }
            Decision::Send
        })
        .on_report(move |_| {
            let client = in_report.get().unwrap();
            let _ = client.flush(LONG);
            let _ = block_on(client.flush_async(LONG));
        });
    let client = Client::new(config).unwrap();
    slot.set(client.clone()).unwrap();
    client.track("signed_in").user_id("u").send();
    let start = Instant::now();
    server.wait_for(2, LONG);
    assert!(client.flush(LONG));
    assert!(start.elapsed() < LONG / 2);
    assert_eq!((client.stats().delivered(), client.stats().dropped_total()), (2, 0));
}

#[test]
fn a_hook_may_shut_its_own_client_down() {
    let slot: Arc<OnceLock<Client>> = Arc::default();
    let in_report = slot.clone();
    let (sender, shut_down) = std::sync::mpsc::sync_channel(1);
    let server = Scripted::start([]);
    let config = thrivestack::Config::new("key")
        .endpoint(server.endpoint())
        .flush_interval(Duration::from_millis(10))
        .on_report(move |_| sender.send(in_report.get().unwrap().shutdown()).unwrap());
    let client = Client::new(config).unwrap();
    slot.set(client.clone()).unwrap();
    client.track("signed_in").user_id("u").send();
    assert!(shut_down.recv_timeout(LONG).unwrap());
    assert_eq!(client.stats().delivered(), 1);
    assert_eq!(client.track("a_b").user_id(1).try_send(), Err(Rejected::ShutDown));
}

#[test]
fn a_panic_in_a_serialize_costs_that_event() {
    struct Panicking;
    impl serde::Serialize for Panicking {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("in the user's code")
        }
    }
    let server = Scripted::start([]);
    let case = Case::new(server.endpoint());
    let call = || case.client.track("report_created").user_id("u").with("value", Panicking);
    assert_eq!(call().try_send(), Err(Rejected::Panicked));
    call().send();
    assert_eq!(case.client.stats().rejected(Rejected::Panicked), 2);
    case.emit(1);
    case.deliver();
}

#[test]
fn a_worker_that_a_hook_holds_up_holds_up_no_shutdown() {
    let (go_on, waiting) = std::sync::mpsc::channel::<()>();
    let waiting = std::sync::Mutex::new(waiting);
    let server = Scripted::start([]);
    let case = Case::with(server.endpoint(), |config| {
        config.shutdown_timeout(Duration::from_millis(200)).before_send(move |_| {
            let _ = waiting.lock().unwrap().recv();
            Decision::Send
        })
    });
    case.emit(1);
    let start = Instant::now();
    assert!(!case.client.flush(Duration::from_millis(100)));
    assert!(!case.client.shutdown());
    assert!(start.elapsed() < LONG / 2);
    assert_eq!(case.client.stats().dropped(DropReason::ShutDown), 1);
    drop(go_on);
    case.check();
}
