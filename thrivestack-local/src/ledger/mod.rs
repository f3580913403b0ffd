//! What the server's thread and its user share: the keys, and everything that came.

mod list;
mod wait;

use std::{
    fmt, io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::sync::watch;

use self::list::Kept;
pub use self::wait::WaitTimeout;
use crate::ingest::{Checked, Endpoint, Fault, Faults, KeyRefusal, KeyRing, LocalKey, Strike};
use crate::record::{Arrival, LocalCall, LocalRequest};
use crate::review::{Checklist, Forgotten, hints::hints};

/// Who is told of each request before it is answered.
pub(super) type Observer = Box<dyn Fn(&LocalRequest, &[LocalCall]) + Send + Sync>;

pub(super) struct Ledger {
    state: Mutex<State>,
    /// For threads that wait.
    changed: Condvar,
    /// For tasks that wait.
    news: watch::Sender<()>,
    observer: Option<Observer>,
    eu_compliance: bool,
}

#[derive(Debug)]
struct State {
    keys: KeyRing,
    faults: Faults,
    calls: Kept<LocalCall>,
    requests: Kept<LocalRequest>,
    refused: u64,
    checklist: Checklist,
    forgotten: Forgotten,
}

/// How far a reader of the news has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) calls: u64,
    pub(super) requests: u64,
}

/// What came after a position.
#[derive(Debug)]
pub(super) struct News {
    pub(super) calls: Vec<LocalCall>,
    pub(super) refused: Vec<LocalRequest>,
    /// How many calls came after the position and are gone.
    pub(super) missed: u64,
    pub(super) read_to: Position,
    pub(super) total: Position,
    pub(super) total_refused: u64,
    pub(super) checklist: Checklist,
}

impl Ledger {
    pub(super) fn new(
        keep_at_most: Option<usize>,
        fault: Option<Fault>,
        observer: Option<Observer>,
        eu_compliance: bool,
    ) -> Self {
        let mut faults = Faults::default();
        faults.set(fault);
        let state = State {
            keys: KeyRing::default(),
            faults,
            calls: Kept::new(keep_at_most),
            requests: Kept::new(keep_at_most),
            refused: 0,
            checklist: Checklist::default(),
            forgotten: Forgotten::default(),
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            news: watch::Sender::new(()),
            observer,
            eu_compliance,
        }
    }

    /// Returns true if the senders are said to have EU compliance on.
    pub(super) fn eu_compliance(&self) -> bool {
        self.eu_compliance
    }

    pub(super) fn add_key(&self, key: LocalKey) -> io::Result<()> {
        self.state().keys.add(key)
    }

    pub(super) fn revoke(&self, name: &str) -> bool {
        self.state().keys.revoke(name)
    }

    pub(super) fn set_fault(&self, fault: Option<Fault>) {
        self.state().faults.set(fault);
    }

    pub(super) fn next_strike(&self) -> Option<Strike> {
        self.state().faults.next()
    }

    /// The name of the key that a request carries, if it may make this call now.
    pub(super) fn admit(
        &self,
        secret: Option<&[u8]>,
        endpoint: Endpoint,
        now: SystemTime,
    ) -> Result<String, KeyRefusal> {
        self.state().keys.admit(secret, endpoint, now).map(|key| key.name().to_owned())
    }

    /// Remembers a request that was taken, with its objects, and numbers it.
    pub(super) fn accept(&self, arrival: Arrival, objects: Vec<(Checked, Arc<str>)>, now: SystemTime) -> u64 {
        let mut state = self.state();
        let number = state.requests.total() + 1;
        let key_name: Arc<str> = arrival.key_name.as_deref().unwrap_or_default().into();
        let first = state.calls.total() + 1;
        let calls: Vec<_> = (first..)
            .zip(objects)
            .map(|(call, (checked, text))| {
                LocalCall::new(call, number, arrival.endpoint, checked, text, Arc::clone(&key_name), now)
                    .with_hints(hints)
            })
            .collect();
        let request = LocalRequest { number, arrival, status: 200, refusal: None, received_at: now };
        let observed = self.observer.as_ref().map(|observer| (observer, request.clone(), calls.clone()));
        let State { calls: kept, requests, checklist, forgotten, .. } = &mut *state;
        for call in calls {
            checklist.see(&call);
            let weight = call.weight();
            kept.push(call, weight, |gone| forgotten.add(gone));
        }
        let weight = request.weight();
        requests.push(request, weight, |_| ());
        drop(state);
        self.tell(observed);
        number
    }

