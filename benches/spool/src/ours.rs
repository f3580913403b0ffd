//! ThriveStack's SDK, which writes the event as JSON besides. Nobody takes the events: they stay where they are.

use std::path::Path;
use std::time::Duration;

use thrivestack::spool::inspect;
use thrivestack::{Client, Config, Durability, Durable, Stats, TrackCall};

use crate::{counted, timed};

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1/api";
/// With their records about 8 MB, which is the most that a segment holds.
const EVENTS_OF_A_SEGMENT: usize = 19_000;

pub(crate) fn memory(_: &Path, events: usize) -> Duration {
    send(&client(|config| config), events)
}

pub(crate) fn process(dir: &Path, events: usize) -> Duration {
    send(&client(|config| config.spool(dir)), events)
}

/// So many are sent before the first one is waited for.
pub(crate) fn disk(dir: &Path, events: usize, at_once: usize) -> Duration {
    let client = client(|config| config.spool(dir).durability(Durability::Disk));
    timed(|| {
        for start in (0..events).step_by(at_once) {
            let sent: Vec<Durable> = (start..(start + at_once).min(events))
                .map(|pages| call(&client, pages).send_durable())
                .collect();
            for durable in sent {
                durable.wait().expect("a disk that works");
            }
        }
    })
}

/// Returns the time in which a client takes a segment of 8 MB over in which a byte of every 100,000 is damaged, and what it
/// finds.
pub(crate) fn start(dir: &Path) -> (Duration, Stats) {
    send(&client(|config| config.spool(dir)), EVENTS_OF_A_SEGMENT);
    let left = inspect(dir).expect("a spool");
    let segments = left.clients().iter().flat_map(|client| client.segments());
    for segment in segments.map(|segment| segment.path()) {
        let mut bytes = std::fs::read(segment).expect("a segment");
        bytes.iter_mut().skip(1_000).step_by(100_000).for_each(|byte| *byte ^= 1);
        std::fs::write(segment, bytes).expect("a disk with room");
    }
    let mut next = None;
    let time = timed(|| {
        let client = client(|config| config.spool(dir));
        // The worker reads it after the start.
        while client.stats().accepted() == 0 {
            std::thread::sleep(Duration::from_micros(100));
        }
        next = Some(client);
    });
    (time, next.map(|client| client.stats()).unwrap_or_default())
}

fn client(configure: impl FnOnce(Config) -> Config) -> Client {
    let config = Config::new("a-key").endpoint(NOWHERE).shutdown_timeout(Duration::ZERO);
    Client::new(configure(config)).expect("a valid configuration")
}

fn send(client: &Client, events: usize) -> Duration {
    counted(|| {
        for pages in 0..events {
            call(client, pages).try_send().expect("room");
        }
    })
}

fn call(client: &Client, pages: usize) -> TrackCall {
    client
        .track("report_created")
        .user_id("6f1f0b34-9a3e-4c38-8a1e-6f4d9b3f2a10")
        .group_id("b0a7f9d2-4b1c-4c55-9d5e-2f6f4c1e8d77")
        .with("format", "pdf")
        .with("source_view", "dashboard")
        .with("pages", pages)
        .with("shared", true)
        .with("title", "Quarterly report #42")
}
