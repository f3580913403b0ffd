//! Answers that say what to do: refused keys, refused events, bodies that are too large.

use std::io::Write as _;
use std::net::Shutdown;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use thrivestack::{Config, DropReason, ReportOutcome};
use thrivestack_tests::{LONG, Reply, Scripted};

use crate::case::{Case, KEY, numbers, quick};

/// Answers 401 to every other key than this.
fn demanding(key: &'static str) -> Scripted {
    Scripted::answering(move |request| {
        Reply::status(if request.header("x-api-key") == Some(key) { 200 } else { 401 })
    })
}

#[test]
fn a_401_in_mid_run_parks_and_another_key_delivers_everything() {
    let revoked = Arc::new(Mutex::new(false));
    let is_revoked = revoked.clone();
    let server = Scripted::answering(move |request| {
        let is_old = request.header("x-api-key") == Some(KEY);
        Reply::status(if is_old && *is_revoked.lock().unwrap() { 401 } else { 200 })
    });
    let case = Case::new(server.endpoint());
    case.emit(10);
    case.deliver();
    *revoked.lock().unwrap() = true;
    let before = server.requests().len();
    while case.client.stats().pending() == 0 {
        case.emit(10);
    }
    server.wait_for(before + 1, LONG);
    case.emit(10);
    assert!(!case.client.flush(std::time::Duration::from_millis(200)));
    assert_eq!(server.requests().len(), before + 1, "a parked endpoint is probed once a minute");
    case.client.set_api_key("another").unwrap();
    case.deliver();
}

#[test]
fn a_key_file_that_is_rewritten_delivers_everything() {
    let server = demanding("of-today");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "of-yesterday\n").unwrap();
    let case = Case::of(quick(Config::with_key_file(&file)).endpoint(server.endpoint()));
    std::fs::write(&file, "of-today\n").unwrap();
    case.emit(10);
    case.deliver();
    assert_eq!(case.client.stats().dropped_total(), 0);
}

#[test]
fn a_413_at_500_kb_halves_converges_and_grows_again() {
    let limit = Arc::new(AtomicUsize::new(500_000));
    let largest = Arc::new(AtomicUsize::new(0));
    let (limit_of_proxy, largest_taken) = (limit.clone(), largest.clone());
    let server = Scripted::answering(move |request| {
        let bytes = request.body.len();
        if bytes > limit_of_proxy.load(Ordering::Relaxed) {
            return Reply::status(413);
        }
        largest_taken.fetch_max(bytes, Ordering::Relaxed);
        Reply::status(200)
    });
    let case = Case::with(server.endpoint(), |config| config.queue_bytes(64_000_000));
    let text = "x".repeat(45_000);
    case.emit_with(200, &text);
    case.deliver();
    let (taken, refused): (Vec<_>, Vec<_>) =
        server.requests().into_iter().partition(|request| request.body.len() <= 500_000);
    assert!(
        refused.len() <= taken.len() / 2,
        "{} of {} requests",
        refused.len(),
        refused.len() + taken.len()
    );
    assert_eq!(numbers(&taken), (0..200).collect::<Vec<_>>());

    limit.store(usize::MAX, Ordering::Relaxed);
    while largest.load(Ordering::Relaxed) <= 500_000 {
        case.emit_with(100, &text);
        case.deliver();
    }
}

#[test]
fn a_413_before_the_body_was_read_is_heard() {
    let server = Scripted::connected(|_, mut stream| {
        let mut head = vec![0; 4_096];
        let length = loop {
            let peeked = stream.peek(&mut head).ok()?;
            let text = String::from_utf8_lossy(&head[..peeked]).into_owned();
            let (_, rest) = text.split_once("content-length: ").unwrap_or_default();
            match rest.split_once("\r\n") {
                Some((length, _)) => break length.parse::<usize>().unwrap(),
                // The rest of the head is on its way.
                None => std::thread::yield_now(),
            }
        };
        if length <= 500_000 {
            return Some(stream);
        }
        let Reply::Bytes(answer) = Reply::status(413) else { unreachable!() };
        stream.write_all(&answer).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // As proxies do, it reads what was on its way for a while, so that the answer is not lost to a reset.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
        None
    });
    let case = Case::with(server.endpoint(), |config| config.flush_interval(LONG));
    case.emit_with(40, &"x".repeat(45_000));
    case.deliver();
    assert_eq!(numbers(&server.requests()), (0..40).collect::<Vec<_>>());
    assert!(case.client.stats().requests() <= 10, "{:?}", case.client.stats());
}

/// Answers 400 to a request with an event whose number is among these.
fn refusing(is_bad: impl Fn(u64) -> bool + Send + 'static) -> Scripted {
    Scripted::answering(move |request| {
        let is_refused = numbers(std::slice::from_ref(request)).into_iter().any(&is_bad);
        let words = r#"{"message":"what a number"}"#;
        if is_refused { Reply::with_body(400, "x: y", words) } else { Reply::status(200) }
    })
}

#[test]
fn one_bad_event_among_a_thousand_costs_itself_and_22_requests() {
    let server = refusing(|number| number == 617);
    // The worker looks when the batch is full, so that all of them are in the first request.
    let case = Case::with(server.endpoint(), |config| config.flush_interval(LONG));
    case.emit(1_000);
    assert!(case.client.flush(LONG));
    let stats = case.client.stats();
    assert_eq!((stats.delivered(), stats.dropped(DropReason::RefusedByServer)), (999, 1));
    let culprit = loop {
        let report = case.report();
        if report.outcome() == ReportOutcome::Dropped(DropReason::RefusedByServer) {
            break report;
        }
    };
    assert_eq!((culprit.events(), culprit.message()), (1, Some("what a number")));
    assert!(String::from_utf8_lossy(culprit.body()).contains(r#""number":617"#));
    let requests = server.requests().len();
    assert!(requests <= 22, "{requests} requests");
}

#[test]
fn a_thousand_bad_events_are_no_storm() {
    let server = refusing(|_| true);
    let case = Case::with(server.endpoint(), |config| config.flush_interval(LONG));
    case.emit(1_000);
    assert!(case.client.flush(LONG));
    let stats = case.client.stats();
    assert_eq!((stats.delivered(), stats.dropped(DropReason::RefusedByServer)), (0, 1_000));
    let requests = server.requests().len();
    assert!(requests <= 65, "{requests} requests");
    case.check();
}
