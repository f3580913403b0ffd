//! Where calls are rejected, and when that is said. The caller's thread counts; the worker says it.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::reasons::Rejected;
use crate::wire::Endpoint;

/// The most places that are remembered. Rejections elsewhere are counted, and not said.
const MOST_PLACES: usize = 1_024;
/// The most rejections that wait for the worker.
const MOST_WAITING: usize = 1_024;

thread_local! {
    /// Set while this thread counts a rejection. An allocator that emits would come back here.
    static IS_COUNTING: Cell<bool> = const { Cell::new(false) };
}

/// The rejected calls of a client.
pub(crate) struct Rejections {
    state: Mutex<State>,
    /// Set if something waits for the worker.
    has_news: AtomicBool,
    /// Set if every rejection is printed.
    prints_each: bool,
}

#[derive(Default)]
struct State {
    /// The numbers of calls that were rejected at a place, by reason.
    places: HashMap<(Place, Rejected), u64>,
    news: News,
}

/// The messages that the worker has to write.
#[derive(Default)]
pub(crate) struct News {
    pub(crate) rejections: Vec<Rejection>,
    /// Rejections that would have been printed, had there been fewer of them.
    pub(crate) unprinted: u64,
}

/// A line of the host's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    file: &'static str,
    line: u32,
}

/// A call that was rejected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) call: Endpoint,
    /// The name of the event or the page.
    pub(crate) name: Option<String>,
    pub(crate) reason: Rejected,
    pub(crate) place: Place,
    /// The number of calls that were rejected there for this reason, if the worker has to say it now.
    pub(crate) times: Option<u64>,
}

impl Rejections {
    pub(crate) fn new(prints_each: bool) -> Self {
        Self { state: Mutex::default(), has_news: AtomicBool::new(false), prints_each }
    }

    /// Counts a call that was rejected at a place. `name` is asked for if there is something to say.
    #[cold]
    pub(crate) fn count(
        &self,
        call: Endpoint,
        reason: Rejected,
        caller: &'static Location<'static>,
        name: impl FnOnce() -> Option<String>,
    ) {
        let is_wrong = is_mistake(reason);
        let is_printed = self.prints_each && (is_wrong || is_lack_of_room(reason));
        if !is_wrong && !is_printed {
            return;
        }
        if !IS_COUNTING
            .try_with(|is_counting| is_counting.replace(true))
            .is_ok_and(|was_counting| !was_counting)
        {
            return;
        }
        let place = Place { file: caller.file(), line: caller.line() };
        let times = if is_wrong { self.lock().count(place, reason) } else { None };
        if times.is_some() || is_printed {
            let rejection = Rejection { call, name: name(), reason, place, times };
            self.lock().news.push(rejection);
            self.has_news.store(true, Ordering::Release);
        }
        let _ = IS_COUNTING.try_with(|is_counting| is_counting.set(false));
    }

