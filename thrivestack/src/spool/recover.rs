//! Takes over the events that processes which are gone have left, for a client with the key that they were written for.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::age::Age;
use super::contents::{self, Cursor, Met};
use super::cursor::Settled;
use super::directory::{is_lock, is_name};
use super::disk::{Disk, Listed, Lock};
use super::ledger::{Ledger, Store};
use super::log::Log;
use super::record::{Header, HeaderError};
use super::segment::{Run, Segment, SegmentId, number_of};
use super::{CURSOR, LOCK, NEW_CURSOR};
use crate::queue::Queue;
use crate::wire::Millis;

/// The directories that are held at once, each of which takes a descriptor. The others wait for these to be delivered.
const MOST_HELD: usize = 64;

/// No client has written so many, in a year of ten million a second: a record that says so was not written by one, and would
/// make all before it look lost.
const MOST_EVENTS: u64 = 1 << 48;

/// The events that are left where they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Directories that were written for another key.
    pub(crate) of_other_keys: u64,
    /// Directories that a later version of this crate wrote.
    pub(crate) newer: u64,
}

/// Directories that hold nothing for this key, as they were when their files were looked at.
#[derive(Default)]
pub(super) struct Known(BTreeMap<PathBuf, Foreign>);

/// A directory that holds nothing for this key.
struct Foreign {
    files: Vec<Listed>,
    /// The keys that its segments are for.
    headers: Vec<Header>,
    left: Left,
}

/// The segments of a directory, by their headers.
#[derive(Default)]
struct Sorted {
    /// Those of this key.
    own: Vec<(u64, PathBuf)>,
    /// The headers of other keys' segments.
    headers: Vec<Header>,
    /// The events that this client does not deliver.
    left: Left,
}

/// The contents of a directory for this key.
struct Found {
    segments: Vec<(u64, Segment)>,
    /// Without their positions, and those of one segment together.
    runs: Vec<Run>,
    events: u64,
    damaged: u64,
    settled: Settled,
    has_foreign_cursor: bool,
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
        is_ending: &AtomicBool,
    ) -> io::Result<Left> {
        let mut left = Left::default();
        let held: BTreeSet<_> = self.stores.values().map(|store| store.dir.clone()).collect();
        let names = match self.listed.take() {
            Some(names) => names,
            None => disk.directories(root)?,
        };
        let dirs: BTreeSet<_> =
            names.into_iter().filter(|name| is_name(name)).map(|name| root.join(name)).collect();
        self.known.0.retain(|dir, _| dirs.contains(dir));
        for dir in dirs {
            if self.stores.len() > MOST_HELD || is_ending.load(Ordering::Relaxed) {
                break;
            }
            if held.contains(&dir) || !disk.have_one_owner(root, &dir).unwrap_or(false) {
                continue;
            }
            // What cannot be read now is looked at again in a minute.
            let Ok(files) = disk.files(&dir) else { continue };
            if let Some(known) = self.known.of(&dir, &files, key) {
                left += known;
                continue;
            }
            let Ok(Some(lock)) = take_lock(disk, &dir) else { continue };
            // Its owner may have written until now.
            let Ok(files) = disk.files(&dir) else { continue };
            let Ok(sorted) = sort(disk, &dir, &files, key) else { continue };
            left += sorted.left;
            if sorted.own.is_empty() && sorted.left != Left::default() {
                let Sorted { headers, left, .. } = sorted;
                self.known.0.insert(dir, Foreign { files, headers, left });
                continue;
            }
            let has_others = sorted.left != Left::default();
            let id = self.stores.last_key_value().map_or(0, |(id, _)| id + 1);
            let Ok(mut found) = look(disk, &dir, id, sorted) else { continue };
            found.enter(&mut super::lock(log), queue, id);
            let Found { settled, damaged, has_foreign_cursor, .. } = found;
            let is_dirty = damaged > 0;
            self.stores
                .insert(id, Store { dir, settled, is_dirty, has_others, has_foreign_cursor, _lock: lock });
        }
        // Those of which nothing is left to deliver are removed at once.
        let removable = super::lock(log).settled_segments();
        self.clean(disk, log, removable);
        Ok(left)
    }
}

impl Known {
    /// The contents of a directory that is as it was, if nothing in it is for this key.
    fn of(&self, dir: &Path, files: &[Listed], key: &[u8]) -> Option<Left> {
        let known = self.0.get(dir).filter(|known| known.files == files)?;
        let is_for_key = known.headers.iter().any(|header| header.is_of(key));
        (!is_for_key).then_some(known.left)
    }
}

impl std::ops::AddAssign for Left {
    fn add_assign(&mut self, other: Self) {
        self.of_other_keys += other.of_other_keys;
        self.newer += other.newer;
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
            log.bytes = log.bytes.saturating_add(segment.len);
            log.segments.insert(SegmentId { store, number }, segment);
        }
    }
}

