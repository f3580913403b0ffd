//! One file of records, and runs of records in it.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::age::Age;
use super::disk::{Disk, File};
use super::record::Header;

/// Which directory, and which of its segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SegmentId {
    pub(super) store: u32,
    pub(super) number: u64,
}

/// A segment that is being written, or has events that are not settled.
pub(super) struct Segment {
    pub(super) path: PathBuf,
    /// Kept while the segment is written, or not synced yet. The others are opened when they are read: there may be many.
    file: Option<Arc<dyn File>>,
    pub(super) len: u64,
    /// From the first one in it to behind the last one.
    pub(super) sequences: Range<u64>,
    pub(super) unsettled: u64,
}

/// A segment's file, open or to be opened.
pub(super) enum Source {
    File(Arc<dyn File>),
    Path(PathBuf),
}

/// Records that lie one behind the other, in the order of their positions in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) segment: SegmentId,
    /// The age of all of them.
    pub(super) age: Age,
    /// Where the first record begins in the file.
    pub(super) offset: u64,
    pub(super) bytes: u64,
    /// The sequence of the first record. The others' follow.
    pub(super) sequence: u64,
    /// The position of the first record. The others' follow.
    pub(super) position: u64,
    pub(super) count: u64,
}

impl Segment {
    /// Makes the file, with its header.
    pub(super) fn create(
        disk: &dyn Disk,
        dir: &Path,
        number: u64,
        header: &Header,
        sequence: u64,
    ) -> io::Result<Self> {
        let path = dir.join(name(number));
        let file = disk.create(&path)?;
        let mut bytes = Vec::with_capacity(Header::LEN);
        header.write(&mut bytes);
        if let Err(error) = file.write_at(0, &bytes) {
            // Nothing is in it; whether it can be removed or not.
            let _ = disk.remove(&path);
            return Err(error);
        }
        Ok(Self {
            path,
            file: Some(file),
            len: Header::LEN as u64,
            sequences: sequence..sequence,
            unsettled: 0,
        })
    }

    /// One that is there already.
    pub(super) fn found(path: PathBuf, len: u64, sequences: Range<u64>, unsettled: u64) -> Self {
        Self { path, file: None, len, sequences, unsettled }
    }

    /// Closes the file until it is read.
    pub(super) fn close(&mut self) {
        self.file = None;
    }

    /// Where to read it.
    pub(super) fn source(&self) -> Source {
        self.file.clone().map_or_else(|| Source::Path(self.path.clone()), Source::File)
    }

    /// Writes behind the end, and says where that was. After a failure, nothing is there any more, or it says so.
    pub(super) fn append(&mut self, disk: &dyn Disk, bytes: &[u8]) -> Result<u64, AppendError> {
        let file = self.source().open(disk).map_err(|error| AppendError { error, is_torn: false })?;
        let offset = self.len;
        if let Err(error) = file.write_at(offset, bytes) {
            let is_torn = file.truncate(offset).is_err();
            return Err(AppendError { error, is_torn });
        }
        self.len += bytes.len() as u64;
        Ok(offset)
    }
}

impl Source {
    /// Opens the file, if it is not open. Not to be called where a lock is held.
    pub(super) fn open(&self, disk: &dyn Disk) -> io::Result<Arc<dyn File>> {
        match self {
            Self::File(file) => Ok(file.clone()),
            Self::Path(path) => disk.open(path),
        }
    }
}

/// Why nothing was appended.
pub(super) struct AppendError {
    pub(super) error: io::Error,
    /// Whether a part of the record may have stayed behind the end.
    pub(super) is_torn: bool,
}

impl Run {
    pub(super) fn end_of_sequences(&self) -> u64 {
        self.sequence + self.count
    }

    /// Leaves the first records out.
    pub(super) fn advance(&mut self, count: u64, bytes: u64) {
        self.count -= count;
        self.sequence += count;
        self.position += count;
        self.offset += bytes;
        self.bytes -= bytes;
    }

    /// Takes a record in that was written behind the last one, if it is one, and at most `apart` from the first one.
    pub(super) fn extend(&mut self, next: &Self, apart: Duration) -> bool {
        let age = self.age.join(next.age, apart);
        let follows = self.segment == next.segment
            && self.offset + self.bytes == next.offset
            && self.end_of_sequences() == next.sequence
            && self.position + self.count == next.position;
        match age.filter(|_| follows) {
            Some(age) => {
                self.age = age;
                self.count += next.count;
                self.bytes += next.bytes;
                true
            }
            None => false,
        }
    }
}

pub(super) fn name(number: u64) -> String {
    format!("{number:016x}.log")
}

/// The number of a segment, by its file's name.
pub(super) fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log").filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}
