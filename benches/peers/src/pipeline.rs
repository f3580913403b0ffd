//! From the caller to the socket: events a second, and CPU of the whole process for each that was delivered.

use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use thrivestack_benches::cases;

use crate::contenders::{EVENT, PostHog};
use crate::measure::{median, ns_each, process_cpu, thread_cpu};

const ROUNDS: usize = 9;
const EVENTS: u64 = 100_000;
/// After so many events, a producer looks whether the queue has room for as many again.
const CHUNK: u64 = 500;

/// Sends all events of a round. Gives the CPU time of the producing threads.
type Send = Box<dyn Fn() -> Duration>;

/// One round of one sender.
#[derive(Clone, Copy)]
struct Round {
    time: Duration,
    cpu: Duration,
    /// The CPU time of the producing threads alone.
    producers: Duration,
}

pub fn print(sink: &str) {
    let _guard = thrivestack_benches::init(&format!("{sink}/api"));
    let posthog = PostHog::new(sink);
    let bare = Bare::new(sink);
    let senders: [(&str, Send); 4] = [
        ("`#[track_event]`, one producer", Box::new(|| ours(1))),
        ("`#[track_event]`, two producers", Box::new(|| ours(2))),
        ("posthog-rs, one producer", Box::new(move || produce_for(&posthog))),
        ("bare reqwest, prepared bodies", Box::new(move || bare.post())),
    ];
    let mut rounds = vec![Vec::new(); senders.len()];
    for round in 0..=ROUNDS {
        for ((_, send), rounds) in senders.iter().zip(&mut rounds) {
            let (start, cpu) = (Instant::now(), process_cpu());
            let producers = send();
            // The first round only warms up.
            if round > 0 {
                rounds.push(Round { time: start.elapsed(), cpu: process_cpu() - cpu, producers });
            }
        }
    }
    println!("\n**Pipeline** over loopback, {EVENTS} events a round; the sink is another process\n");
    println!("| | events/s | CPU ns an event | of them in producers |\n| --- | ---: | ---: | ---: |");
    for ((name, _), rounds) in senders.iter().zip(&rounds) {
        let each = |of: fn(&Round) -> Duration| {
            median(&mut rounds.iter().map(|round| ns_each(of(round), EVENTS)).collect::<Vec<_>>())
        };
        let (time, cpu, producers) =
            (each(|round| round.time), each(|round| round.cpu), each(|round| round.producers));
        println!("| {name} | {:.0} | {cpu:.0} | {producers:.0} |", 1e9 / time);
    }
}

fn ours(producers: u64) -> Duration {
    let before = thrivestack::stats();
    let produce = || {
        let case = cases::named("five properties");
        produced(EVENTS / producers, |pages| case.call(pages), || thrivestack::stats().pending() < 10_000)
    };
    let cpu = thread::scope(|scope| {
        let threads: Vec<_> = (0..producers).map(|_| scope.spawn(produce)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no producer panics")).sum()
    });
    thrivestack_benches::flush();
    let delivered = thrivestack::stats().delivered() - before.delivered();
    assert_eq!(delivered, EVENTS, "an event was refused or dropped");
    cpu
}

fn produce_for(posthog: &PostHog) -> Duration {
    let cpu = produced(EVENTS, |pages| posthog.capture(pages), || true);
    posthog.flush();
    cpu
}

/// Sends events whenever there is room for them. Gives the CPU time that took this thread.
fn produced(events: u64, emit: impl Fn(u64), has_room: impl Fn() -> bool) -> Duration {
    let cpu = thread_cpu();
    for pages in 0..events {
        emit(pages);
        while pages % CHUNK == 0 && !has_room() {
            thread::sleep(Duration::from_micros(50));
        }
    }
    thread_cpu() - cpu
}

/// What a client costs that does nothing but send.
struct Bare {
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    url: String,
    /// As many bodies as a round sends, since a sender has each of them written before it goes out.
    bodies: Vec<Bytes>,
}

impl Bare {
    const BATCH: u64 = 1_000;

    fn new(sink: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let events = vec![EVENT; Self::BATCH as usize].join(",");
        let bodies = (0..EVENTS / Self::BATCH).map(|_| Bytes::from(format!("[{events}]"))).collect();
        Self { client: reqwest::Client::new(), runtime, url: format!("{sink}/api/track"), bodies }
    }

    fn post(&self) -> Duration {
        self.runtime.block_on(async {
            for body in &self.bodies {
                let request = self.client.post(&self.url).body(body.clone());
                let answer = request.send().await.and_then(reqwest::Response::error_for_status);
                answer.expect("the sink takes everything").bytes().await.expect("an answer");
            }
        });
        Duration::ZERO
    }
}
