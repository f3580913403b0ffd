//! What an event costs its caller, in counts that do not depend on the machine's load.
//!
//! Without an argument, it prints the allocations of each case. With a case's name, it runs that one for callgrind, which
//! counts what `counted` executes.

use allocation_counter::measure;
use thrivestack_benches::cases::{self, Case};
use thrivestack_benches::{EVENTS, flush, init, sink};

fn main() {
    let address = sink::start().expect("a free port on loopback");
    let guard = init(&format!("http://{address}/api"));
    match std::env::args().nth(1) {
        Some(name) => in_steady_state(&cases::named(&name), counted),
        None => {
            for case in cases::all() {
                in_steady_state(&case, |case| {
                    println!("{}\t{}\t{}", case.name, case.bare, measure(|| counted(case)).count_total);
                });
            }
        }
    }
    drop(guard);
}

/// Runs `measured` once every buffer has the size that it needs: the queue has two, which take turns.
fn in_steady_state(case: &Case, measured: impl FnOnce(&Case)) {
    case.prepared(|| {
        for _ in 0..2 {
            (0..EVENTS).for_each(|pages| case.call(pages));
            flush();
        }
        let before = thrivestack::stats().accepted();
        measured(case);
        let accepted = thrivestack::stats().accepted() - before;
        assert_eq!(accepted, if case.emits { EVENTS } else { 0 }, "events of `{}`", case.name);
    });
    flush();
}

#[inline(never)]
fn counted(case: &Case) {
    (0..EVENTS).for_each(|pages| case.call(pages));
}
