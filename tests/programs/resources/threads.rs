//! What a thread that has emitted keeps.

use std::sync::Barrier;

use thrivestack::{Client, Config};
use thrivestack_tests::{LONG, Scripted};

use crate::resident;

const THREADS: usize = 10_000;
/// The most that a thread may keep.
const EACH: usize = 4 * 1024;

/// What a stack takes is not ours: has it take now what calls will take of it.
#[inline(never)]
fn touch_stack() {
    std::hint::black_box([0_u8; 32 * 1024]);
}

pub(crate) fn ten_thousand() {
    let server = Scripted::start([]);
    server.forget();
    let client = Client::new(Config::new("key").endpoint(server.endpoint())).unwrap();
    let [started, emitting, emitted, ending] = [(); 4].map(|()| Barrier::new(THREADS + 1));
    let grown = std::thread::scope(|scope| {
        for _ in 0..THREADS {
            let run = || {
                touch_stack();
                started.wait();
                emitting.wait();
                client.track("signed_in").user_id("u").with("plan", "pro").send();
                emitted.wait();
                ending.wait();
            };
            std::thread::Builder::new().stack_size(128 * 1024).spawn_scoped(scope, run).unwrap();
        }
        started.wait();
        let before = resident();
        emitting.wait();
        emitted.wait();
        assert!(client.flush(LONG));
        let grown = resident().saturating_sub(before);
        ending.wait();
        grown
    });
    assert_eq!(client.stats().delivered(), THREADS as u64);
    println!("{} bytes a thread", grown / THREADS);
    // Besides what the threads keep, there are the events that waited.
    assert!(grown <= THREADS * EACH + 16_000_000, "{} bytes a thread", grown / THREADS);
}