    /// Returns what there is to say since the last call.
    pub(crate) fn news(&self) -> Option<News> {
        self.has_news.swap(false, Ordering::Acquire).then(|| std::mem::take(&mut self.lock().news))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts once more, and returns the number if it is to be said: the first one, the tenth, the hundredth and so on.
    fn count(&mut self, place: Place, reason: Rejected) -> Option<u64> {
        if self.places.len() >= MOST_PLACES && !self.places.contains_key(&(place, reason)) {
            return None;
        }
        let times = self.places.entry((place, reason)).or_default();
        *times += 1;
        is_power_of_ten(*times).then_some(*times)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl News {
    fn push(&mut self, rejection: Rejection) {
        if self.rejections.len() < MOST_WAITING {
            self.rejections.push(rejection);
        } else {
            self.unprinted += 1;
        }
    }
}

/// Returns whether a call is rejected for this reason because of how it is written.
fn is_mistake(reason: Rejected) -> bool {
    match reason {
        Rejected::NoUserId
        | Rejected::NoGroupId
        | Rejected::NoGroupType
        | Rejected::NoUserOrSession
        | Rejected::ReservedContextKey
        | Rejected::TooLarge
        | Rejected::Panicked
        | Rejected::Malformed => true,
        // Said once an episode, or asked for by the host.
        Rejected::QueueFull
        | Rejected::SpoolFull
        | Rejected::NotDurable
        | Rejected::ShutDown
        | Rejected::Disabled
        | Rejected::Reentrant => false,
    }
}

fn is_lack_of_room(reason: Rejected) -> bool {
    matches!(reason, Rejected::QueueFull | Rejected::SpoolFull)
}

fn is_power_of_ten(mut number: u64) -> bool {
    while number >= 10 && number.is_multiple_of(10) {
        number /= 10;
    }
    number == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(rejections: &Rejections, reason: Rejected, place: &'static Location<'static>) {
        rejections.count(Endpoint::Track, reason, place, || Some("invite_sent".to_owned()));
    }

    fn times(rejections: &Rejections) -> Vec<Option<u64>> {
        rejections.news().map_or_else(Vec::new, |news| news.rejections.into_iter().map(|r| r.times).collect())
    }

    #[test]
    fn a_place_and_reason_is_said_the_first_tenth_and_hundredth_time() {
        let rejections = Rejections::new(false);
        let place = Location::caller();
        for _ in 0..1_000 {
            count(&rejections, Rejected::NoUserId, place);
        }
        count(&rejections, Rejected::TooLarge, place);
        count(&rejections, Rejected::NoUserId, Location::caller());
        let said = [Some(1), Some(10), Some(100), Some(1_000), Some(1), Some(1)];
        assert_eq!(times(&rejections), said);
        assert!(rejections.news().is_none());
    }

    #[test]
    fn no_more_places_are_remembered_than_there_is_room_for() {
        let mut state = State::default();
        let place = |line: usize| Place { file: "src/main.rs", line: line as u32 };
        for line in 0..2 * MOST_PLACES {
            let expected = (line < MOST_PLACES).then_some(1);
            assert_eq!(state.count(place(line), Rejected::NoUserId), expected, "{line}");
        }
        assert_eq!(state.places.len(), MOST_PLACES);
        let again: Vec<_> = (0..9).map(|_| state.count(place(0), Rejected::NoUserId)).collect();
        assert_eq!(again.last(), Some(&Some(10)), "a place that is remembered goes on");
    }

    #[test]
    fn what_is_no_mistake_is_said_never() {
        let rejections = Rejections::new(false);
        for reason in [
            Rejected::QueueFull,
            Rejected::SpoolFull,
            Rejected::NotDurable,
            Rejected::ShutDown,
            Rejected::Disabled,
        ] {
            count(&rejections, reason, Location::caller());
        }
        assert!(rejections.news().is_none());
    }

    #[test]
    fn debugging_has_each_one_printed_within_bounds() {
        let rejections = Rejections::new(true);
        for _ in 0..2_000 {
            count(&rejections, Rejected::QueueFull, Location::caller());
        }
        count(&rejections, Rejected::Disabled, Location::caller());
        let news = rejections.news().unwrap();
        assert_eq!((news.rejections.len(), news.unprinted), (MOST_WAITING, 2_000 - MOST_WAITING as u64));
        assert!(news.rejections.iter().all(|rejection| rejection.times.is_none()));
    }

    #[test]
    fn counting_does_not_come_back_to_itself() {
        let rejections = Rejections::new(false);
        rejections.count(Endpoint::Track, Rejected::NoUserId, Location::caller(), || {
            // As an allocator may that reports what it does.
            count(&rejections, Rejected::NoUserId, Location::caller());
            None
        });
        assert_eq!(times(&rejections), [Some(1)]);
    }

    #[test]
    fn powers_of_ten() {
        let found: Vec<_> = (0..=100_000).filter(|number| is_power_of_ten(*number)).collect();
        assert_eq!(found, [1, 10, 100, 1_000, 10_000, 100_000]);
    }
}
