//! What the callers append to: the segment that is being written, and what waits in all of them to be read.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::age::Age;
use super::disk::Disk;
use super::durable::Unsynced;
use super::record::{self, Header};
use super::segment::{AppendError, Run, Segment, SegmentId};
use super::{Limits, Notices, OWN, lock};
use crate::wire::{Endpoint, Millis};

/// How long a disk that failed is left alone. Nothing is written meanwhile, so that an outage costs its callers nothing.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// A buffer that one huge event enlarged is given back.
const LARGEST_KEPT_SCRATCH: usize = 64 * 1024;

pub(super) struct Log {
    disk: Arc<dyn Disk>,
    limits: Limits,
    dir: PathBuf,
    /// For the segments that are begun. The key may change meanwhile.
    header: Arc<Mutex<Header>>,
    /// What was not read yet, in the order of its positions.
    pub(super) runs: VecDeque<Run>,
    pub(super) segments: BTreeMap<SegmentId, Segment>,
    /// The bytes of all segments.
    pub(super) bytes: u64,
    /// How many events of these segments are accepted and not settled.
    pub(super) unsettled: u64,
    writing: Option<SegmentId>,
    next_segment: u64,
    next_sequence: u64,
    /// When a disk that failed is tried again.
    retry_at: Option<Instant>,
    pub(super) unsynced: Unsynced,
    pub(super) notices: Notices,
    pub(super) is_closed: bool,
    /// Where a record is written before it goes to the disk.
    scratch: Vec<u8>,
}

/// Why an event was not appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The spool holds as many bytes as it may.
    Full,
    /// The disk is slower than the events: too much of it would be lost with the machine.
    Behind,
    /// The disk takes nothing at the moment.
    NoDisk,
}

impl Log {
    pub(super) fn new(disk: Arc<dyn Disk>, limits: Limits, dir: PathBuf, header: Arc<Mutex<Header>>) -> Self {
        Self {
            disk,
            limits,
            dir,
            header,
            runs: VecDeque::new(),
            segments: BTreeMap::new(),
            bytes: 0,
            unsettled: 0,
            writing: None,
            next_segment: 0,
            next_sequence: 0,
            retry_at: None,
            unsynced: Unsynced::default(),
            notices: Notices::default(),
            is_closed: false,
            scratch: Vec::new(),
        }
    }

    /// Writes an event, which gets this position in the queue. Returns its sequence and the bytes of its record.
    pub(super) fn append(
        &mut self,
        endpoint: Endpoint,
        event: &[u8],
        position: u64,
    ) -> Result<(u64, u64), Refused> {
        if self.unsynced.is_abandoned || self.retry_at.is_some_and(|at| Instant::now() < at) {
            return Err(Refused::NoDisk);
        }
        let len = record::OVERHEAD + event.len();
        if self.bytes + len as u64 > self.limits.bytes {
            self.notices.overflowed += 1;
            return Err(Refused::Full);
        }
        if self.unsynced.records.len() + len > self.limits.unsynced_bytes {
            return Err(Refused::Behind);
        }
        let sequence = self.next_sequence;
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        record::write(&mut scratch, sequence, Millis::now().0, endpoint, event);
        let written = self.write(&scratch);
        if let Ok((segment, offset)) = written {
            self.next_sequence += 1;
            self.unsettled += 1;
            let bytes = scratch.len() as u64;
            self.push(Run { segment, age: Age::now(), offset, bytes, sequence, position, count: 1 });
            if self.limits.is_synced {
                self.unsynced.push(segment, sequence, &scratch);
            }
        }
        scratch.shrink_to(LARGEST_KEPT_SCRATCH);
        self.scratch = scratch;
        match written {
            Ok(_) => {
                self.retry_at = None;
                self.notices.recovered();
                Ok((sequence, len as u64))
            }
            Err(error) => {
                self.fail(&error);
                Err(Refused::NoDisk)
            }
        }
    }

    /// Leaves the disk alone for a while.
    pub(super) fn fail(&mut self, error: &io::Error) {
        self.retry_at = Some(Instant::now() + RETRY_INTERVAL);
        self.notices.failed(error);
    }

    /// Tries a disk that failed again at once.
    #[cfg(test)]
    pub(super) fn retry_now(&mut self) {
        self.retry_at = None;
    }

    /// Adds what waits to be read.
    pub(super) fn push(&mut self, run: Run) {
        if !self.runs.back_mut().is_some_and(|last| last.extend(&run, self.limits.ages_apart)) {
            self.runs.push_back(run);
        }
    }

    /// Leaves the first records out, which were read.
    pub(super) fn advance(&mut self, mut count: u64, mut bytes: u64) {
        while let Some(run) = self.runs.front_mut() {
            if count < run.count {
                run.advance(count, bytes.min(run.bytes));
                return;
            }
            count -= run.count;
            bytes = bytes.saturating_sub(run.bytes);
            self.runs.pop_front();
        }
    }

    /// The segment that a sequence of a directory is in.
    pub(super) fn segment_of(&mut self, store: u32, sequence: u64) -> Option<&mut Segment> {
        let range = SegmentId { store, number: 0 }..=SegmentId { store, number: u64::MAX };
        let mut segments = self.segments.range_mut(range);
        segments.find(|(_, segment)| segment.sequences.contains(&sequence)).map(|(_, segment)| segment)
    }

