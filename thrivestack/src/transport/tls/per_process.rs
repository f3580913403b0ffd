//! A value that the clients of a process share.

use std::sync::{Mutex, TryLockError};
use std::time::Instant;

/// A value that is made once per process, and again when it is no longer fresh.
pub(super) struct PerProcess<T>(Mutex<Option<Made<T>>>);

/// A value, and when its making began.
#[derive(Clone)]
pub(super) struct Made<T> {
    pub(super) value: T,
    pub(super) at: Instant,
    /// A forked child makes its own: what it inherits may hold a lock that nobody releases.
    process: u32,
}

impl<T: Clone> PerProcess<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Returns the shared value if `is_fresh` accepts the time at which it was made. Makes it anew otherwise.
    ///
    /// The lock is held for a copy only, and never waited for. A caller that does not get it has a value of its own.
    pub(super) fn get<E>(
        &self,
        now: Instant,
        is_fresh: impl Fn(Instant) -> bool,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Made<T>, E> {
        let process = std::process::id();
        let shared = self.access(|made| made.clone()).flatten();
        if let Some(made) = shared.filter(|made| made.process == process && is_fresh(made.at)) {
            return Ok(made);
        }
        let new = Made { value: make()?, at: now, process };
        self.access(|made| {
            if made.as_ref().is_none_or(|made| made.process != process || made.at < new.at) {
                *made = Some(new.clone());
            }
        });
        Ok(new)
    }

    fn access<R>(&self, with: impl FnOnce(&mut Option<Made<T>>) -> R) -> Option<R> {
        match self.0.try_lock() {
            Ok(mut made) => Some(with(&mut made)),
            Err(TryLockError::Poisoned(poisoned)) => Some(with(&mut poisoned.into_inner())),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_value_is_made_once_while_it_is_fresh() {
        let shared = PerProcess::new();
        let made = Cell::new(0);
        let make = || {
            made.set(made.get() + 1);
            Ok::<_, ()>(made.get())
        };
        let now = Instant::now();
        assert_eq!(shared.get(now, |_| true, make).unwrap().value, 1);
        let second = shared.get(now + Duration::from_secs(5), |_| true, make).unwrap();
        assert_eq!((second.value, second.at), (1, now));
        let later = now + Duration::from_secs(9);
        assert_eq!(shared.get(later, |at| at > now, make).unwrap().value, 2);
        assert_eq!(shared.get(later, |at| at > now, make).unwrap().value, 2);
    }

    #[test]
    fn a_failure_is_not_kept_and_leaves_what_was_made_before() {
        let shared = PerProcess::new();
        let now = Instant::now();
        assert!(shared.get(now, |_| true, || Err::<u8, _>("no roots")).is_err());
        assert_eq!(shared.get(now, |_| true, || Ok::<_, ()>(1)).unwrap().value, 1);
        assert!(shared.get(now, |_| false, || Err::<u8, _>("no roots")).is_err());
        assert_eq!(shared.get(now, |_| true, || Ok::<_, ()>(2)).unwrap().value, 1);
    }

    #[test]
    fn a_lock_that_is_never_released_keeps_nobody_waiting() {
        let shared = PerProcess::new();
        let now = Instant::now();
        shared.get(now, |_| true, || Ok::<_, ()>(1)).unwrap();
        let held = shared.0.lock().unwrap();
        assert_eq!(shared.get(now, |_| true, || Ok::<_, ()>(2)).unwrap().value, 2);
        drop(held);
        assert_eq!(shared.get(now, |_| true, || Ok::<_, ()>(3)).unwrap().value, 1);
    }

    #[test]
    fn another_process_makes_its_own() {
        let shared = PerProcess::new();
        let now = Instant::now();
        shared.get(now, |_| true, || Ok::<_, ()>(1)).unwrap();
        shared.0.lock().unwrap().as_mut().unwrap().process += 1;
        assert_eq!(shared.get(now, |_| true, || Ok::<_, ()>(2)).unwrap().value, 2);
        assert_eq!(shared.get(now, |_| true, || Ok::<_, ()>(3)).unwrap().value, 2);
    }
}
