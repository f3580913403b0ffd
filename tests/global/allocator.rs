//! A host whose allocator emits. A process of its own, since the allocator is the process's.

use std::alloc::System;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use thrivestack::{Config, Context, Durability, Rejected};
use thrivestack_tests::{LONG, Scripted};
use tracking_allocator::{AllocationGroupId, AllocationRegistry, AllocationTracker, Allocator};

#[global_allocator]
static GLOBAL: Allocator<System> = Allocator::system();

static IS_EMITTING: AtomicBool = AtomicBool::new(false);
static EMITTED: AtomicU64 = AtomicU64::new(0);

/// Reports everything that is allocated or freed as an event.
struct Emitting;

fn emit(bytes: usize) {
    if IS_EMITTING.load(Ordering::Relaxed) {
        EMITTED.fetch_add(1, Ordering::Relaxed);
        thrivestack::track("memory_allocated").user_id("u").with("bytes", bytes as u64).send();
    }
}

impl AllocationTracker for Emitting {
    fn allocated(&self, _: usize, bytes: usize, _: usize, _: AllocationGroupId) {
        emit(bytes);
    }

    fn deallocated(&self, _: usize, bytes: usize, _: usize, _: AllocationGroupId, _: AllocationGroupId) {
        emit(bytes);
    }
}

#[test]
fn an_allocator_that_emits_neither_deadlocks_nor_recurses() {
    let server = Scripted::start([]);
    let spool = tempfile::tempdir().unwrap();
    let config = || Config::new("key").endpoint(server.endpoint()).flush_interval(Duration::from_millis(10));
    let guard = thrivestack::init(config()).unwrap();
    let spooled =
        thrivestack::Client::new(config().spool(spool.path()).durability(Durability::Disk)).unwrap();
    AllocationRegistry::set_global_tracker(Emitting).unwrap();
    AllocationRegistry::enable_tracking();
    IS_EMITTING.store(true, Ordering::Relaxed);

    let text = "x".repeat(2_000);
    for number in 0..1_000 {
        thrivestack::track("report_created").user_id("u").with("text", &text).with("number", number).send();
        let context = Context::new().user_id("u").with("text", &text);
        context.in_scope(|| thrivestack::track("report_created").send());
    }
    std::thread::scope(|scope| {
        scope.spawn(|| thrivestack::track("thread_started").user_id("u").send());
    });
    for _ in 0..100 {
        let sent = spooled.track("report_created").user_id("u").with("text", &text).send_durable();
        assert_eq!(sent.wait(), Ok(()));
    }
    assert!(spooled.flush(LONG));

    IS_EMITTING.store(false, Ordering::Relaxed);
    AllocationRegistry::disable_tracking();
    assert!(thrivestack::flush(LONG));
    let stats = thrivestack::stats();
    assert!(EMITTED.load(Ordering::Relaxed) > 1_000);
    assert!(stats.rejected(Rejected::Reentrant) > 0, "{stats:?}");
    assert_eq!(stats.accepted(), stats.delivered() + stats.dropped_total(), "{stats:?}");
    drop(guard);
}
