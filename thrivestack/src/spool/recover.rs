//! What processes that are gone have left: taken over by whoever has the key that it was written for.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use super::cursor::Settled;
use super::disk::Disk;
use super::ledger::{Ledger, Store, remove_empty};
use super::log::Log;
use super::reader;
use super::record::{self, Header, HeaderError, Item};
use super::segment::{Run, Segment, SegmentId, number_of};
use super::{CURSOR, LOCK};
use crate::queue::Queue;

/// How many directories are held at once, each of which takes a descriptor. The others wait for these to be delivered.
const MOST_HELD: usize = 64;

/// No client has written so many, in a year of ten million a second: a record that says so was not written by one, and would
/// make all before it look lost.
const MOST_EVENTS: u64 = 1 << 48;

/// What a directory holds.
struct Found {
    segments: Vec<(u64, Segment)>,
    /// Without their positions, and those of one segment together.
    runs: Vec<Run>,
    events: u64,
    damaged: u64,
    settled: Settled,
    has_others: bool,
}

impl Ledger {
    /// Takes over every directory whose owner is gone and whose events are for this key.
    pub(super) fn adopt(
        &mut self,
        disk: &dyn Disk,
        root: &Path,
        log: &Mutex<Log>,
        queue: &Queue,
        key: &[u8],
    ) -> io::Result<Left> {
        let mut left = Left::default();
        let held: BTreeSet<_> = self.stores.values().map(|store| store.dir.clone()).collect();
        for name in disk.directories(root)? {
            let dir = root.join(name);
            if self.stores.len() > MOST_HELD {
                break;
            }
            if held.contains(&dir) {
                continue;
            }
            let lock = match disk.lock(&dir.join(LOCK)) {
                Ok(Some(lock)) => lock,
                // Its owner was killed while it made or removed it, so it is empty. One who is just making it makes another.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let _ = disk.remove_dir(&dir);
                    continue;
                }
                // Its owner lives, or this one cannot be taken now.
                Ok(None) | Err(_) => continue,
            };
            let id = self.stores.last_key_value().map_or(0, |(id, _)| id + 1);
            // What cannot be read now is looked at again in a minute.
            let Ok(mut found) = look(disk, &dir, id, key, &mut left) else { continue };
            let is_empty = found.segments.is_empty();
            // Callers wait for this alone, not for the files to be read.
            found.enter(&mut super::lock(log), queue, id);
            let Found { settled, damaged, has_others, .. } = found;
            let store = Store { dir, settled, is_dirty: damaged > 0, has_others, _lock: lock };
            if is_empty {
                store.finish(disk);
            } else {
                self.stores.insert(id, store);
            }
        }
        Ok(left)
    }
}

impl Found {
    /// Gives the events positions in the queue.
    fn enter(&mut self, log: &mut Log, queue: &Queue, store: u32) {
        let bytes = self.runs.iter().map(|run| run.bytes).sum();
        let mut position = queue.adopt(self.events, self.damaged, bytes);
        log.unsettled += self.events;
        log.notices.damaged += self.damaged;
        log.notices.adopted += self.events;
        for run in self.runs.drain(..) {
            log.push(Run { position, ..run });
            position += run.count;
        }
        for (number, segment) in self.segments.drain(..) {
            log.bytes += segment.len;
            log.segments.insert(SegmentId { store, number }, segment);
        }
    }
}

/// What is left where it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Directories that were written for another key.
    pub(crate) of_other_keys: u64,
    /// Directories that a later version of this crate wrote.
    pub(crate) newer: u64,
}

