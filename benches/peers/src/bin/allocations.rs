//! Prints what each library allocates on the caller's thread. A program of its own, because a counting allocator makes
//! each allocation dearer, and growing a buffer much dearer.

use allocation_counter::measure;
use thrivestack_peers::{contenders, sink, with_sink};

const EVENTS: u64 = 500;

fn main() {
    match std::env::args().nth(1) {
        Some(_) => sink(),
        None => with_sink(print),
    }
}

fn print(sink: &str) {
    let guard = thrivestack_benches::init(&format!("{sink}/api"));
    println!("\n**Allocations** of an event on the caller's thread, in the steady state\n");
    println!("| | allocations |\n| --- | ---: |");
    for contender in contenders::enabled(sink) {
        for _ in 0..2 {
            contender.burst(EVENTS);
            (contender.settle)();
        }
        let allocations = measure(|| contender.burst(EVENTS)).count_total;
        println!("| {} | {:.1} |", contender.name, allocations as f64 / EVENTS as f64);
    }
    drop(guard);
}
