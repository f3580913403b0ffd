//! From runs of records to what the worker takes out at once.

use std::io;
use std::time::{Duration, Instant};

use super::contents::read_tolerantly;
use super::disk::File;
use super::ledger::Taken;
use super::record::{self, Item};
use super::segment::Run;
use crate::arena::{Arena, weight};

/// The most that is read of a file at once: at least one record, however large.
const WINDOW: u64 = 2 * 1024 * 1024;
/// What is read at once if there is room for less.
const SMALLEST_WINDOW: u64 = 64 * 1024;
const _: () = assert!(record::LARGEST as u64 <= WINDOW);

/// What was read.
pub(super) struct Look {
    /// Records that are not to be delivered leave their positions empty.
    pub(super) arena: Arena,
    /// The position of the first record.
    first: u64,
    /// How many records are read, and their bytes in the files.
    pub(super) count: u64,
    pub(super) bytes: u64,
    /// The positions of what cannot be read.
    pub(super) damaged: Vec<u64>,
    /// The positions of what is too old.
    pub(super) expired: Vec<u64>,
    pub(super) taken: Vec<Taken>,
    /// Why reading ended before there was nothing more, if the files are the reason.
    pub(super) error: Option<io::Error>,
}

/// How much to read.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// What the events may take of `queue_bytes`.
    pub(super) weight: usize,
    /// Whether nothing else takes any of it: then one event is read however large it is.
    pub(super) is_idle: bool,
    /// The age up to which records are delivered, and the time.
    pub(super) max_age: Duration,
    pub(super) now: Instant,
}

impl Look {
    pub(super) fn new(mut arena: Arena, first: u64) -> Self {
        arena.clear();
        Self {
            arena,
            first,
            count: 0,
            bytes: 0,
            damaged: Vec::new(),
            expired: Vec::new(),
            taken: Vec::new(),
            error: None,
        }
    }

    /// Reads runs whose positions follow one another, as far as they fit.
    pub(super) fn read(
        &mut self,
        runs: &[Run],
        bounds: Bounds,
        open: impl Fn(&Run) -> io::Result<std::sync::Arc<dyn File>>,
    ) {
        for run in runs {
            let file = match open(run) {
                Ok(file) => Some(file),
                // Somebody has removed it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            };
            if !self.read_run(*run, bounds, file.as_deref()) {
                return;
            }
        }
    }

    /// Reads a run in pieces. Returns whether it came to the end of it.
    fn read_run(&mut self, run: Run, bounds: Bounds, file: Option<&dyn File>) -> bool {
        let mut rest = run;
        let mut is_full = false;
        // No more than there is room for, unless a record is larger than that.
        let mut window = (bounds.weight as u64).clamp(SMALLEST_WINDOW, WINDOW);
        while rest.count > 0 && !is_full {
            let before = rest;
            let mut piece = vec![0; usize::try_from(rest.bytes.min(window)).unwrap_or_default()];
            let read = file.map_or(0, |file| read_tolerantly(file, rest.offset, &mut piece));
            piece.truncate(read);
            let is_last = (piece.len() as u64) < window || rest.bytes <= window;
            is_full = self.read_piece(&mut rest, &piece, is_last, bounds);
            if rest == before {
                window = WINDOW;
            }
        }
        let count = run.count - rest.count;
        self.count += count;
        self.bytes += run.bytes - rest.bytes;
        if count > 0 {
            let Run { segment, sequence, position, .. } = run;
            self.taken.push(Taken { store: segment.store, sequence, position, count, left: count });
        }
        !is_full
    }

    /// Reads what begins with the first record of `rest`, which it leaves out there. Returns whether it is enough.
    fn read_piece(&mut self, rest: &mut Run, piece: &[u8], is_last: bool, bounds: Bounds) -> bool {
        let first = *rest;
        let read_up_to = |rest: &mut Run, sequence: u64, end: usize| {
            let bytes = (first.offset + end as u64).saturating_sub(rest.offset).min(rest.bytes);
            rest.advance(sequence - rest.sequence, bytes);
        };
        for item in record::scan(piece) {
            match item {
                Item::Entry(entry) if (rest.sequence..rest.end_of_sequences()).contains(&entry.sequence) => {
                    let is_expired = first.age.is_over(entry.at_millis, bounds.max_age, bounds.now);
                    if !is_expired && !self.has_room(entry.bytes.len(), bounds) {
                        return true;
                    }
                    self.skip_damaged(rest, entry.sequence);
                    let offset = self.offset_of(rest.position);
                    if is_expired {
                        self.expired.push(rest.position);
                        self.arena.skip(offset);
                    } else {
                        self.arena.place(entry.endpoint, offset, &piece[entry.bytes.clone()]);
                    }
                    read_up_to(rest, entry.sequence + 1, entry.bytes.end);
                }
                // The copy of a record that was rewritten elsewhere is not of this run.
                Item::Entry(entry) => read_up_to(rest, rest.sequence, entry.bytes.end),
                Item::Damaged { skipped } => read_up_to(rest, rest.sequence, skipped.end),
                Item::Torn { skipped } if !is_last => read_up_to(rest, rest.sequence, skipped.start),
                Item::Torn { .. } => {}
            }
        }
        if is_last {
            self.skip_damaged(rest, rest.end_of_sequences());
            rest.advance(0, rest.bytes);
        }
        false
    }

    /// Leaves the positions of the records before a sequence, which were not found, empty.
    fn skip_damaged(&mut self, rest: &mut Run, sequence: u64) {
        while rest.sequence < sequence {
            self.damaged.push(rest.position);
            self.arena.skip(self.offset_of(rest.position));
            rest.advance(1, 0);
        }
    }

    fn has_room(&self, len: usize, bounds: Bounds) -> bool {
        let is_alone = self.arena.weight() == 0;
        let weight = self.arena.weight() + weight(len);
        (weight <= bounds.weight || (is_alone && bounds.is_idle)) && (weight <= WINDOW as usize || is_alone)
    }

    /// A look covers some thousand positions.
    fn offset_of(&self, position: u64) -> u32 {
        u32::try_from(position - self.first).unwrap_or(u32::MAX)
    }
}
