//! Which events of a spool are settled, and the file that says so. Pure: no file, no clock.
//!
//! Batches settle out of order, since each is of one endpoint and a parked endpoint holds up no other. So the settled
//! sequences are a low-water mark and the ranges above it, which are kept small: two bytes each for most.

use std::collections::BTreeMap;
use std::ops::Range;

use super::record::checksum;

/// Not a segment's magic: the two cannot be taken for each other.
pub(crate) const MAGIC: [u8; 8] = *b"\xFFTSCURSR";
const VERSION: u32 = 1;
/// Where the ranges begin: behind the magic, the version and the low-water mark.
const RANGES: usize = 8 + 4 + 8;

/// The sequences that are settled: delivered or dropped, and not to be sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    low: u64,
    /// From the first of a range to behind its last. Neither they nor the low-water mark touch.
    above: BTreeMap<u64, u64>,
}

impl Settled {
    /// Settles one sequence, however often. The last of all, `u64::MAX`, is never reached.
    pub(crate) fn settle(&mut self, sequence: u64) {
        if !self.is_settled(sequence) && sequence != u64::MAX {
            self.settle_gap(sequence..sequence + 1);
        }
    }

    /// Settles sequences of which none was.
    pub(crate) fn settle_gap(&mut self, gap: Range<u64>) {
        let end = self.above.remove(&gap.end).unwrap_or(gap.end);
        if gap.start == self.low {
            self.low = end;
        } else if let Some((_, before)) =
            self.above.range_mut(..gap.start).next_back().filter(|(_, end)| **end == gap.start)
        {
            *before = end;
        } else {
            self.above.insert(gap.start, end);
        }
    }

    /// The sequences of a range that are not settled.
    pub(crate) fn gaps(&self, within: Range<u64>) -> Vec<Range<u64>> {
        let mut gaps = Vec::new();
        let mut start = within.start.max(self.low);
        for (first, end) in self.above.range(..within.end) {
            gaps.push(start..*first);
            start = start.max(*end);
        }
        gaps.push(start..within.end);
        gaps.retain(|gap| !gap.is_empty());
        gaps
    }

    pub(crate) fn is_settled(&self, sequence: u64) -> bool {
        sequence < self.low
            || self.above.range(..=sequence).next_back().is_some_and(|(_, end)| sequence < *end)
    }

    /// Every sequence below this one is settled; this one is not.
    pub(crate) fn low_water(&self) -> u64 {
        self.low
    }

