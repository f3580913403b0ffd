use std::fs;
use std::sync::Arc;
use std::time::Duration;

use super::super::directory::{MAGIC, SUBDIRECTORY, name};
use super::super::{Real, Spool, SpoolSettings, record};
use super::*;
use crate::arena::Arena;
use crate::limits::Limits;
use crate::reasons::DropReason;
use crate::wire::Endpoint;

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A directory with records of these sequences and times, which a client that is gone has left.
fn left(root: &Path, records: &[(u64, u64)]) {
    let dir = root.join(SUBDIRECTORY).join(name(1, 1));
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(LOCK), MAGIC).unwrap();
    let mut bytes = Vec::new();
    Header::of(b"key", *b"pepper!!").write(&mut bytes);
    for (sequence, at_millis) in records {
        record::write(&mut bytes, *sequence, *at_millis, Endpoint::Track, b"{}");
    }
    fs::write(dir.join("0000000000000000.log"), bytes).unwrap();
}

fn open(root: &Path, queue: &Queue) -> Arc<Spool> {
    let settings = SpoolSettings { dir: root.to_owned(), is_synced: false, bytes: 20_000, max_age: WEEK };
    let spool = Spool::open(Arc::new(Real), settings, 4_000, b"key").unwrap();
    assert!(spool.adopt(queue, b"key"));
    spool
}

fn queue() -> Queue {
    Queue::new(Limits { queue_bytes: 4_000, batch_events: 10, batch_bytes: 1_000 })
}

#[test]
fn a_record_of_a_sequence_that_cannot_be_is_damaged_and_takes_no_time() {
    let root = tempfile::tempdir().unwrap();
    left(root.path(), &[0, 1, 2, u64::MAX, MOST_EVENTS, MOST_EVENTS - 1].map(|sequence| (sequence, 0)));
    let queue = queue();
    let _spool = open(root.path(), &queue);
    let counts = queue.counts();
    assert_eq!(counts.pending(), 4);
    assert_eq!(counts.dropped[DropReason::Damaged as usize], MOST_EVENTS - 4);
}

#[test]
fn events_of_1970_are_delivered() {
    let root = tempfile::tempdir().unwrap();
    let now = Millis::now().0;
    let too_old = now - 2 * WEEK.as_millis() as u64;
    left(root.path(), &[(0, 0), (1, 5_000), (2, too_old), (3, now + 1_000_000), (4, now)]);
    let queue = queue();
    let spool = open(root.path(), &queue);
    let taken = spool.take(&queue, Arena::default());
    let offsets: Vec<_> = taken.arena.events(Endpoint::Track).map(|(record, _)| record.offset).collect();
    assert_eq!(offsets, [0, 1, 3, 4]);
    assert_eq!(queue.counts().dropped[DropReason::Expired as usize], 1);
}
