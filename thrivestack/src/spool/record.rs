//! What a segment looks like, byte by byte, as the guide's page on the spool's format documents it. Pure: no file, no
//! clock.
//!
//! Two things make damage cost no more than what it hit. A marker that cannot occur in an event, which is UTF-8, says where
//! to go on. And a record's head has a checksum of its own, so that a length is only believed when it is right, and no
//! byte is looked at more than a fixed number of times, whatever a file holds.

use std::iter::FusedIterator;
use std::ops::Range;

use crc::{CRC_32_ISCSI, Crc, Table};

use crate::wire::{Endpoint, MAX_REQUEST_BYTES};

/// The version of the format that this crate writes.
const VERSION: u32 = 1;
/// The first byte of a text file in no encoding, and a version of the format can never change it.
const MAGIC: [u8; 8] = *b"\xFFTSSPOOL";
/// Neither 0xFF nor 0xFE occurs in UTF-8, so one flipped bit does not make a marker of an event's bytes.
const MARKER: [u8; 4] = *b"\xFFTS\xFE";
/// The marker, the length, the sequence, the time, the endpoint, the event's checksum and the head's.
const HEAD: usize = 4 + 4 + 8 + 8 + 1 + 4 + 4;
/// One of a header's two copies.
const COPY: usize = 32;

/// The bytes of a record beside the event's.
pub(crate) const OVERHEAD: usize = HEAD;
/// The bytes of the largest record. Whoever reads a segment in pieces needs this much of it at once.
pub(crate) const LARGEST: usize = OVERHEAD + MAX_REQUEST_BYTES;

/// CRC-32C, the Castagnoli polynomial, sixteen bytes at a time by tables of 16 KiB.
static CHECKSUM: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// What a segment begins with: for which key it was written, without saying which one that is. It stands there twice,
/// since without it nobody could tell to whom the events belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Random, so that the segments of two machines do not tell that they have the same key.
    pub(crate) salt: [u8; 8],
    /// The beginning of an HMAC of the key. Too short to confirm a guess for certain, too long to meet by chance.
    pub(crate) fingerprint: [u8; 8],
}

/// Why a segment cannot be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderError {
    /// Neither copy of the header is whole.
    Damaged,
    /// A later version of this crate wrote it, in this version of the format.
    Newer(u32),
    /// It does not begin like a segment.
    NotASegment,
}

/// One event of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    /// When the event was written, in milliseconds since 1970.
    pub(crate) at_millis: u64,
    pub(crate) endpoint: Endpoint,
    /// Where the event is in the bytes that were scanned. Its record begins [`OVERHEAD`] before that.
    pub(crate) bytes: Range<usize>,
}

/// What a scan meets, in order. Together the items cover every byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Entry(Entry),
    /// What is no record, up to the next one that is whole. How many records it was, the sequences around it tell.
    Damaged {
        skipped: Range<usize>,
    },
    /// The last item, if the bytes end within a record: the rest of a piece to read on from, or of a write that was cut
    /// short.
    Torn {
        skipped: Range<usize>,
    },
}

impl Header {
    /// The bytes of a header.
    pub(crate) const LEN: usize = 2 * COPY;

    pub(crate) fn of(key: &[u8], salt: [u8; 8]) -> Self {
        let mut fingerprint = [0; 8];
        let mac = hmac_sha256::HMAC::mac(key, salt);
        fingerprint.copy_from_slice(&mac[..8]);
        Self { salt, fingerprint }
    }

    /// Whether it was made of this key.
    pub(crate) fn is_of(&self, key: &[u8]) -> bool {
        Self::of(key, self.salt) == *self
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for _ in 0..2 {
            let start = out.len();
            out.extend_from_slice(&MAGIC);
            out.extend_from_slice(&VERSION.to_le_bytes());
            out.extend_from_slice(&self.salt);
            out.extend_from_slice(&self.fingerprint);
            let checksum = checksum(&out[start..]);
            out.extend_from_slice(&checksum.to_le_bytes());
        }
    }

    /// Reads the header at the beginning of a segment. One that was cut short is damaged: no record can follow it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, HeaderError> {
        let Some(both) = bytes.get(..Self::LEN) else {
            let beginning = bytes.len().min(MAGIC.len());
            let is_ours = bytes[..beginning] == MAGIC[..beginning];
            return Err(if is_ours { HeaderError::Damaged } else { HeaderError::NotASegment });
        };
        let mut why = HeaderError::NotASegment;
        for copy in both.chunks_exact(COPY) {
            match Self::read_copy(copy) {
                Err(HeaderError::NotASegment) => {}
                Err(HeaderError::Damaged) => why = HeaderError::Damaged,
                whole => return whole,
            }
        }
        Err(why)
    }

    fn read_copy(copy: &[u8]) -> Result<Self, HeaderError> {
        if !copy.starts_with(&MAGIC) {
            return Err(HeaderError::NotASegment);
        }
        let mut fields = Fields(&copy[MAGIC.len()..]);
        let version = u32::from_le_bytes(fields.take());
        let header = Self { salt: fields.take(), fingerprint: fields.take() };
        if checksum(&copy[..COPY - 4]) != u32::from_le_bytes(fields.take()) {
            return Err(HeaderError::Damaged);
        }
        // Every version ends the header's copies with this checksum, so that a flipped bit is not taken for a version.
        if version > VERSION { Err(HeaderError::Newer(version)) } else { Ok(header) }
    }
}

