//! When an event happened and which one it is.

use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 23:59:59 on the last day of the year 9999, the last second that four digits of a year can tell.
const LAST_SECOND: u64 = 253_402_300_799;

thread_local! {
    /// The second that this thread wrote last, and its text up to the fraction.
    static LAST_WRITTEN: Cell<(u64, [u8; 19])> = const { Cell::new((u64::MAX, [0; 19])) };
}

/// Appends the time as a JSON string: ISO 8601 in UTC, three digits of fraction, `Z`.
///
/// Times before 1970 and after 9999 become the nearest time between.
pub(super) fn write_timestamp(out: &mut Vec<u8>, time: SystemTime) {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (second, millis) = if since_epoch.as_secs() > LAST_SECOND {
        (LAST_SECOND, 999)
    } else {
        (since_epoch.as_secs(), since_epoch.subsec_millis())
    };
    let text = text_of(second);
    let digit = |value: u32| b'0' + (value % 10) as u8;
    out.push(b'"');
    out.extend_from_slice(&text);
    out.extend_from_slice(&[b'.', digit(millis / 100), digit(millis / 10), digit(millis), b'Z', b'"']);
}

/// `2026-08-01T12:00:00`. The calendar is computed once a second and thread, and never where a thread is ending.
fn text_of(second: u64) -> [u8; 19] {
    if let Ok((last, text)) = LAST_WRITTEN.try_with(Cell::get)
        && last == second
    {
        return text;
    }
    let mut text = [b'0'; 19];
    let whole = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(second)).to_string();
    if let Some(without_zone) = whole.as_bytes().get(..text.len()) {
        text.copy_from_slice(without_zone);
    }
    // A thread that is ending has no such memory any more; the text is right all the same.
    let _ = LAST_WRITTEN.try_with(|cell| cell.set((second, text)));
    text
}

/// Appends a message id as a JSON string: a UUID of version 7, which no other event of any process has.
pub(super) fn write_message_id(out: &mut Vec<u8>, time: SystemTime) {
    let millis = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut random = [0; 10];
    fastrand::fill(&mut random);
    let id = uuid::Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(u64::MAX), &random);
    let mut text = uuid::Uuid::encode_buffer();
    out.push(b'"');
    out.extend_from_slice(id.into_uuid().hyphenated().encode_lower(&mut text).as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn text(time: SystemTime) -> String {
        let mut out = Vec::new();
        write_timestamp(&mut out, time);
        String::from_utf8(out).unwrap()
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
            assert_eq!(text(time), format!("\"{expected}\""));
        }
    }

    proptest! {
        #[test]
        fn a_time_is_written_as_humantime_writes_it(millis in 0..LAST_SECOND * 1_000) {
            let time = UNIX_EPOCH + Duration::from_millis(millis);
            prop_assert_eq!(text(time), format!("\"{}\"", humantime::format_rfc3339_millis(time)));
        }
    }

    #[test]
    fn message_ids_differ_between_events_and_threads() {
        let ids = || -> Vec<Vec<u8>> {
            (0..1_000)
                .map(|_| {
                    let mut out = Vec::new();
                    write_message_id(&mut out, SystemTime::UNIX_EPOCH);
                    out
                })
                .collect()
        };
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(ids)).collect();
        let all: HashSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(all.len(), 4_000);
        assert!(all.iter().all(|id| id.len() == 38 && id[15] == b'7'));
    }
}
