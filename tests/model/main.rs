//! The hand-over between the callers and the worker, under interleavings that a scheduler of threads chooses: the queue's
//! own source with another lock.

#[expect(dead_code, reason = "the model uses a part of the queue")]
#[path = "../../thrivestack/src/arena.rs"]
mod arena;
#[path = "../../thrivestack/src/counts.rs"]
mod counts;
#[path = "../../thrivestack/src/limits.rs"]
mod limits;
#[expect(dead_code, reason = "the model has no deadlines")]
#[path = "../../thrivestack/src/orders.rs"]
mod orders;
#[expect(dead_code, reason = "the model uses a part of the queue")]
#[path = "../../thrivestack/src/queue.rs"]
mod queue;
#[expect(dead_code, unreachable_pub, reason = "the model uses a part of what is public elsewhere")]
#[path = "../../thrivestack/src/reasons.rs"]
mod reasons;
#[expect(dead_code, reason = "the model has no allocator")]
#[path = "../../thrivestack/src/reentry.rs"]
mod reentry;
mod sync;
mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use shuttle::future::block_on;
use shuttle::thread::{self, JoinHandle};

use arena::{Arena, weight};
use limits::Limits;
use orders::{Reply, Waiter};
use queue::Queue;
use reasons::{DropReason, Rejected};
use wire::Endpoint;

const ITERATIONS: usize = 3_000;
const CALLERS: u8 = 2;
const EVENTS: u8 = 3;

/// Emits events that say who they are. Returns how many were accepted.
fn emit(queue: &Queue, caller: u8) -> u64 {
    (0..EVENTS).filter(|number| queue.append(Endpoint::Track, &[caller, *number]).is_ok()).count() as u64
}

/// Takes what waits and settles it, until the queue is to be shut down and is empty. Never looks without being woken.
fn work(queue: &Queue) -> Vec<[u8; 2]> {
    let mut seen = Vec::new();
    let mut waiters = Vec::new();
    loop {
        let orders = queue.orders();
        waiters.extend(orders.waiters);
        let taken = queue.take(Arena::default());
        assert_eq!(taken.first, seen.len() as u64, "positions go on where they ended");
        seen.extend(taken.arena.events(Endpoint::Track).map(|(_, event)| [event[0], event[1]]));
        let events = taken.arena.len() as u64;
        queue.delivered(events, events as usize * weight(2), 0);
        let position = seen.len() as u64;
        for waiter in waiters.extract_if(.., |waiter: &mut Waiter| waiter.position <= position) {
            waiter.reply.send(true);
        }
        if orders.shut_down_by.is_some() {
            queue.close();
            return seen;
        }
        block_on(queue.woken());
    }
}

/// A queue that a worker looks after, and that worker, which gives what it has seen.
fn worked(queue_bytes: usize) -> (Arc<Queue>, JoinHandle<Vec<[u8; 2]>>) {
    // Two events complete a batch, so that the worker is woken in the middle.
    let queue = Arc::new(Queue::new(Limits { queue_bytes, batch_events: 2, batch_bytes: 1_000 }));
    let worker = thread::spawn({
        let queue = queue.clone();
        move || work(&queue)
    });
    (queue, worker)
}

/// Has every caller do something on a thread of its own.
fn call<T: Send + 'static>(queue: &Arc<Queue>, act: fn(&Queue, u8) -> T) -> Vec<JoinHandle<T>> {
    (0..CALLERS)
        .map(|caller| {
            let queue = queue.clone();
            thread::spawn(move || act(&queue, caller))
        })
        .collect()
}

/// Waits for an answer in a way that lets the scheduler run the others.
fn wait(ask: impl FnOnce(Reply)) -> bool {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    ask(Reply::Task(sender));
    block_on(receiver).expect("an answer")
}

#[test]
fn every_event_is_handed_over_once_in_its_caller_s_order_and_no_wake_up_is_lost() {
    shuttle::check_random(
        || {
            let (queue, worker) = worked(10_000);
            let callers = call(&queue, |queue, caller| {
                assert_eq!(emit(queue, caller), u64::from(EVENTS));
                let deadline = Instant::now() + Duration::from_secs(60);
                assert!(wait(|reply| queue.wait_until_settled(deadline, reply)));
                assert!(queue.counts().delivered >= u64::from(EVENTS));
            });
            callers.into_iter().for_each(|caller| caller.join().unwrap());
            assert!(wait(|reply| queue.order_shutdown(Instant::now(), reply)));
            let seen = worker.join().unwrap();
            assert_eq!(seen.len(), usize::from(CALLERS * EVENTS));
            assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
            for caller in 0..CALLERS {
                assert!(seen.iter().filter(|event| event[0] == caller).is_sorted());
            }
        },
        ITERATIONS,
    );
}

#[test]
fn every_event_is_accounted_for_when_a_shutdown_comes_in_between() {
    shuttle::check_random(
        || {
            // Room for four events, so that some are refused.
            let (queue, worker) = worked(4 * weight(2));
            let callers = call(&queue, emit);
            assert!(wait(|reply| queue.order_shutdown(Instant::now(), reply)));
            let accepted: u64 = callers.into_iter().map(|caller| caller.join().unwrap()).sum();
            let seen = worker.join().unwrap();
            let counts = queue.counts();
            assert_eq!(
                (counts.accepted, counts.delivered, counts.pending()),
                (accepted, seen.len() as u64, 0)
            );
            assert_eq!(counts.dropped[DropReason::ShutDown as usize], counts.dropped_total());
            assert_eq!(queue.append(Endpoint::Track, b"{}"), Err(Rejected::ShutDown));
            // Whoever asks afterwards is not kept waiting.
            let (sender, receiver) = sync_channel(1);
            queue.wait_until_settled(Instant::now(), Reply::Thread(sender));
            assert!(receiver.try_recv().unwrap());
        },
        ITERATIONS,
    );
}

#[test]
fn what_waits_is_taken_in_parts_that_follow_one_another() {
    // One thread, so there is one order; the lock works only under the scheduler.
    shuttle::check_random(
        || {
            let queue =
                Queue::new(Limits { queue_bytes: 6_000_000, batch_events: 1_000, batch_bytes: 2_000_000 });
            for _ in 0..5 {
                queue.append(Endpoint::Track, &[b'1'; 1_000_000]).unwrap();
            }
            let mut parts = Vec::new();
            while queue.is_announced() {
                let taken = queue.take(Arena::default());
                parts.push((taken.first, taken.arena.len()));
            }
            assert_eq!(parts, [(0, 2), (2, 2)]);
            assert_eq!(queue.take(Arena::default()).first, 4, "the rest is too little to be announced");
            let rest = vec![b'1'; 6_000_000 - 5 * weight(1_000_000)];
            assert_eq!(queue.append(Endpoint::Track, &rest), Err(Rejected::QueueFull));
            queue.delivered(5, 5 * weight(1_000_000), 0);
            assert_eq!(queue.append(Endpoint::Track, &rest), Ok(()));
        },
        1,
    );
}
