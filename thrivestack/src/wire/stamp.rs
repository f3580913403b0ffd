//! When an event happened and which one it is.

use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

use super::millis::{LAST_MILLIS, Millis};

/// How every event ends: the end of its context with the message's id, and the timestamp.
///
/// Many events may come in a millisecond, and what one of them needs is ready for the next.
pub(super) struct Stamp {
    /// What the next event copies.
    text: [u8; TEXT.len()],
    /// The moments that the text tells: of the timestamp, the second that it is in, and of the id.
    time: Millis,
    second: u64,
    moment: Millis,
    /// What tells the ids of one minute apart, but for the last digit; when all are used, others are drawn.
    counter: u16,
}

const TEXT: [u8; 93] =
    *br#","message_id":"00000000-0000-7000-8000-000000000000"},"timestamp":"1970-01-01T00:00:00.000Z"}"#;
/// Where the id is: a UUID of version 7, the milliseconds in its first twelve digits.
const ID: usize = 15;
/// Where the last four of its digits are.
const COUNTER: usize = ID + 32;
/// Where the end of the context is, with which an event without an id of its own goes on.
const CONTEXT_END: usize = 52;
/// Where the timestamp is, and its fraction of a second.
const TIME: usize = 67;
const FRACTION: usize = TIME + 20;

impl Stamp {
    pub(super) const fn new() -> Self {
        Self {
            text: TEXT,
            time: Millis(0),
            second: 0,
            // No moment is this one, so the first one draws an id.
            moment: Millis(u64::MAX),
            counter: 0,
        }
    }

    /// Appends the end of an event that happened at `time`, and if it has a message id, the moment that is part of it.
    #[inline]
    pub(super) fn write(&mut self, out: &mut Vec<u8>, message: Option<Millis>, time: Millis) {
        if time != self.time {
            self.set_time(time);
        }
        let Some(moment) = message else { return out.extend_from_slice(&self.text[CONTEXT_END..]) };
        if moment != self.moment {
            self.set_moment(moment);
        }
        out.extend_from_slice(&self.text);
        // Now, since a processor waits when it copies what it has only just written.
        self.prepare_next();
    }

    /// Has the text tell another id.
    #[inline]
    fn prepare_next(&mut self) {
        let last = &mut self.text[COUNTER + 3];
        match *last {
            b'9' => *last = b'a',
            b'f' => self.carry(),
            _ => *last += 1,
        }
    }

    #[inline(never)]
    fn carry(&mut self) {
        self.counter = self.counter.wrapping_add(16);
        if self.counter == 0 {
            self.draw(self.moment.0 >> 16);
        }
        self.text[COUNTER..][..4].copy_from_slice(&four_digits(self.counter));
    }

    /// Has the text tell another time. Times after 9999 become the last one before.
    #[inline(never)]
    fn set_time(&mut self, time: Millis) {
        let now = time.0.min(LAST_MILLIS);
        let (second, fraction) = (now / 1_000, now % 1_000);
        if second != self.second {
            self.set_second(second);
        }
        self.text[FRACTION..][..3].copy_from_slice(&three_digits(fraction as u32));
        self.time = time;
    }

    #[cold]
    fn set_second(&mut self, second: u64) {
        let formatted = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(second));
        let mut text = [0; 20];
        if write!(text.as_mut_slice(), "{formatted}").is_ok() {
            self.text[TIME..][..19].copy_from_slice(&text[..19]);
            self.second = second;
        }
    }

    /// Has the ids tell another moment.
    #[inline(never)]
    fn set_moment(&mut self, moment: Millis) {
        if moment.0 >> 16 != self.moment.0 >> 16 {
            self.draw(moment.0 >> 16);
        }
        self.text[ID + 9..][..4].copy_from_slice(&four_digits(moment.0 as u16));
        self.moment = moment;
    }

    /// Draws the ids of a minute, of 65,536 milliseconds: 58 bits of each, so that no other stamp of any process has the
    /// same.
    #[cold]
    fn draw(&mut self, minute: u64) {
        const VARIANT: u16 = 0b10 << 14;
        let random = fastrand::u64(..);
        let group = |at: u32| four_digits((random >> (16 * at)) as u16);
        let id = &mut self.text[ID..][..36];
        id[..4].copy_from_slice(&four_digits((minute >> 16) as u16));
        id[4..8].copy_from_slice(&four_digits(minute as u16));
        id[15..18].copy_from_slice(&group(0)[1..]);
        id[19..23].copy_from_slice(&four_digits(VARIANT | (random >> 16) as u16 >> 2));
        id[24..28].copy_from_slice(&group(2));
        id[28..32].copy_from_slice(&group(3));
        id[32..].copy_from_slice(b"0000");
        self.counter = 0;
    }
}

/// The three decimal digits of a number below 1,000.
fn three_digits(number: u32) -> [u8; 3] {
    let digit = |value: u32| b'0' + value as u8;
    [digit(number / 100), digit(number / 10 % 10), digit(number % 10)]
}