    /// Remembers a request that was refused, and numbers it.
    pub(super) fn refuse(&self, arrival: Arrival, status: u16, reason: &str, now: SystemTime) -> u64 {
        let mut state = self.state();
        let number = state.requests.total() + 1;
        let refusal = Some(reason.to_owned());
        let request = LocalRequest { number, arrival, status, refusal, received_at: now };
        let observed = self.observer.as_ref().map(|observer| (observer, request.clone(), Vec::new()));
        state.refused += 1;
        let weight = request.weight();
        state.requests.push(request, weight, |_| ());
        drop(state);
        self.tell(observed);
        number
    }

    fn tell(&self, observed: Option<(&Observer, LocalRequest, Vec<LocalCall>)>) {
        self.changed.notify_all();
        self.news.send_replace(());
        if let Some((observer, request, calls)) = observed {
            observer(&request, &calls);
        }
    }

    pub(super) fn calls(&self) -> Vec<LocalCall> {
        self.state().calls.iter().cloned().collect()
    }

    pub(super) fn call(&self, number: u64) -> Option<LocalCall> {
        self.state().calls.get(number).cloned()
    }

    pub(super) fn requests(&self) -> Vec<LocalRequest> {
        self.state().requests.iter().cloned().collect()
    }

    /// What the check of the firing order needs.
    pub(super) fn history(&self) -> (Vec<LocalCall>, Forgotten) {
        let state = self.state();
        (state.calls.iter().cloned().collect(), state.forgotten.clone())
    }

    /// Becomes changed with the next request.
    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// What came after a position, at most so many calls and requests at once.
    pub(super) fn news(&self, since: Position, at_most: usize) -> News {
        let state = self.state();
        let calls: Vec<_> = state.calls.after(since.calls).take(at_most).cloned().collect();
        let requests: Vec<_> = state.requests.after(since.requests).take(at_most).collect();
        let total = Position { calls: state.calls.total(), requests: state.requests.total() };
        News {
            missed: state.calls.gone_after(since.calls),
            read_to: Position {
                calls: calls.last().map_or(total.calls, LocalCall::number),
                requests: requests.last().map_or(total.requests, |request| request.number),
            },
            refused: requests.into_iter().filter(|request| request.refusal.is_some()).cloned().collect(),
            calls,
            total,
            total_refused: state.refused,
            checklist: state.checklist.clone(),
        }
    }

    pub(super) fn wait_for_calls(
        &self,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<LocalCall>, WaitTimeout> {
        let state = self.wait_while(timeout, |state| state.calls.total() < count as u64);
        if state.calls.total() < count as u64 {
            let came = state.calls.iter().map(|call| match call.event_name() {
                Some(name) => format!("track `{name}`"),
                None => call.endpoint.to_string(),
            });
            return Err(WaitTimeout::new(timeout, count, "calls", came, state.requests.iter()));
        }
        Ok(state.calls.iter().cloned().collect())
    }

    pub(super) fn wait_for_requests(
        &self,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<LocalRequest>, WaitTimeout> {
        let state = self.wait_while(timeout, |state| state.requests.total() < count as u64);
        if state.requests.total() < count as u64 {
            let came = state.requests.iter().map(|request| format!("{} {}", request.path(), request.status));
            return Err(WaitTimeout::new(timeout, count, "requests", came, state.requests.iter()));
        }
        Ok(state.requests.iter().cloned().collect())
    }

    fn wait_while(&self, timeout: Duration, unmet: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waited = self.changed.wait_timeout_while(self.state(), timeout, |state| unmet(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Nothing that holds this lock can leave the state half-changed, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("state", &self.state).finish_non_exhaustive()
    }
}