/// Takes the lock of a directory whose owner is gone, and removes one that its owner was killed while it made or removed.
fn take_lock(disk: &dyn Disk, dir: &Path) -> io::Result<Option<Box<dyn Lock>>> {
    let path = dir.join(LOCK);
    match disk.open(&path) {
        Ok(file) if is_lock(&*file)? => disk.lock(&path),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // An owner that is just making it makes another.
            disk.remove_dir(dir).map(|()| None)
        }
        Err(error) => Err(error),
    }
}

/// Sorts the segments of a directory by their headers.
fn sort(disk: &dyn Disk, dir: &Path, files: &[Listed], key: &[u8]) -> io::Result<Sorted> {
    let mut sorted = Sorted::default();
    for file in files {
        let Some(number) = number_of(&file.name) else { continue };
        let path = dir.join(&file.name);
        match contents::header(&*disk.open(&path)?) {
            Ok(header) if header.is_of(key) => sorted.own.push((number, path)),
            // Not even a header was written, so no event was.
            Err(HeaderError::Damaged) if file.len < Header::LEN as u64 => disk.remove(&path)?,
            Err(HeaderError::Newer(_)) => sorted.left.newer = 1,
            Ok(header) => {
                sorted.headers.push(header);
                sorted.left.of_other_keys = 1;
            }
            Err(HeaderError::Damaged | HeaderError::NotASegment) => sorted.left.of_other_keys = 1,
        }
    }
    sorted.headers.dedup();
    Ok(sorted)
}

/// Reads the segments of this key.
fn look(disk: &dyn Disk, dir: &Path, store: u32, sorted: Sorted) -> io::Result<Found> {
    let mut has_foreign_cursor = false;
    let mut cursor = None;
    for name in [CURSOR, NEW_CURSOR] {
        match disk.open(&dir.join(name)).and_then(|file| contents::cursor(&*file)) {
            Ok(Cursor::Whole(settled)) if name == CURSOR => cursor = Some(settled),
            Ok(Cursor::Whole(_) | Cursor::Damaged) => {}
            Ok(Cursor::Foreign) => has_foreign_cursor = true,
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound => {}
                io::ErrorKind::InvalidInput => has_foreign_cursor = true,
                _ => return Err(error),
            },
        }
    }
    let has_cursor = cursor.is_some();
    let mut found = Found {
        segments: Vec::new(),
        runs: Vec::new(),
        events: 0,
        damaged: 0,
        settled: cursor.unwrap_or_default(),
        has_foreign_cursor,
    };
    let has_others = sorted.left != Left::default();
    let age = Age::Found { at: Instant::now(), millis: Millis::now().0 };
    let mut seen = found.settled.clone();
    // Where to count from what is missing: without a cursor, from the first sequence that there was or still is.
    let mut first_of_all = has_cursor.then(|| found.settled.low_water());
    let mut end = found.settled.low_water();
    let mut ends_damaged = false;
    for (number, path) in sorted.own {
        let file = disk.open(&path)?;
        let segment = SegmentId { store, number };
        let (first_run, mut sequences) = (found.runs.len(), None);
        ends_damaged = false;
        let len = contents::walk(&*file, |met| {
            let record = match met {
                Met::Record(record) if record.sequence < MOST_EVENTS => record,
                Met::Record(_) | Met::Damaged => {
                    ends_damaged = true;
                    return;
                }
                // What was cut short was never accepted.
                Met::Torn => return,
            };
            ends_damaged = false;
            end = end.max(record.sequence + 1);
            first_of_all.get_or_insert(if number == 0 { 0 } else { record.sequence });
            // Delivered, or the copy of a record that was written twice.
            if seen.is_settled(record.sequence) {
                return;
            }
            seen.settle(record.sequence);
            let run = Run {
                segment,
                offset: record.offset,
                bytes: record.bytes,
                sequence: record.sequence,
                position: found.events,
                count: 1,
                age,
            };
            found.events += 1;
            let (first, _) = sequences.unwrap_or((record.sequence, 0));
            sequences = Some((first, record.sequence + 1));
            let is_same = found.runs.len() > first_run;
            let last = found.runs.last_mut().filter(|_| is_same);
            if !last.is_some_and(|last| last.extend(&run, Duration::ZERO)) {
                found.runs.push(run);
            }
        });
        let unsettled = found.runs[first_run..].iter().map(|run| run.count).sum();
        let (first, last) = sequences.unwrap_or_default();
        found.segments.push((number, Segment::found(path, len, first..last, unsettled)));
    }
    if !has_others {
        // Every sequence up to the last one was given to an event.
        for gap in seen.gaps(first_of_all.unwrap_or(end)..end) {
            found.damaged += gap.end - gap.start;
            found.settled.settle_gap(gap);
        }
        // A last record that is damaged has nobody behind it who knows its sequence.
        found.damaged += u64::from(ends_damaged);
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