    /// The segments in which nothing is left to deliver. The one that is being written is among them if it is worth a new
    /// file, or if nothing will be written any more.
    pub(super) fn settled_segments(&mut self) -> Vec<(SegmentId, PathBuf)> {
        let writing = self.writing.filter(|id| {
            let segment = self.segments.get(id);
            !self.is_closed && segment.is_none_or(|segment| segment.len < self.limits.worth_removing)
        });
        let is_settled =
            |(id, segment): &(&SegmentId, &Segment)| segment.unsettled == 0 && Some(**id) != writing;
        let settled: Vec<_> = self
            .segments
            .iter()
            .filter(is_settled)
            .map(|(id, segment)| (*id, segment.path.clone()))
            .collect();
        if settled.iter().any(|(id, _)| Some(*id) == self.writing) {
            self.writing = None;
        }
        settled
    }

    /// Forgets a segment, whose file is gone.
    pub(super) fn remove(&mut self, id: SegmentId) {
        if let Some(segment) = self.segments.remove(&id) {
            self.bytes = self.bytes.saturating_sub(segment.len);
        }
        self.unsynced.dirty.retain(|dirty| *dirty != id);
    }

    /// Closes the files of segments that are neither being written nor waiting for the disk to confirm them.
    pub(super) fn close_files(&mut self) {
        for (id, segment) in &mut self.segments {
            if Some(*id) != self.writing && !self.unsynced.dirty.contains(id) {
                segment.close();
            }
        }
    }

    /// Begins a new segment with what was written and may not have reached the disk, since the system said so.
    pub(super) fn rewrite(&mut self) -> io::Result<()> {
        self.writing = None;
        let records = std::mem::take(&mut self.unsynced.records);
        let first = self.unsynced.first;
        let rewritten = self.begin(first).and_then(|id| {
            let appended = self.append_to(id, &records);
            appended.map(|offset| (id, offset)).map_err(|AppendError { error, .. }| error)
        });
        self.unsynced.records = records;
        let (id, offset) = rewritten?;
        let mut moved = 0;
        for sequence in first..self.next_sequence {
            if !self.unsynced.is_settled(sequence) {
                moved += 1;
                if let Some(segment) = self.segment_of(OWN, sequence) {
                    segment.unsettled -= 1;
                }
            }
        }
        for segment in self.segments.iter_mut().filter(|(other, _)| other.store == OWN && **other != id) {
            let sequences = &mut segment.1.sequences;
            sequences.end = sequences.end.min(first).max(sequences.start);
        }
        if let Some(segment) = self.segments.get_mut(&id) {
            segment.sequences = first..self.next_sequence;
            segment.unsettled = moved;
        }
        self.move_runs(first, id, offset);
        self.unsynced.dirty = vec![id];
        self.unsynced.is_abandoned = false;
        Ok(())
    }

    /// Has what was not read yet be read from the copy that [`rewrite`](Self::rewrite) made.
    fn move_runs(&mut self, first: u64, segment: SegmentId, offset: u64) {
        let places: BTreeMap<u64, (u64, u64)> = record::scan(&self.unsynced.records)
            .filter_map(|item| match item {
                record::Item::Entry(entry) => {
                    let bytes = (record::OVERHEAD + entry.bytes.len()) as u64;
                    Some((entry.sequence, (offset + entry.bytes.end as u64 - bytes, bytes)))
                }
                _ => None,
            })
            .collect();
        for mut run in std::mem::take(&mut self.runs) {
            if run.segment.store != OWN || run.end_of_sequences() <= first {
                self.push(run);
                continue;
            }
            let kept = first.saturating_sub(run.sequence);
            let moved: Vec<_> = places.range(run.sequence.max(first)..run.end_of_sequences()).collect();
            let moved_bytes: u64 = moved.iter().map(|(_, (_, bytes))| bytes).sum();
            let positions = run.position + kept;
            if kept > 0 {
                run.count = kept;
                run.bytes -= moved_bytes;
                self.push(run);
            }
            for (position, (sequence, (offset, bytes))) in (positions..).zip(moved) {
                let (sequence, offset, bytes) = (*sequence, *offset, *bytes);
                self.push(Run { segment, age: run.age, offset, bytes, sequence, position, count: 1 });
            }
        }
    }

    /// Appends to the segment that is being written, or to a new one.
    fn write(&mut self, record: &[u8]) -> io::Result<(SegmentId, u64)> {
        let has_room = |segment: &Segment| {
            segment.sequences.is_empty() || segment.len + record.len() as u64 <= self.limits.segment_bytes
        };
        let id = match self.writing.filter(|id| self.segments.get(id).is_some_and(has_room)) {
            Some(id) => id,
            None => self.begin(self.next_sequence)?,
        };
        match self.append_to(id, record) {
            Ok(offset) => {
                if let Some(segment) = self.segments.get_mut(&id) {
                    segment.sequences.end = self.next_sequence + 1;
                    segment.unsettled += 1;
                }
                Ok((id, offset))
            }
            Err(AppendError { error, is_torn }) => {
                if is_torn {
                    self.writing = None;
                }
                Err(error)
            }
        }
    }

    fn append_to(&mut self, id: SegmentId, bytes: &[u8]) -> Result<u64, AppendError> {
        let Some(segment) = self.segments.get_mut(&id) else {
            return Err(AppendError { error: io::ErrorKind::NotFound.into(), is_torn: true });
        };
        let offset = segment.append(&*self.disk, bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(offset)
    }

    fn begin(&mut self, sequence: u64) -> io::Result<SegmentId> {
        let id = SegmentId { store: OWN, number: self.next_segment };
        // A file of this name that could not be removed must not be in the way for ever.
        self.next_segment += 1;
        let header = *lock(&self.header);
        let segment = Segment::create(&*self.disk, &self.dir, id.number, &header, sequence)?;
        self.bytes += segment.len;
        self.segments.insert(id, segment);
        self.writing = Some(id);
        self.unsynced.is_dir_dirty = true;
        self.close_files();
        Ok(id)
    }
}
