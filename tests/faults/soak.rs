//! A server that fails at random for as long as the test is given.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use thrivestack::{DropReason, Rejected};
use thrivestack_tests::{LONG, Reply, Request, Scripted};

use crate::case::{Case, numbers};

/// How many seconds it takes; a few by default.
const SECONDS: &str = "THRIVESTACK_SOAK_SECONDS";
const THREADS: u64 = 4;

/// A server that takes most of what comes, and what it took.
fn moody(random: &mut fastrand::Rng, request: &Request, taken: &mut HashSet<u64>) -> Reply {
    match random.u8(..64) {
        0 => Reply::status(500),
        1 => Reply::with_header(429, "retry-after: 0"),
        2 => Reply::Close,
        3 => Reply::Reset,
        4 => Reply::Bytes(b"HTTP/1.1 200 O".to_vec()),
        5 if request.events().len() > 1 => Reply::status(413),
        6 if request.events().len() > 1 => Reply::status(400),
        _ => {
            taken.extend(numbers(std::slice::from_ref(request)));
            Reply::status(200)
        }
    }
}

#[test]
fn every_event_is_accounted_for_all_along() {
    let seconds = std::env::var(SECONDS).map_or(4, |seconds| seconds.parse().expect("a number of seconds"));
    let end = Instant::now() + Duration::from_secs(seconds);
    let (sender, receiver) = std::sync::mpsc::channel();
    let mut random = fastrand::Rng::new();
    eprintln!("seed {}", random.get_seed());
    let mut taken = HashSet::new();
    let server = Scripted::answering(move |request| {
        let reply = moody(&mut random, request, &mut taken);
        sender.send(taken.len()).unwrap();
        reply
    });
    server.forget();
    let case = Case::with(server.endpoint(), |config| config.max_batch_events(50).queue_bytes(200_000));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let case = &case;
            scope.spawn(move || {
                for number in 0.. {
                    if Instant::now() >= end {
                        break;
                    }
                    let number = number * THREADS + thread;
                    case.client.track("report_created").user_id(thread).with("number", number).send();
                    case.check();
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
        }
    });
    assert!(case.client.flush(LONG * 4), "{:?}", case.client.stats());
    case.check();
    let stats = case.client.stats();
    let distinct = receiver.try_iter().last().unwrap() as u64;
    assert_eq!(stats.pending(), 0);
    assert!(stats.delivered() > 0);
    assert_eq!(distinct, stats.delivered(), "{stats:?}");
    assert_eq!(
        stats.dropped_total(),
        stats.dropped(DropReason::RefusedByServer) + stats.dropped(DropReason::TooLarge)
    );
    eprintln!("{stats:?}, refused {}", stats.rejected(Rejected::QueueFull));
}
