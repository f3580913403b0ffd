//! A counter of the processor's, which costs a third of what the clock does.
//!
//! Events are told apart by milliseconds. Whether one is over can be asked of the counter, and the clock need only be read
//! when it is. The counter says nothing else: what time it is, the clock tells.

use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::wire::Ticks;

/// What is measured to know how fast the counter goes.
const MEASURED: Duration = Duration::from_millis(1);

static COUNTER: OnceLock<Counter> = OnceLock::new();

struct Counter {
    /// Of a processor without such a counter, it is the system's monotonic clock.
    source: quanta::Clock,
    per_millisecond: u64,
}

/// What the counter says, once it is known how fast it goes.
#[inline]
pub(crate) fn now() -> Option<Ticks> {
    let Counter { source, per_millisecond } = COUNTER.get()?;
    Some(Ticks { at: source.raw(), per_millisecond: *per_millisecond })
}

/// Measures how fast the counter goes, unless that is known. Takes some milliseconds, which no caller should wait for.
pub(crate) fn measure() {
    COUNTER.get_or_init(|| {
        let source = quanta::Clock::new();
        let (began, first) = (Instant::now(), source.raw());
        thread::sleep(MEASURED);
        let (last, ended) = (source.raw(), Instant::now());
        // Whatever held this thread up in between, the counter was not slower: no millisecond seems to last too long.
        let nanos = (ended - began).as_nanos().max(1);
        let per_millisecond = u128::from(last.saturating_sub(first)) * 1_000_000 / nanos;
        Counter { source, per_millisecond: per_millisecond.try_into().unwrap_or(0) }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_millisecond_of_ticks_is_no_longer_than_one_of_the_clock() {
        measure();
        let first = now().unwrap();
        thread::sleep(Duration::from_millis(5));
        let last = now().unwrap();
        assert!((last.at - first.at) / 5 >= first.per_millisecond, "{first:?} and 5 ms later {last:?}");
        assert!(first.per_millisecond > 0);
    }
}
