use proptest::prelude::*;

use super::*;

const SALT: [u8; 8] = *b"saltsalt";

/// Records, and where each of them is.
#[derive(Debug, Clone, Default)]
struct Segment {
    bytes: Vec<u8>,
    records: Vec<Range<usize>>,
}

impl Segment {
    fn of(events: impl IntoIterator<Item = String>) -> Self {
        let mut segment = Self::default();
        for (event, sequence) in events.into_iter().zip(0..) {
            let start = segment.bytes.len();
            let endpoint = Endpoint::ALL[sequence as usize % 4];
            write(&mut segment.bytes, sequence, sequence * 1_000, endpoint, event.as_bytes());
            segment.records.push(start..segment.bytes.len());
        }
        segment
    }

    /// As many small events as there is room for.
    fn small(bytes: usize) -> Self {
        Self::of((0..bytes / (OVERHEAD + 32)).map(|index| format!("{{\"number\":{index:021}}}")))
    }

    /// What a scan from the first of these records to the second tells while nothing is wrong.
    fn entries(&self, records: Range<usize>) -> Vec<Item> {
        let origin = self.records.get(records.start).map_or(0, |record| record.start);
        records.map(|index| self.entry(index, origin)).collect()
    }

    fn entry(&self, index: usize, origin: usize) -> Item {
        let record = &self.records[index];
        Item::Entry(Entry {
            sequence: index as u64,
            at_millis: index as u64 * 1_000,
            endpoint: Endpoint::ALL[index % 4],
            bytes: record.start + OVERHEAD - origin..record.end - origin,
        })
    }
}

fn items(bytes: &[u8]) -> Vec<Item> {
    scan(bytes).collect()
}

fn header() -> (Header, Vec<u8>) {
    let header = Header::of(b"the key", SALT);
    let mut bytes = Vec::new();
    header.write(&mut bytes);
    (header, bytes)
}

#[test]
fn a_header_knows_its_key_and_does_not_tell_it() {
    let (header, bytes) = header();
    assert_eq!(bytes.len(), Header::LEN);
    assert_eq!(Header::read(&bytes), Ok(header));
    assert!(header.is_of(b"the key"));
    assert!(!header.is_of(b"another key"));
    assert!(!bytes.windows(3).any(|window| window == b"key"));
    assert_ne!(Header::of(b"the key", *b"pepper--").fingerprint, header.fingerprint);
}

/// The bytes of the guide's page on the format. What is on somebody's disk does not change with a release.
#[test]
fn the_format_is_the_documented_one() {
    let (_, mut bytes) = header();
    write(&mut bytes, 0x0102, 1_700_000_000_000, Endpoint::Track, b"{\"n\":1}");
    let expected = [
        "ff545353504f4f4c 01000000 73616c7473616c74 131d7a211716db2b 7583faa9",
        "ff545353504f4f4c 01000000 73616c7473616c74 131d7a211716db2b 7583faa9",
        "ff5453fe 07000000 0201000000000000 0068e5cf8b010000 03 bfd0e6a2 900368a1 7b226e223a317d",
    ];
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expected.concat().replace(' ', ""));
}

#[test]
fn either_copy_of_a_header_is_enough() {
    let (header, bytes) = header();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Header::read(&damaged), Ok(header), "bit {bit}");
    }
    for cut in 0..bytes.len() {
        assert_eq!(Header::read(&bytes[..cut]), Err(HeaderError::Damaged), "cut at {cut}");
    }
    let mut both = bytes;
    both[20] ^= 1;
    both[60] ^= 1;
    assert_eq!(Header::read(&both), Err(HeaderError::Damaged));
}

#[test]
fn a_later_version_and_other_files_are_told_apart_from_damage() {
    let (_, mut bytes) = header();
    for start in [0, Header::LEN / 2] {
        bytes[start + 8] = 2;
        let end = start + Header::LEN / 2 - 4;
        let sum = checksum(&bytes[start..end]);
        bytes[end..end + 4].copy_from_slice(&sum.to_le_bytes());
    }
    assert_eq!(Header::read(&bytes), Err(HeaderError::Newer(2)));
    assert_eq!(
        Header::read(b"{\"some\": \"other file that is longer than a header of ours would be\"}"),
        Err(HeaderError::NotASegment)
    );
    assert_eq!(Header::read(&[0; 200]), Err(HeaderError::NotASegment));
}

