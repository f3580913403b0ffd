//! Which millisecond it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 23:59:59.999 on the last day of the year 9999, the last moment that four digits of a year can tell.
pub(super) const LAST_MILLIS: u64 = 253_402_300_799_999;

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
        since_epoch(time).into()
    }
}

impl From<Duration> for Millis {
    fn from(since_epoch: Duration) -> Self {
        // The seconds that no timestamp can tell are as good as the first of them, and cannot overflow.
        let seconds = since_epoch.as_secs().min(LAST_MILLIS / 1_000 + 1);
        Self(seconds * 1_000 + u64::from(since_epoch.subsec_millis()))
    }
}

fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// What a counter says that goes on evenly, at least while a millisecond passes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticks {
    pub(crate) at: u64,
    /// As many of them as a millisecond has, or fewer.
    pub(crate) per_millisecond: u64,
}

/// The clock, as far as a draft knows it.
#[derive(Default)]
pub(crate) struct Clock {
    /// What the clock said when it was looked at last.
    millisecond: Millis,
    /// How many ticks from when on that is true.
    looked_at: u64,
    lasts: u64,
    /// Whether that has spared a look at the clock.
    was_useful: bool,
    /// Whether every event has a millisecond of its own, so that the ticks need not be asked.
    is_rare: bool,
}

impl Clock {
    /// What the clock says, which is not asked before another millisecond may have begun.
    #[inline]
    pub(crate) fn millis(
        &mut self,
        ticks: impl FnOnce() -> Option<Ticks>,
        clock: impl FnOnce() -> SystemTime,
    ) -> Millis {
        let ticks = if self.is_rare { None } else { ticks() };
        match ticks {
            Some(ticks) if ticks.at.wrapping_sub(self.looked_at) < self.lasts => {
                self.was_useful = true;
                self.millisecond
            }
            // The ticks were counted before the clock is read, so that they end no later than the millisecond.
            _ => self.look_at(ticks, clock()),
        }
    }

    #[inline(never)]
    fn look_at(&mut self, ticks: Option<Ticks>, clock: SystemTime) -> Millis {
        const MILLISECOND: u64 = 1_000_000;
        let since_epoch = since_epoch(clock);
        let now = since_epoch.into();
        self.is_rare = !self.was_useful && now != self.millisecond;
        self.was_useful = false;
        self.millisecond = now;
        if let Some(Ticks { at, per_millisecond }) = ticks {
            let rest = MILLISECOND - u64::from(since_epoch.subsec_nanos()) % MILLISECOND;
            self.looked_at = at;
            self.lasts = rest.saturating_mul(per_millisecond) / MILLISECOND;
        }
        self.millisecond
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A clock that begins a millisecond before 1970.
    fn clock(nanos: u64) -> SystemTime {
        UNIX_EPOCH - Duration::from_millis(1) + Duration::from_nanos(nanos)
    }

    /// What it says so many nanoseconds later.
    fn millis(nanos: u64) -> Millis {
        Millis((nanos / 1_000_000).saturating_sub(1))
    }

    #[test]
    fn a_clock_is_asked_once_in_a_millisecond_and_when_the_ticks_begin_anew() {
        let mut known = Clock::default();
        let mut asked = 0;
        for at in [5, 6, 1_004, 1_005, 1_500, 3] {
            let ticks = Ticks { at, per_millisecond: 1_000 };
            known.millis(
                || Some(ticks),
                || {
                    asked += 1;
                    UNIX_EPOCH
                },
            );
        }
        assert_eq!(asked, 3);
    }

    #[test]
    fn ticks_are_asked_only_where_they_spare_looks_at_the_clock() {
        let mut known = Clock::default();
        // Which of the two is asked, when an event comes so many microseconds after 1970.
        let mut asked = |micros: u64| {
            let (mut ticks, mut clock) = (false, false);
            known.millis(
                || {
                    ticks = true;
                    Some(Ticks { at: micros, per_millisecond: 1_000 })
                },
                || {
                    clock = true;
                    UNIX_EPOCH + Duration::from_micros(micros)
                },
            );
            (ticks, clock)
        };
        let all: Vec<_> =
            [1_000, 2_000, 3_000, 4_000, 4_010, 4_020, 4_030, 5_000, 5_010].map(&mut asked).into();
        let (both, only_clock, only_ticks) = ((true, true), (false, true), (true, false));
        let rare = [both, only_clock, only_clock, only_clock];
        let frequent = [only_clock, both, only_ticks, both, only_ticks];
        assert_eq!(all, [rare.as_slice(), &frequent].concat());
    }

    proptest! {
        #[test]
        fn a_clock_is_told_in_milliseconds_wherever_it_goes(clocks in prop::collection::vec(0..5_000_000_u64, 1..40)) {
            let mut known = Clock::default();
            for nanos in clocks {
                prop_assert_eq!(known.millis(|| None, || clock(nanos)), millis(nanos));
            }
        }

        #[test]
        fn a_clock_that_is_not_asked_would_have_said_the_same(
            gaps in prop::collection::vec(0..1_500_000_u64, 1..60),
            start: u64,
            per_nano in 1..9_u64,
            slack in 0..1_000_000_u64,
        ) {
            let (mut known, mut nanos) = (Clock::default(), 0);
            for gap in gaps {
                nanos += gap;
                let at = start.wrapping_add(nanos * per_nano);
                let ticks = Ticks { at, per_millisecond: per_nano * 1_000_000 - slack };
                prop_assert_eq!(known.millis(|| Some(ticks), || clock(nanos)), millis(nanos));
            }
        }
    }
}