    /// Appends what [`read`](Self::read) takes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&self.low.to_le_bytes());
        let mut before = self.low;
        for (first, end) in &self.above {
            write_number(out, first - before);
            write_number(out, end - first);
            before = *end;
        }
        let checksum = checksum(&out[start..]);
        out.extend_from_slice(&checksum.to_le_bytes());
    }

    /// Reads a whole cursor file. `None` if a byte of it is not as it was written, or a later version wrote it.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (written, sum) = bytes.split_last_chunk()?;
        if checksum(written) != u32::from_le_bytes(*sum) || written.get(..8)? != MAGIC {
            return None;
        }
        let (version, low) = written.get(8..RANGES)?.split_first_chunk()?;
        if u32::from_le_bytes(*version) != VERSION {
            return None;
        }
        let mut settled = Self { low: u64::from_le_bytes(low.try_into().ok()?), above: BTreeMap::new() };
        let mut before = settled.low;
        let mut ranges = &written[RANGES..];
        while !ranges.is_empty() {
            let first = before.checked_add(read_number(&mut ranges)?)?;
            let end = first.checked_add(read_number(&mut ranges)?)?;
            if first == before || end == first {
                return None;
            }
            settled.above.insert(first, end);
            before = end;
        }
        Some(settled)
    }
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn write_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7F);
        // The tenth byte has room for one bit.
        if bits << shift >> shift != bits {
            return None;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn of(sequences: &[u64]) -> Settled {
        let mut settled = Settled::default();
        for sequence in sequences {
            settled.settle(*sequence);
        }
        settled
    }

    fn bytes_of(settled: &Settled) -> Vec<u8> {
        let mut bytes = Vec::new();
        settled.write(&mut bytes);
        bytes
    }

    #[test]
    fn a_parked_endpoint_between_others_costs_two_bytes_an_event() {
        let every_other: Vec<u64> = (0..10_000).map(|index| index * 2 + 1).collect();
        let settled = of(&every_other);
        assert_eq!(settled.low_water(), 0);
        assert!(bytes_of(&settled).len() <= 20_100);
        assert_eq!(Settled::read(&bytes_of(&settled)), Some(settled));
    }

    /// The bytes of the guide's page on the format.
    #[test]
    fn the_format_is_the_documented_one() {
        let settled = of(&[0, 1, 4, 5, 6, 300]);
        let hex: String = bytes_of(&settled).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "ff54534355525352 01000000 0200000000000000 0203 a50201 8b6c420b".replace(' ', ""));
    }

    #[test]
    fn the_last_sequence_of_all_breaks_nothing() {
        let settled = of(&[u64::MAX, u64::MAX - 1]);
        assert!(settled.is_settled(u64::MAX - 1) && !settled.is_settled(u64::MAX));
        assert_eq!(Settled::read(&bytes_of(&settled)), Some(settled));
    }

    #[test]
    fn what_was_not_written_like_this_is_none() {
        let bytes = bytes_of(&of(&[0, 1, 5, 9, 300_000]));
        assert!(Settled::read(&bytes).is_some());
        for cut in 0..bytes.len() {
            assert_eq!(Settled::read(&bytes[..cut]), None, "cut at {cut}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Settled::read(&damaged), None, "bit {bit}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(Settled::read(&longer), None);
    }

    /// A file whose checksum is right and whose contents are not.
    fn sealed(contents: &[u8]) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], contents].concat();
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    #[test]
    fn a_right_checksum_alone_makes_no_cursor() {
        let start = [1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Settled::read(&sealed(&start)).map(|settled| settled.low_water()), Some(7));
        for (why, ranges) in [
            ("a gap of nothing", &[0, 1][..]),
            ("a range of nothing", &[1, 0]),
            ("half a range", &[1]),
            ("half a number", &[1, 0x80]),
            ("beyond the last sequence", &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1]),
            ("a number of more than 64 bits", &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 1]),
        ] {
            assert_eq!(Settled::read(&sealed(&[&start[..], ranges].concat())), None, "{why}");
        }
        let later = [2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Settled::read(&sealed(&later)), None, "a later version");
    }

    proptest! {
        #[test]
        fn it_is_a_set(sequences in proptest::collection::vec(0..60_u64, 0..80)) {
            let mut settled = Settled::default();
            let mut model = BTreeSet::new();
            for sequence in sequences {
                settled.settle(sequence);
                model.insert(sequence);
                for asked in 0..62 {
                    prop_assert_eq!(settled.is_settled(asked), model.contains(&asked));
                }
                let low = (0..).find(|sequence| !model.contains(sequence)).unwrap();
                prop_assert_eq!(settled.low_water(), low);
                prop_assert_eq!(Settled::read(&bytes_of(&settled)), Some(settled.clone()));
            }
        }

        #[test]
        fn its_gaps_are_what_is_not_in_it(
            sequences in proptest::collection::vec(0..40_u64, 0..40),
            start in 0..45_u64,
            len in 0..45_u64,
        ) {
            let mut settled = of(&sequences);
            let within = start..start + len;
            let gaps = settled.gaps(within.clone());
            let missing: Vec<_> = within.clone().filter(|sequence| !settled.is_settled(*sequence)).collect();
            prop_assert_eq!(gaps.iter().cloned().flatten().collect::<Vec<_>>(), missing.clone());
            let one_by_one = of(&[sequences, missing].concat());
            gaps.into_iter().for_each(|gap| settled.settle_gap(gap));
            prop_assert_eq!(settled, one_by_one);
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(settled) = Settled::read(&sealed(&bytes)) {
                prop_assert_eq!(Settled::read(&bytes_of(&settled)), Some(settled));
            }
        }
    }
}
