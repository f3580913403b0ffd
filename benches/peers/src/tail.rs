//! The slowest calls of `send()`, beside those of what no queue can do without, a lock and a copy of the same bytes, and
//! beside a loop that takes as long as a usual `send()`: the longer something takes, the more often it is interrupted.

use std::hint::black_box;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use thrivestack::{Client, Config, Rejected};
use thrivestack_benches::cases::{ACCOUNT, TITLE, USER};

use crate::contenders::EVENT;
use crate::measure::{at_intervals, median, ns_each, percentile};

/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:9";

/// So many bytes take all events of a round.
const ROOM: usize = 64 << 20;

/// In which state of the server and the queue events are sent, and how.
struct Situation<'a> {
    host: &'a str,
    queue_bytes: usize,
    gap: Duration,
    events: u64,
}

pub fn print(sink: &str) {
    let (often, seldom) = (Duration::from_micros(5), Duration::from_micros(100));
    let situations = [
        ("the server is up, an event per 5 µs", sink, ROOM, often, 1_000_000),
        ("the server is up, an event per 100 µs", sink, ROOM, seldom, 50_000),
        ("it is down, the queue fills, an event per 5 µs", NOBODY, ROOM, often, 100_000),
        ("it is down, the queue fills, an event per 100 µs", NOBODY, ROOM, seldom, 50_000),
        ("it is down, the queue is full, an event per 100 µs", NOBODY, 1 << 20, seldom, 50_000),
    ];
    println!(
        "\n**Tail**, ns: `send()`, and in turns with it a lock and a copy of the same bytes, and a loop as long\n"
    );
    println!("| | `send()` p50 | p99 | p99.9 | copy p50 | p99 | p99.9 | loop p50 | p99 | p99.9 |");
    println!("| --- | {}", "---: | ".repeat(9).trim_end());
    for (name, host, queue_bytes, gap, events) in situations {
        let tails = Situation { host, queue_bytes, gap, events }.measure().map(tail);
        let cells: Vec<_> = tails.concat().iter().map(|ns| format!("{ns:.0}")).collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
}

fn tail(mut times: Vec<f64>) -> [f64; 3] {
    [50.0, 99.0, 99.9].map(|percent| percentile(&mut times, percent))
}

impl Situation<'_> {
    /// The times of every `send()`, every copy and every loop, without the timer's own.
    fn measure(&self) -> [Vec<f64>; 3] {
        let config =
            Config::new("key").endpoint(format!("{}/api", self.host)).shutdown_timeout(Duration::ZERO);
        let client = Client::new(config.queue_bytes(self.queue_bytes)).expect("a valid configuration");
        let buffer = Mutex::new(Vec::with_capacity(EVENT.len() * 1_000));
        (0..1_000).for_each(|_| append(&buffer));
        let mut empty: Vec<_> = (0..10_000).map(|_| time(|| ())).collect();
        let timer = median(&mut empty);
        // What is done once is done by now, and a queue that is to be full is.
        let mut before: Vec<_> = (0..10_000).map(|pages| time(|| send(&client, pages))).collect();
        let rounds = rounds_of(median(&mut before) - timer);
        let mut times = [const { Vec::new() }; 3];
        // In turns, so that what else the machine does meets them alike, and what is cold is so for all.
        at_intervals(self.gap / 3, self.events * 3, |turn| match turn % 3 {
            0 => times[0].push(time(|| send(&client, turn)) - timer),
            1 => times[1].push(time(|| append(&buffer)) - timer),
            _ => times[2].push(time(|| spin(rounds)) - timer),
        });
        let refused = client.stats().rejected(Rejected::QueueFull);
        assert_eq!(refused > 0, self.queue_bytes < ROOM, "{refused} were refused");
        times
    }
}

fn time(act: impl FnOnce()) -> f64 {
    let start = Instant::now();
    act();
    ns_each(start.elapsed(), 1)
}

/// So many rounds of [`spin`] take so long.
fn rounds_of(ns: f64) -> u64 {
    const ROUNDS: u64 = 1_000;
    let mut times: Vec<_> = (0..100).map(|_| time(|| spin(ROUNDS))).collect();
    (ns / median(&mut times) * ROUNDS as f64) as u64
}

fn spin(rounds: u64) {
    (0..rounds).for_each(|round| {
        black_box(round);
    });
}

fn send(client: &Client, pages: u64) {
    let call =
        client.track(black_box("report_created")).user_id(black_box(USER)).group_id(black_box(ACCOUNT));
    let call = call.with("format", "pdf").with("source_view", "dashboard").with("pages", black_box(pages));
    call.with("shared", black_box(true)).with("title", black_box(TITLE)).send();
}

fn append(buffer: &Mutex<Vec<u8>>) {
    let mut buffer = buffer.lock().expect("nothing panics under this lock");
    if buffer.len() == buffer.capacity() {
        buffer.clear();
    }
    buffer.extend_from_slice(black_box(EVENT).as_bytes());
}
