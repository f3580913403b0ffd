//! Prints what it costs to have an event on disk, by the spool and by embedded databases.

mod ours;
mod peers;

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 7;
/// Without a sync, so that a burst takes some milliseconds.
const MANY: usize = 2_000;
/// With a sync for so many events at once.
const FEW: usize = 100;
const BATCH: usize = 1_000;
const BATCHED: usize = 10 * BATCH;

/// The event as ThriveStack takes it, for what has to be handed bytes.
pub(crate) const EVENT: &str = concat!(
    r#"{"event_name":"report_created","user_id":"6f1f0b34-9a3e-4c38-8a1e-6f4d9b3f2a10","properties":{"format":"pdf","#,
    r#""source_view":"dashboard","pages":417,"shared":true,"title":"Quarterly report #42"},"context":{"#,
    r#""group_id":"b0a7f9d2-4b1c-4c55-9d5e-2f6f4c1e8d77","source":"product","#,
    r#""message_id":"0198a3c4-7f00-7a1e-9d2b-3c4d5e6f7a8b"},"timestamp":"2026-08-01T12:00:00.000Z"}"#
);

/// Puts so many events on a disk in this directory, which is new, and gives the time that it took the caller.
type Put = Box<dyn Fn(&Path) -> Duration>;

struct Contender {
    name: &'static str,
    events: usize,
    put: Put,
}

fn main() {
    // A directory on a disk: what is in memory syncs in no time.
    let root = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let process = [
        Contender::new("`send()`, no spool", MANY, ours::memory),
        Contender::new("`send()`, `Durability::Process`", MANY, ours::process),
        Contender::new("a `write` of the bytes", MANY, peers::file_unsynced),
        Contender::new("redb, a commit each, no sync", MANY, peers::redb_unsynced),
        Contender::new("rusqlite, WAL, a commit each, no sync", MANY, |dir, events| {
            peers::rusqlite_unsynced(dir, events)
        }),
    ];
    let one = [
        Contender::new("`send_durable()`, `Durability::Disk`", FEW, |dir, events| ours::disk(dir, events, 1)),
        Contender::new("a `write` and an `fdatasync`", FEW, |dir, events| peers::file(dir, events, 1)),
        Contender::new("redb, a commit each", FEW, |dir, events| peers::redb(dir, events, 1)),
        Contender::new("rusqlite, WAL, a commit each", FEW, |dir, events| peers::rusqlite(dir, events, 1)),
    ];
    let batch = [
        Contender::new("`send_durable()`, `Durability::Disk`", BATCHED, |dir, events| {
            ours::disk(dir, events, BATCH)
        }),
        Contender::new("a `write` and an `fdatasync`", BATCHED, |dir, events| {
            peers::file(dir, events, BATCH)
        }),
        Contender::new("redb, a commit", BATCHED, |dir, events| peers::redb(dir, events, BATCH)),
        Contender::new("rusqlite, WAL, a commit", BATCHED, |dir, events| peers::rusqlite(dir, events, BATCH)),
    ];
    println!("| | µs an event | × ours |\n| --- | ---: | ---: |");
    print("what survives the process: CPU time", &process, &root, 1);
    print("what survives the machine, waited for: one event at a time", &one, &root, 0);
    print("what survives the machine, waited for: 1,000 events at once", &batch, &root, 0);
    let dir = tempfile::tempdir_in(&root).expect("a directory to write in");
    let (time, found) = ours::start(dir.path());
    println!(
        "\nA client takes a segment of 8 MB with a byte of every 100,000 damaged over in {} ms; of {} events, {} are lost.",
        time.as_millis(),
        found.accepted(),
        found.dropped_total()
    );
}

impl Contender {
    fn new(name: &'static str, events: usize, put: impl Fn(&Path, usize) -> Duration + 'static) -> Self {
        Self { name, events, put: Box::new(move |dir| put(dir, events)) }
    }
}

/// Prints the medians of rounds in which every contender has its turn, beside the one that is ours.
fn print(title: &str, contenders: &[Contender], root: &str, ours: usize) {
    let mut rounds = vec![Vec::new(); contenders.len()];
    for round in 0..=ROUNDS {
        for (contender, rounds) in contenders.iter().zip(&mut rounds) {
            let dir = tempfile::tempdir_in(root).expect("a directory to write in");
            let time = (contender.put)(dir.path());
            // The first round only warms up.
            if round > 0 {
                rounds.push(time.as_secs_f64() * 1e6 / contender.events as f64);
            }
        }
    }
    let medians: Vec<f64> = rounds.iter_mut().map(|times| median(times)).collect();
    println!("| **{title}** | | |");
    for (contender, median) in contenders.iter().zip(&medians) {
        println!("| {} | {median:.2} | {:.2} |", contender.name, median / medians[ours]);
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The time that it takes.
pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The CPU time that it takes of this thread, which other work disturbs least. Not for what waits for a disk.
pub(crate) fn counted(work: impl FnOnce()) -> Duration {
    let start = thread_cpu();
    work();
    thread_cpu() - start
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
