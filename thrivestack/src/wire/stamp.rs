//! When an event happened and which one it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 23:59:59 on the last day of the year 9999, the last second that four digits of a year can tell.
const LAST_SECOND: u64 = 253_402_300_799;

/// A moment in milliseconds since 1970, as ThriveStack takes it. Moments before that become the first one.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Millis(pub(crate) u64);

impl Millis {
    pub(crate) fn now() -> Self {
        SystemTime::now().into()
    }
}

impl From<SystemTime> for Millis {
    fn from(time: SystemTime) -> Self {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(
            since_epoch
                .as_secs()
                .saturating_mul(1_000)
                .saturating_add(u64::from(since_epoch.subsec_millis())),
        )
    }
}

/// How every event ends: the end of its context with the message's id, and the timestamp.
pub(super) struct Stamp {
    /// What the next event copies before it writes its own id and milliseconds over the copy.
    text: [u8; TEXT.len()],
    /// The second that the text tells, so that the calendar is computed once a second.
    second: u64,
    /// The minute, of 65,536 milliseconds, that the first eight digits of the text's id tell.
    minute: u64,
}

const TEXT: [u8; 93] =
    *br#","message_id":"00000000-0000-7000-8000-000000000000"},"timestamp":"1970-01-01T00:00:00.000Z"}"#;
/// Where the id is.
const ID: usize = 15;
/// Where the end of the context is, with which an event without an id of its own goes on.
const CONTEXT_END: usize = 52;
/// Where the timestamp is, and its fraction of a second.
const TIME: usize = 67;
const FRACTION: usize = TIME + 20;

impl Stamp {
    pub(super) const fn new() -> Self {
        Self { text: TEXT, second: 0, minute: 0 }
    }

    /// Appends the end of an event that happened at `time`, and if it has a message id, the moment that is part of it.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, message: Option<Millis>, time: Millis) {
        let (second, millis) = (time.0 / 1_000, (time.0 % 1_000) as u16);
        // Times after 9999 become the last one before.
        let (second, millis) = if second > LAST_SECOND { (LAST_SECOND, 999) } else { (second, millis) };
        if second != self.second {
            self.set_second(second);
        }
        if let Some(Millis(moment)) = message
            && moment >> 16 != self.minute
        {
            self.set_minute(moment >> 16);
        }
        let start = out.len();
        out.extend_from_slice(&self.text);
        if let Some(text) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
            write_fraction(text, millis);
            if let Some(moment) = message {
                complete_id(text, moment, fastrand::u128(..));
            }
        }
        if message.is_none() {
            out.drain(start..start + CONTEXT_END);
        }
    }

    #[cold]
    fn set_second(&mut self, second: u64) {
        let text = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(second)).to_string();
        if let Some(without_zone) = text.as_bytes().get(..19) {
            self.text[TIME..][..19].copy_from_slice(without_zone);
            self.second = second;
        }
    }

    #[cold]
    fn set_minute(&mut self, minute: u64) {
        self.text[ID..][..8].copy_from_slice(&eight_digits(minute & u64::from(u32::MAX)));
        self.minute = minute;
    }
}

fn write_fraction(text: &mut [u8; TEXT.len()], millis: u16) {
    let digit = |value: u16| b'0' + (value % 10) as u8;
    text[FRACTION..][..3].copy_from_slice(&[digit(millis / 100), digit(millis / 10), digit(millis)]);
}

/// Completes a UUID of version 7, which no other event of any process has. The minute of the moment is there already.
fn complete_id(text: &mut [u8; TEXT.len()], Millis(millis): Millis, random: u128) {
    const VERSION_7: u64 = 0x7000;
    const VARIANT: u64 = 0b10 << 30;
    let (random, more_random) = ((random >> 64) as u64, random as u64);
    let second = eight_digits((millis & 0xffff) << 16 | VERSION_7 | random & 0xfff);
    let third = eight_digits(VARIANT | more_random >> 34);
    let id = &mut text[ID..][..36];
    id[9..13].copy_from_slice(&second[..4]);
    id[14..18].copy_from_slice(&second[4..]);
    id[19..23].copy_from_slice(&third[..4]);
    id[24..28].copy_from_slice(&third[4..]);
    id[28..].copy_from_slice(&eight_digits(more_random >> 2 & u64::from(u32::MAX)));
}

/// The eight hexadecimal digits of a number of 32 bits, all at once.
fn eight_digits(number: u64) -> [u8; 8] {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    // Every half byte gets a byte of its own.
    let spread = (number | number << 16) & 0x0000_ffff_0000_ffff;
    let spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff;
    let spread = (spread | spread << 4) & (ONES * 0x0f);
    // Of the bytes plus six, those from ten on have their fifth bit set.
    let is_letter = ((spread + ONES * 6) >> 4) & ONES;
    let to_letter = u64::from(b'a' - b'0' - 10);
    (spread + ONES * u64::from(b'0') + is_letter * to_letter).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

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
            (second(LAST_SECOND), "9999-12-31T23:59:59.000Z"),
            (second(LAST_SECOND + 1), "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(timestamp(time), expected);
        }
    }

    proptest! {
        #[test]
        fn times_are_written_as_humantime_writes_them(all in prop::collection::vec(0..LAST_SECOND * 1_000, 1..9)) {
            let mut stamp = Stamp::new();
            for millis in all {
                let time = UNIX_EPOCH + Duration::from_millis(millis);
                let written = ending(&mut stamp, Some(Millis(millis)), Millis(millis));
                prop_assert_eq!(&written["timestamp"], &humantime::format_rfc3339_millis(time).to_string());
            }
        }

        #[test]
        fn a_message_id_is_a_uuid_of_version_7(millis in 0..1_u64 << 48, random: u128) {
            let mut stamp = Stamp::new();
            stamp.set_minute(millis >> 16);
            complete_id(&mut stamp.text, Millis(millis), random);
            let id = std::str::from_utf8(&stamp.text[ID..][..36]).unwrap();
            let expected =
                format!("{millis:012x}7{:03x}{:016x}", random >> 64 & 0xfff, 1 << 63 | random as u64 >> 2);
            prop_assert_eq!(id.replace('-', ""), expected);
            let groups: Vec<_> = id.split('-').map(str::len).collect();
            prop_assert_eq!(groups, [8, 4, 4, 4, 12]);
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
        let ids = || -> Vec<String> {
            let mut stamp = Stamp::new();
            (0..1_000)
                .map(|_| ending(&mut stamp, Some(Millis(0)), Millis(0))["context"]["message_id"].to_string())
                .collect()
        };
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(ids)).collect();
        let all: HashSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(all.len(), 4_000);
    }
}