/// Appends one record. An event is UTF-8 and at most [`MAX_REQUEST_BYTES`] long.
pub(crate) fn write(out: &mut Vec<u8>, sequence: u64, at_millis: u64, endpoint: Endpoint, event: &[u8]) {
    debug_assert!(event.len() <= MAX_REQUEST_BYTES && std::str::from_utf8(event).is_ok());
    let start = out.len();
    out.reserve(OVERHEAD + event.len());
    out.extend_from_slice(&MARKER);
    out.extend_from_slice(&(event.len() as u32).to_le_bytes());
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(&at_millis.to_le_bytes());
    out.push(number(endpoint));
    out.extend_from_slice(&checksum(event).to_le_bytes());
    let checksum = checksum(&out[start..]);
    out.extend_from_slice(&checksum.to_le_bytes());
    out.extend_from_slice(event);
}

/// CRC-32C.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    CHECKSUM.checksum(bytes)
}

/// Walks the records of a segment's bytes, from anywhere behind its header.
pub(crate) fn scan(bytes: &[u8]) -> Scan<'_> {
    Scan { bytes, at: 0 }
}

/// The iterator of [`scan`].
#[derive(Debug, Clone)]
pub(crate) struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What stands at some place.
enum Found {
    /// A whole record, and where it ends.
    Record { entry: Entry, end: usize },
    /// The beginning of one, which the bytes end in.
    Beginning,
    /// Neither, and no record begins before the second place.
    Nothing { until: usize },
}

/// The fields of a record's head.
struct Head {
    len: usize,
    sequence: u64,
    at_millis: u64,
    endpoint: Endpoint,
    event_checksum: u32,
}

/// Little-endian fields, one behind the other.
struct Fields<'a>(&'a [u8]);

impl Iterator for Scan<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let start = self.at;
        let mut at = start;
        while at < self.bytes.len() {
            match look(self.bytes, at) {
                Found::Nothing { until } => at = until,
                // What was passed over is told first; this place is looked at again then.
                Found::Record { .. } | Found::Beginning if at > start => break,
                Found::Record { entry, end } => {
                    self.at = end;
                    return Some(Item::Entry(entry));
                }
                Found::Beginning => {
                    self.at = self.bytes.len();
                    return Some(Item::Torn { skipped: start..self.at });
                }
            }
        }
        self.at = at;
        (start < at).then_some(Item::Damaged { skipped: start..at })
    }
}

impl FusedIterator for Scan<'_> {}

/// Looks at one place. No byte is passed over twice, since every way to go on from here leads behind what was looked at.
fn look(bytes: &[u8], at: usize) -> Found {
    let rest = &bytes[at..];
    let Some(head) = rest.first_chunk::<HEAD>() else {
        return match next_marker(rest, 0) {
            Some(0) => Found::Beginning,
            next => Found::Nothing { until: at + next.unwrap_or(rest.len()) },
        };
    };
    let Some(head) = Head::read(head) else {
        return Found::Nothing { until: at + next_marker(rest, 1).unwrap_or(rest.len()) };
    };
    let end = HEAD + head.len;
    // An event has no marker in it: its record was cut short, and others were written behind it.
    if let Some(marker) =
        next_marker(&rest[..rest.len().min(end + MARKER.len() - 1)], HEAD).filter(|marker| *marker < end)
    {
        return Found::Nothing { until: at + marker };
    }
    let Some(event) = rest.get(HEAD..end) else {
        return Found::Beginning;
    };
    if checksum(event) != head.event_checksum {
        return Found::Nothing { until: at + end };
    }
    let Head { sequence, at_millis, endpoint, .. } = head;
    Found::Record {
        entry: Entry { sequence, at_millis, endpoint, bytes: at + HEAD..at + end },
        end: at + end,
    }
}

/// The first marker from a place on, or what may be the beginning of one at the end.
fn next_marker(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memchr_iter(MARKER[0], &bytes[from..]).map(|found| from + found).find(|found| {
        let rest = &bytes[*found..];
        let len = rest.len().min(MARKER.len());
        rest[..len] == MARKER[..len]
    })
}

impl Head {
    fn read(head: &[u8; HEAD]) -> Option<Self> {
        let mut fields = Fields(head);
        if fields.take() != MARKER {
            return None;
        }
        let len = u32::from_le_bytes(fields.take());
        let sequence = u64::from_le_bytes(fields.take());
        let at_millis = u64::from_le_bytes(fields.take());
        let [endpoint] = fields.take();
        let event_checksum = u32::from_le_bytes(fields.take());
        let is_whole = checksum(&head[..HEAD - 4]) == u32::from_le_bytes(fields.take());
        let len = usize::try_from(len).ok().filter(|len| *len <= MAX_REQUEST_BYTES && is_whole)?;
        Some(Self { len, sequence, at_millis, endpoint: of_number(endpoint)?, event_checksum })
    }
}

impl Fields<'_> {
    /// The next field, of zeros if there are no more.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let Some((field, rest)) = self.0.split_first_chunk() else {
            return [0; N];
        };
        self.0 = rest;
        *field
    }
}

/// Endpoints have their numbers in the files for good.
fn number(endpoint: Endpoint) -> u8 {
    match endpoint {
        Endpoint::Identify => 1,
        Endpoint::Group => 2,
        Endpoint::Track => 3,
        Endpoint::Page => 4,
    }
}

fn of_number(number: u8) -> Option<Endpoint> {
    Endpoint::ALL.into_iter().find(|endpoint| self::number(*endpoint) == number)
}

#[cfg(test)]
// Said, so that it is found from the fuzz target, too.
#[path = "record/tests.rs"]
mod tests;
