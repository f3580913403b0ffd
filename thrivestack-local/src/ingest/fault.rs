//! Faults on purpose, so that a developer's tests can meet the bad days of a network.

use std::time::Duration;

/// What a [`LocalServer`](crate::LocalServer) does wrong on purpose, on each request to the path of a call.
///
/// ```
/// use std::time::Duration;
/// use thrivestack_local::{Fault, LocalKey, LocalServer};
///
/// let key = LocalKey::new("dev").scope("telemetry_apis");
/// let server = LocalServer::builder().key(key).fault(Fault::ServerError).start()?;
/// // … the client under test keeps its events and tries again …
/// server.set_fault(None);
/// // … and now they arrive.
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A request is taken or refused at once, and answered that much later. What was taken stays taken when the
    /// client does not wait for the answer, as on a slow network: if it sends again, there is a duplicate.
    Latency(Duration),
    /// Every request is answered `500`, and nothing is taken.
    ServerError,
    /// Every request is answered `429` with this `Retry-After`, in whole seconds, and nothing is taken.
    RateLimit {
        /// How long the client is asked to wait; a part of a second counts as a whole one.
        retry_after: Duration,
    },
    /// So many requests are answered as ever, and each one after them `401`, as if the key had been revoked.
    UnauthorizedAfter(u64),
    /// The connection is reset before anything is taken or answered.
    ConnectionReset,
}

/// The fault that is switched on, and how many requests have met it.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    fault: Option<Fault>,
    requests: u64,
}

/// What one request meets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Strike {
    Delay(Duration),
    Refuse { status: u16, message: &'static str, retry_after: Option<u64> },
    Reset,
}

impl Faults {
    pub(crate) fn set(&mut self, fault: Option<Fault>) {
        *self = Self { fault, requests: 0 };
    }

    pub(crate) fn next(&mut self) -> Option<Strike> {
        let fault = self.fault?;
        self.requests += 1;
        let refuse = |status, message, retry_after| Some(Strike::Refuse { status, message, retry_after });
        match fault {
            Fault::Latency(delay) => Some(Strike::Delay(delay)),
            Fault::ServerError => refuse(500, "a fault is switched on: every request fails", None),
            Fault::RateLimit { retry_after } => {
                let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
                refuse(429, "a fault is switched on: the rate limit is reached", Some(seconds))
            }
            Fault::UnauthorizedAfter(taken) if self.requests > taken => {
                refuse(401, "a fault is switched on: the API key is refused from now on", None)
            }
            Fault::UnauthorizedAfter(_) => None,
            Fault::ConnectionReset => Some(Strike::Reset),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(fault: Option<Fault>) -> Vec<Option<(u16, Option<u64>)>> {
        let mut faults = Faults::default();
        faults.set(fault);
        let status = |strike| match strike {
            Strike::Refuse { status, retry_after, .. } => (status, retry_after),
            Strike::Delay(delay) => (0, Some(delay.as_secs())),
            Strike::Reset => (0, None),
        };
        (0..3).map(|_| faults.next().map(status)).collect()
    }

    #[test]
    fn what_each_fault_does_to_three_requests() {
        let (second, bit) = (Duration::from_secs(1), Duration::from_millis(1));
        let table = [
            (None, vec![None; 3]),
            (Some(Fault::Latency(second)), vec![Some((0, Some(1))); 3]),
            (Some(Fault::ServerError), vec![Some((500, None)); 3]),
            (Some(Fault::RateLimit { retry_after: second }), vec![Some((429, Some(1))); 3]),
            (Some(Fault::RateLimit { retry_after: second + bit }), vec![Some((429, Some(2))); 3]),
            (Some(Fault::RateLimit { retry_after: Duration::ZERO }), vec![Some((429, Some(0))); 3]),
            (Some(Fault::UnauthorizedAfter(0)), vec![Some((401, None)); 3]),
            (Some(Fault::UnauthorizedAfter(2)), vec![None, None, Some((401, None))]),
            (Some(Fault::ConnectionReset), vec![Some((0, None)); 3]),
        ];
        for (fault, expected) in table {
            assert_eq!(strikes(fault), expected, "{fault:?}");
        }
    }

    #[test]
    fn setting_a_fault_begins_to_count_anew() {
        let mut faults = Faults::default();
        faults.set(Some(Fault::UnauthorizedAfter(1)));
        assert!(faults.next().is_none() && faults.next().is_some());
        faults.set(Some(Fault::UnauthorizedAfter(1)));
        assert!(faults.next().is_none() && faults.next().is_some());
        faults.set(None);
        assert!(faults.next().is_none());
    }
}