/// A bit is flipped in every byte in turn; as the records' length is odd, it is every bit of a record's in some. A scan
/// knows nothing of what lies before the place where it begins, so the records next to the damaged one stand for all
/// others; that it is so, a whole scan now and then confirms.
#[test]
fn a_flipped_bit_costs_its_record_alone() {
    let segment = Segment::small(64 * 1024);
    let mut bytes = segment.bytes.clone();
    let last = segment.records.len() - 1;
    for (index, record) in segment.records.iter().enumerate() {
        let near = index.saturating_sub(1)..(index + 1).min(last) + 1;
        let window = segment.records[near.start].start..segment.records[near.end - 1].end;
        let mut expected = segment.entries(near.clone());
        let damaged = record.start - window.start..record.end - window.start;
        expected[index - near.start] = Item::Damaged { skipped: damaged };
        for at in record.clone() {
            bytes[at] ^= 1 << (at % 8);
            assert_eq!(items(&bytes[window.clone()]), expected, "byte {at}");
            bytes[at] ^= 1 << (at % 8);
        }
        if index % 50 == 0 || index == last {
            let mut expected = segment.entries(0..segment.records.len());
            expected[index] = Item::Damaged { skipped: record.clone() };
            bytes[record.start + index % record.len()] ^= 0x10;
            assert_eq!(items(&bytes), expected, "record {index}");
            bytes.copy_from_slice(&segment.bytes);
        }
    }
}

#[test]
fn a_truncated_segment_loses_its_last_record_alone() {
    let segment = Segment::small(64 * 1024);
    for (index, record) in segment.records.iter().enumerate() {
        let near = index.saturating_sub(1)..index;
        let start = segment.records[near.start].start;
        for cut in record.clone() {
            let mut expected = segment.entries(near.clone());
            if cut > record.start {
                expected.push(Item::Torn { skipped: record.start - start..cut - start });
            }
            assert_eq!(items(&segment.bytes[start..cut]), expected, "cut at {cut}");
        }
        if index % 50 == 0 {
            let mut expected = segment.entries(0..index);
            expected.push(Item::Torn { skipped: record.start..record.end - 1 });
            assert_eq!(items(&segment.bytes[..record.end - 1]), expected, "record {index}");
        }
    }
}

/// A write may be cut short where others are written behind it.
#[test]
fn what_is_written_behind_a_record_that_was_cut_short_is_found() {
    let segment = Segment::small(1_000);
    let record = segment.records[3].clone();
    for kept in 0..record.len() {
        let mut bytes = segment.bytes.clone();
        bytes.drain(record.start + kept..record.end);
        let sequences: Vec<u64> = scan(&bytes)
            .filter_map(|item| match item {
                Item::Entry(entry) => Some(entry.sequence),
                _ => None,
            })
            .collect();
        let expected: Vec<u64> =
            (0..segment.records.len() as u64).filter(|sequence| *sequence != 3).collect();
        assert_eq!(sequences, expected, "{kept} bytes kept");
    }
}

#[test]
fn an_endpoint_or_a_length_of_a_later_version_is_damage_and_not_waited_for() {
    for (at, value) in [(24, 9_u8), (7, 0x7F)] {
        let mut segment = Segment::small(300);
        segment.bytes[at] = value;
        let sum = checksum(&segment.bytes[..OVERHEAD - 4]);
        segment.bytes[OVERHEAD - 4..OVERHEAD].copy_from_slice(&sum.to_le_bytes());
        let mut expected = segment.entries(0..segment.records.len());
        expected[0] = Item::Damaged { skipped: segment.records[0].clone() };
        assert_eq!(items(&segment.bytes), expected);
    }
}

/// Zeros are what a file system leaves where a machine stopped before it wrote.
#[test]
fn zeros_at_the_end_are_damage() {
    let mut segment = Segment::small(1_000);
    let end = segment.bytes.len();
    let mut expected = segment.entries(0..segment.records.len());
    segment.bytes.resize(end + 4_096, 0);
    expected.push(Item::Damaged { skipped: end..end + 4_096 });
    assert_eq!(items(&segment.bytes), expected);
}