fn look(disk: &dyn Disk, dir: &Path, store: u32, key: &[u8], left: &mut Left) -> io::Result<Found> {
    let cursor = read(disk, &dir.join(CURSOR)).ok().and_then(|bytes| Settled::read(&bytes));
    let has_cursor = cursor.is_some();
    let mut found = Found {
        segments: Vec::new(),
        runs: Vec::new(),
        events: 0,
        damaged: 0,
        settled: cursor.unwrap_or_default(),
        has_others: false,
    };
    let mut seen = found.settled.clone();
    // Where to count from what is missing: without a cursor, from the first sequence that there was or still is.
    let mut first_of_all = has_cursor.then(|| found.settled.low_water());
    let mut end = found.settled.low_water();
    let mut ends_damaged = false;
    let mut of_other_keys = false;
    let mut is_newer = false;
    for name in disk.files(dir)? {
        let Some(number) = number_of(&name) else { continue };
        let path = dir.join(name);
        let bytes = read(disk, &path)?;
        match Header::read(&bytes) {
            Ok(header) if header.is_of(key) => {}
            // Not even a header was written, so no event was.
            Err(HeaderError::Damaged) if bytes.len() < Header::LEN => {
                disk.remove(&path)?;
                continue;
            }
            Ok(_) | Err(HeaderError::Damaged | HeaderError::NotASegment) => {
                found.has_others = true;
                of_other_keys = true;
                continue;
            }
            Err(HeaderError::Newer(_)) => {
                found.has_others = true;
                is_newer = true;
                continue;
            }
        }
        let id = SegmentId { store, number };
        let (first_run, mut sequences) = (found.runs.len(), None);
        ends_damaged = false;
        for item in record::scan(bytes.get(Header::LEN..).unwrap_or_default()) {
            let entry = match item {
                Item::Entry(entry) if entry.sequence < MOST_EVENTS => entry,
                Item::Entry(_) | Item::Damaged { .. } => {
                    ends_damaged = true;
                    continue;
                }
                // What was cut short was never accepted.
                Item::Torn { .. } => continue,
            };
            ends_damaged = false;
            end = end.max(entry.sequence + 1);
            first_of_all.get_or_insert(if number == 0 { 0 } else { entry.sequence });
            // Delivered, or the copy of a record that was written twice.
            if seen.is_settled(entry.sequence) {
                continue;
            }
            seen.settle(entry.sequence);
            let bytes = (record::OVERHEAD + entry.bytes.len()) as u64;
            let offset = (Header::LEN + entry.bytes.end) as u64 - bytes;
            let run = Run {
                segment: id,
                offset,
                bytes,
                sequence: entry.sequence,
                position: found.events,
                count: 1,
            };
            found.events += 1;
            let (first, _) = sequences.unwrap_or((entry.sequence, 0));
            sequences = Some((first, entry.sequence + 1));
            let is_same = found.runs.len() > first_run;
            if !(is_same && found.runs.last_mut().is_some_and(|last| last.extend(&run))) {
                found.runs.push(run);
            }
        }
        let unsettled = found.runs[first_run..].iter().map(|run| run.count).sum();
        let (first, last) = sequences.unwrap_or_default();
        found.segments.push((number, Segment::found(path, bytes.len() as u64, first..last, unsettled)));
    }
    if !found.has_others {
        // Every sequence up to the last one was given to an event.
        for gap in seen.gaps(first_of_all.unwrap_or(end)..end) {
            found.damaged += gap.end - gap.start;
            found.settled.settle_gap(gap);
        }
        // A last record that is damaged has nobody behind it who knows its sequence.
        found.damaged += u64::from(ends_damaged);
    }
    left.of_other_keys += u64::from(of_other_keys);
    left.newer += u64::from(is_newer);
    if found.events == 0 {
        discard(disk, dir, &mut found);
    }
    Ok(found)
}

/// Removes the segments of which nothing is left to deliver.
fn discard(disk: &dyn Disk, dir: &Path, found: &mut Found) {
    found.segments.retain(|(_, segment)| disk.remove(&segment.path).is_err());
    if found.segments.is_empty() && !found.has_others {
        remove_empty(disk, dir);
    }
}

fn read(disk: &dyn Disk, path: &Path) -> io::Result<Vec<u8>> {
    let file = disk.open(path)?;
    let mut bytes = vec![0; usize::try_from(file.len()?).unwrap_or(usize::MAX)];
    let read = reader::read_tolerantly(&*file, 0, &mut bytes);
    bytes.truncate(read);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::{Real, Spool, SpoolSettings};
    use super::*;
    use crate::limits::Limits;
    use crate::reasons::DropReason;
    use crate::wire::Endpoint;

    #[test]
    fn a_record_of_a_sequence_that_cannot_be_is_damaged_and_takes_no_time() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("a");
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join(LOCK), "").unwrap();
        let mut bytes = Vec::new();
        Header::of(b"key", *b"pepper!!").write(&mut bytes);
        for sequence in [0, 1, 2, u64::MAX, MOST_EVENTS, MOST_EVENTS - 1] {
            record::write(&mut bytes, sequence, 0, Endpoint::Track, b"{}");
        }
        fs::write(dir.join("0000000000000000.log"), bytes).unwrap();

        let queue = Queue::new(Limits { queue_bytes: 4_000, batch_events: 10, batch_bytes: 1_000 });
        let dir = root.path().to_owned();
        let settings = SpoolSettings { dir, is_synced: false, bytes: 20_000, max_age: Duration::MAX };
        let _spool = Spool::open(Arc::new(Real), settings, 4_000, &queue, b"key").unwrap();
        let counts = queue.counts();
        assert_eq!(counts.pending(), 4);
        assert_eq!(counts.dropped[DropReason::Damaged as usize], MOST_EVENTS - 4);
    }
}
