//! What a caller pays, by rounds in which every library has its turn.
//!
//! CPU time, where many events are timed together: what else the machine does disturbs it least.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::contenders::{self, Contender};
use crate::measure::{at_intervals, median, ns_each, percentile, process_cpu, thread_cpu};

const ROUNDS: usize = 15;
const BURST: u64 = 1_000;

pub fn print(sink: &str) {
    let _guard = thrivestack_benches::init(&format!("{sink}/api"));
    let contenders = contenders::enabled(sink);
    switched_off();
    switched_on(&contenders);
    spaced(&contenders, Duration::from_micros(25), 400);
    spaced(&contenders, Duration::from_millis(1), 60);
}

fn switched_off() {
    const CALLS: u64 = 100_000;
    thrivestack::set_enabled(false);
    let contenders: Vec<_> = [contenders::bare()].into_iter().chain(contenders::disabled()).collect();
    let mut times = vec![Vec::new(); contenders.len()];
    for _ in 0..ROUNDS {
        for (contender, times) in contenders.iter().zip(&mut times) {
            let start = thread_cpu();
            contender.burst(CALLS);
            times.push(ns_each(thread_cpu() - start, CALLS));
        }
    }
    thrivestack::set_enabled(true);
    let bare = median(&mut times[0]);
    println!("\n**Switched off**, over the bare function ({bare:.1} ns)\n");
    println!("| | ns |\n| --- | ---: |");
    for (contender, times) in contenders.iter().zip(&mut times).skip(1) {
        println!("| {} | {:.1} |", contender.name, median(times) - bare);
    }
}

fn switched_on(enabled: &[Contender]) {
    let (bare, limit, parts) = (contenders::bare(), contenders::limit(), contenders::parts());
    let contenders: Vec<_> = enabled.iter().chain([&bare, &limit]).chain(&parts).collect();
    let mut times = vec![Vec::new(); contenders.len()];
    let mut cpus = vec![Vec::new(); contenders.len()];
    for round in 0..=ROUNDS {
        for (index, contender) in contenders.iter().enumerate() {
            let (start, cpu) = (thread_cpu(), process_cpu());
            contender.burst(BURST);
            let time = thread_cpu() - start;
            (contender.settle)();
            // The first round only warms up.
            if round > 0 {
                times[index].push(ns_each(time, BURST));
                cpus[index].push(ns_each(process_cpu() - cpu, BURST));
            }
        }
    }
    let ours = median(&mut times[0]);
    println!(
        "\n**Switched on**, bursts of {BURST} events: CPU time of the caller, and of the whole process until all is sent\n"
    );
    println!("| | ns | × ours | process, ns |\n| --- | ---: | ---: | ---: |");
    for (index, contender) in contenders.iter().enumerate() {
        let (time, cpu) = (median(&mut times[index]), median(&mut cpus[index]));
        println!("| {} | {time:.0} | {:.2} | {cpu:.0} |", contender.name, time / ours);
    }
}

/// One event per `gap`, each timed for itself.
fn spaced(enabled: &[Contender], gap: Duration, events: u64) {
    let is_spaced = |contender: &&Contender| {
        ["`#[track_event]`", "`tracing::info!`", "posthog-rs"]
            .iter()
            .any(|name| contender.name.starts_with(name))
    };
    let contenders: Vec<_> = enabled.iter().filter(is_spaced).collect();
    let mut times = vec![Vec::new(); contenders.len()];
    let mut empty = Vec::new();
    for _ in 0..ROUNDS {
        for (contender, times) in contenders.iter().zip(&mut times) {
            at_intervals(gap, events, |pages| {
                let start = Instant::now();
                empty.push(ns_each(start.elapsed(), 1));
                let start = Instant::now();
                (contender.emit)(black_box(pages));
                times.push(ns_each(start.elapsed(), 1));
            });
            (contender.settle)();
        }
    }
    let timer = median(&mut empty);
    println!("\n**One event per {gap:?}**, without the timer's own {timer:.0} ns\n");
    println!("| | p50, ns | × ours | p99, ns |\n| --- | ---: | ---: | ---: |");
    let ours = median(&mut times[0]) - timer;
    for (contender, times) in contenders.iter().zip(&mut times) {
        let (p50, p99) = (median(times) - timer, percentile(times, 99.0) - timer);
        println!("| {} | {p50:.0} | {:.1} | {p99:.0} |", contender.name, p50 / ours);
    }
}