/// Scans that went back over what a head claims would take hours here: 8 MB of heads that are right, and each of which
/// claims the next 2 MB.
#[test]
fn a_segment_of_forged_heads_is_passed_over_once() {
    let mut forged = Vec::new();
    write(&mut forged, 7, 7, Endpoint::Track, b"");
    forged[4..8].copy_from_slice(&(MAX_REQUEST_BYTES as u32).to_le_bytes());
    let sum = checksum(&forged[..OVERHEAD - 4]);
    forged[OVERHEAD - 4..].copy_from_slice(&sum.to_le_bytes());
    let count = 8 * 1024 * 1024 / forged.len();
    let bytes = forged.repeat(count);
    let last = (count - 1) * forged.len();
    assert_eq!(
        items(&bytes),
        [Item::Damaged { skipped: 0..last }, Item::Torn { skipped: last..bytes.len() }]
    );

    let markers = MARKER.repeat(256 * 1024);
    let torn = markers.len() - (OVERHEAD - 1) / 4 * 4;
    assert_eq!(
        items(&markers),
        [Item::Damaged { skipped: 0..torn }, Item::Torn { skipped: torn..markers.len() }]
    );
}

#[test]
fn a_full_segment_of_large_events_loses_what_is_damaged() {
    let mut segment = Segment::of((0..4).map(|index| index.to_string().repeat(MAX_REQUEST_BYTES)));
    assert_eq!(segment.records[0].len(), LARGEST);
    let mut expected = segment.entries(0..4);
    expected[1] = Item::Damaged { skipped: segment.records[1].clone() };
    let middle = segment.records[1].start + LARGEST / 2;
    segment.bytes[middle..middle + 4_096].fill(0);
    assert_eq!(items(&segment.bytes), expected);
}

fn any_segment() -> impl Strategy<Value = Segment> {
    proptest::collection::vec("\\PC{0,60}", 1..30).prop_map(Segment::of)
}

proptest! {
    #[test]
    fn what_was_written_is_read(segment in any_segment()) {
        prop_assert_eq!(items(&segment.bytes), segment.entries(0..segment.records.len()));
    }

    /// As the worker reads: in pieces, each of which goes on at what the one before it ended within.
    #[test]
    fn pieces_are_read_like_the_whole(segment in any_segment(), piece in 300..500_usize) {
        let mut sequences = Vec::new();
        let mut at = 0;
        while at < segment.bytes.len() {
            let bytes = &segment.bytes[at..(at + piece).min(segment.bytes.len())];
            let mut end = at + bytes.len();
            for item in scan(bytes) {
                match item {
                    Item::Entry(entry) => sequences.push(entry.sequence),
                    Item::Torn { skipped } => end = at + skipped.start,
                    Item::Damaged { .. } => prop_assert!(false, "nothing is damaged"),
                }
            }
            at = end;
        }
        prop_assert_eq!(sequences, (0..segment.records.len() as u64).collect::<Vec<_>>());
    }

    /// Whatever happens to some bytes, records that were not touched come back, nothing else does, and all is accounted
    /// for.
    #[test]
    fn damage_costs_what_it_touches(
        segment in any_segment(),
        hits in proptest::collection::vec((any::<proptest::sample::Index>(), 1..200_usize, any::<u8>()), 0..6),
    ) {
        let mut bytes = segment.bytes.clone();
        for (at, len, value) in hits {
            let at = at.index(bytes.len());
            let end = (at + len).min(bytes.len());
            bytes[at..end].fill(value);
        }
        let untouched: Vec<Item> = (0..segment.records.len())
            .filter(|index| bytes[segment.records[*index].clone()] == segment.bytes[segment.records[*index].clone()])
            .map(|index| segment.entry(index, 0))
            .collect();
        let mut entries = Vec::new();
        let mut covered = 0;
        for item in scan(&bytes) {
            let range = match &item {
                Item::Entry(entry) => entry.bytes.start - OVERHEAD..entry.bytes.end,
                Item::Damaged { skipped } | Item::Torn { skipped } => skipped.clone(),
            };
            prop_assert_eq!(range.start, covered);
            covered = range.end;
            if matches!(item, Item::Entry(_)) {
                entries.push(item);
            }
        }
        prop_assert_eq!(covered, bytes.len());
        prop_assert_eq!(entries, untouched);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(prop_oneof![3 => any::<u8>(), 1 => proptest::sample::select(&MARKER[..])], 0..300)) {
        let _ = Header::read(&bytes);
        let _ = items(&bytes);
    }
}