/// The four hexadecimal digits of a number, all at once.
fn four_digits(number: u16) -> [u8; 4] {
    const ONES: u32 = u32::from_ne_bytes([1; 4]);
    let number = u32::from(number);
    // Every half byte gets a byte of its own.
    let spread = (number | number << 8) & 0x00ff_00ff;
    let spread = (spread | spread << 4) & (ONES * 0x0f);
    // Of the bytes plus six, those from ten on have their fifth bit set.
    let is_letter = ((spread + ONES * 6) >> 4) & ONES;
    let to_letter = u32::from(b'a' - b'0' - 10);
    (spread + ONES * u32::from(b'0') + is_letter * to_letter).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::SystemTime;

    use proptest::prelude::*;

    use super::*;

    /// The event's end as the end of an object, after the comma that begins it.
    fn ending(stamp: &mut Stamp, message: Option<Millis>, time: Millis) -> serde_json::Value {
        let mut out = br#"{"context":{"source":"product""#.to_vec();
        stamp.write(&mut out, message, time);
        serde_json::from_slice(&out).unwrap()
    }

    fn timestamp(time: SystemTime) -> String {
        ending(&mut Stamp::new(), None, time.into())["timestamp"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_time_has_exactly_three_digits_of_fraction_and_ends_in_z() {
        let second = |second| UNIX_EPOCH + Duration::from_secs(second);
        for (time, expected) in [
            (UNIX_EPOCH, "1970-01-01T00:00:00.000Z"),
            (second(1_785_585_600) + Duration::from_nanos(7_999_999), "2026-08-01T12:00:00.007Z"),
            (second(951_782_400) + Duration::from_millis(999), "2000-02-29T00:00:00.999Z"),
            (UNIX_EPOCH - Duration::from_secs(1), "1970-01-01T00:00:00.000Z"),
            (second(LAST_MILLIS / 1_000), "9999-12-31T23:59:59.000Z"),
            (second(LAST_MILLIS / 1_000 + 1), "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(timestamp(time), expected);
        }
    }

    proptest! {
        #[test]
        fn times_are_written_as_humantime_writes_them(all in prop::collection::vec(0..LAST_MILLIS, 1..9)) {
            let mut stamp = Stamp::new();
            for millis in all {
                let time = UNIX_EPOCH + Duration::from_millis(millis);
                let written = ending(&mut stamp, Some(Millis(millis)), Millis(millis));
                prop_assert_eq!(&written["timestamp"], &humantime::format_rfc3339_millis(time).to_string());
            }
        }

        #[test]
        fn a_message_id_is_a_uuid_of_version_7(millis in 0..1_u64 << 48) {
            let written = ending(&mut Stamp::new(), Some(Millis(millis)), Millis(0));
            let id = written["context"]["message_id"].as_str().unwrap();
            let groups: Vec<_> = id.split('-').map(str::len).collect();
            prop_assert_eq!(groups, [8, 4, 4, 4, 12]);
            let number = u128::from_str_radix(&id.replace('-', ""), 16).unwrap();
            prop_assert_eq!(number >> 80, u128::from(millis));
            prop_assert_eq!(number >> 76 & 0xf, 7);
            prop_assert_eq!(number >> 62 & 0b11, 0b10);
            prop_assert_eq!(id.to_lowercase(), id);
        }

        #[test]
        fn digits_are_written_as_the_standard_library_writes_them(decimal in 0..1_000_u32, hexadecimal: u16) {
            prop_assert_eq!(three_digits(decimal).to_vec(), format!("{decimal:03}").into_bytes());
            prop_assert_eq!(four_digits(hexadecimal).to_vec(), format!("{hexadecimal:04x}").into_bytes());
        }
    }

    #[test]
    fn an_event_without_a_message_id_has_none() {
        let mut stamp = Stamp::new();
        assert!(ending(&mut stamp, Some(Millis(0)), Millis(0))["context"]["message_id"].is_string());
        assert_eq!(
            ending(&mut stamp, None, Millis(0)),
            serde_json::json!({ "context": { "source": "product" }, "timestamp": "1970-01-01T00:00:00.000Z" }),
        );
    }

    #[test]
    fn a_message_id_begins_with_its_moment() {
        let mut stamp = Stamp::new();
        for millis in [0, 0xffff, 0x1_0000, 0x1_ffff, 0x0198_6f3e_1234, 0x0198_6f3e_1235, 0x1234] {
            let written = ending(&mut stamp, Some(Millis(millis)), Millis(0));
            let id = written["context"]["message_id"].as_str().unwrap().replace('-', "");
            assert_eq!(id[..12], format!("{millis:012x}"));
        }
    }

    #[test]
    fn message_ids_differ_between_events_and_threads() {
        // More than one draw is enough for.
        const EACH: usize = 70_000;
        let ids = || -> Vec<Vec<u8>> {
            let mut stamp = Stamp::new();
            let mut write = || {
                let mut out = Vec::new();
                stamp.write(&mut out, Some(Millis(0)), Millis(0));
                out[ID..][..36].to_vec()
            };
            (0..EACH).map(|_| write()).collect()
        };
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(ids)).collect();
        let all: HashSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(all.len(), 4 * EACH);
    }
}
