//! Reading of the spool's files in pieces of fixed sizes: a file's length decides nothing.

use std::io;

use super::cursor::{self, Settled};
use super::directory::begins_with;
use super::disk::File;
use super::record::{self, Header, HeaderError, Item, LARGEST};
use crate::wire::Endpoint;

/// The bytes that are read at once.
const PIECE: usize = 64 * 1024;
/// The bytes that are read where less has no room for a record. At least one is whole then, so that each piece leads on.
const LARGEST_PIECE: usize = 2 * LARGEST;
/// The bytes without a record after which the rest of a segment is not looked at. The largest segments have half as many.
const MOST_SKIPPED: u64 = 16 * 1024 * 1024;
/// The bytes of the largest cursor that is read: room for a record in two being settled, of eight million.
const LARGEST_CURSOR: usize = 16 * 1024 * 1024;
/// The bytes that are read at once where a disk has errors.
const PAGE: usize = 4096;

/// A file in the place of a cursor.
pub(super) enum Cursor {
    Whole(Settled),
    /// It begins like a cursor, and is none. Nothing is taken as settled.
    Damaged,
    /// It does not begin like a cursor, so it is not ours.
    Foreign,
}

/// A step of [`walk`].
pub(super) enum Met {
    Record(Record),
    Damaged,
    /// The file ends within a record.
    Torn,
}

/// A record of a segment.
pub(super) struct Record {
    pub(super) sequence: u64,
    pub(super) at_millis: u64,
    pub(super) endpoint: Endpoint,
    /// Where it begins in the file.
    pub(super) offset: u64,
    pub(super) bytes: u64,
}

/// Reads the header of a segment, and nothing else.
pub(super) fn header(file: &dyn File) -> Result<Header, HeaderError> {
    let mut bytes = [0; Header::LEN];
    let len = read_tolerantly(file, 0, &mut bytes);
    Header::read(&bytes[..len])
}

/// Reads a cursor.
pub(super) fn cursor(file: &dyn File) -> io::Result<Cursor> {
    if !begins_with(file, &cursor::MAGIC)? {
        return Ok(Cursor::Foreign);
    }
    let mut bytes = Vec::new();
    while bytes.len() < LARGEST_CURSOR {
        let start = bytes.len();
        bytes.resize((2 * start).clamp(PAGE, LARGEST_CURSOR), 0);
        let len = file.read_at(start as u64, &mut bytes[start..])?;
        let is_end = start + len < bytes.len();
        bytes.truncate(start + len);
        if is_end {
            return Ok(Settled::read(&bytes).map_or(Cursor::Damaged, Cursor::Whole));
        }
    }
    Ok(Cursor::Damaged)
}

/// Walks over the records of a segment. Returns where the walk ended.
pub(super) fn walk(file: &dyn File, mut meet: impl FnMut(Met)) -> u64 {
    let mut offset = Header::LEN as u64;
    let mut skipped_bytes = 0;
    let mut buffer = Vec::new();
    let mut piece = PIECE;
    loop {
        let kept = buffer.len();
        buffer.resize(piece, 0);
        let read = read_tolerantly(file, offset + kept as u64, &mut buffer[kept..]);
        buffer.truncate(kept + read);
        let is_end = buffer.len() < piece;
        let mut rest = buffer.len();
        for item in record::scan(&buffer) {
            match item {
                Item::Entry(entry) => {
                    skipped_bytes = 0;
                    let begin = entry.bytes.start - record::OVERHEAD;
                    meet(Met::Record(Record {
                        sequence: entry.sequence,
                        at_millis: entry.at_millis,
                        endpoint: entry.endpoint,
                        offset: offset + begin as u64,
                        bytes: (entry.bytes.end - begin) as u64,
                    }));
                }
                Item::Damaged { skipped } => {
                    skipped_bytes += skipped.len() as u64;
                    meet(Met::Damaged);
                }
                Item::Torn { .. } if is_end => meet(Met::Torn),
                Item::Torn { skipped } => rest = skipped.start,
            }
        }
        offset += rest as u64;
        if is_end || skipped_bytes > MOST_SKIPPED {
            return offset;
        }
        buffer.drain(..rest);
        piece = if rest == 0 { LARGEST_PIECE } else { PIECE.max(buffer.len() + PAGE) };
    }
}

/// Fills a piece as far as the file goes. What the disk cannot read is left zero, page by page, for a scan to pass over.
pub(super) fn read_tolerantly(file: &dyn File, offset: u64, piece: &mut [u8]) -> usize {
    if let Ok(read) = file.read_at(offset, piece) {
        return read;
    }
    let mut read = 0;
    for page in piece.chunks_mut(PAGE) {
        match file.read_at(offset + read as u64, page) {
            Ok(0) => break,
            Ok(len) => read += len,
            Err(_) => {
                page.fill(0);
                read += page.len();
            }
        }
    }
    read
}
