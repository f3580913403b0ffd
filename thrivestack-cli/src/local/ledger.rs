//! What the server's thread and its user share: the keys, and everything that came.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt, io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use super::{
    Endpoint, LocalCall, LocalKey, LocalRequest,
    ingest::{Checked, id_text},
    keys::{KeyRefusal, KeyRing},
    record::Arrival,
    warnings::Warning,
};

#[derive(Debug, Default)]
pub(super) struct Ledger {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    keys: KeyRing,
    calls: Vec<LocalCall>,
    requests: Vec<LocalRequest>,
}

impl Ledger {
    pub(super) fn add_key(&self, key: LocalKey) -> io::Result<()> {
        self.state().keys.add(key)
    }

    pub(super) fn revoke(&self, name: &str) -> bool {
        self.state().keys.revoke(name)
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
    pub(super) fn accept(&self, arrival: Arrival, objects: Vec<Checked>, now: SystemTime) -> u64 {
        let mut state = self.state();
        let number = state.next_number();
        let key_name: Arc<str> = arrival.key_name.as_deref().unwrap_or_default().into();
        state.calls.extend(objects.into_iter().map(|Checked { object, warnings }| {
            LocalCall {
                endpoint: arrival.endpoint,
                user_id: id_text(object.get("user_id")).map(Arc::from),
                group_id: id_text(object.get("group_id"))
                    .or_else(|| id_text(object.get("context")?.get("group_id")))
                    .map(Arc::from),
                object: Arc::new(object),
                warnings: warnings.into_iter().map(Warning::into_text).collect(),
                key_name: Arc::clone(&key_name),
                request: number,
                received_at: now,
            }
        }));
        state.requests.push(LocalRequest { number, arrival, status: 200, refusal: None, received_at: now });
        drop(state);
        self.changed.notify_all();
        number
    }

    /// Remembers a request that was refused, and numbers it.
    pub(super) fn refuse(&self, arrival: Arrival, status: u16, reason: &str, now: SystemTime) -> u64 {
        let mut state = self.state();
        let number = state.next_number();
        let refusal = Some(reason.to_owned());
        state.requests.push(LocalRequest { number, arrival, status, refusal, received_at: now });
        drop(state);
        self.changed.notify_all();
        number
    }

    pub(super) fn calls(&self) -> Vec<LocalCall> {
        self.state().calls.clone()
    }

    pub(super) fn requests(&self) -> Vec<LocalRequest> {
        self.state().requests.clone()
    }

    pub(super) fn wait_for_calls(
        &self,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<LocalCall>, WaitTimeout> {
        let state = self.wait_while(timeout, |state| state.calls.len() < count);
        if state.calls.len() < count {
            let came = state.calls.iter().map(|call| match call.event_name() {
                Some(name) => format!("track `{name}`"),
                None => call.endpoint.to_string(),
            });
            return Err(WaitTimeout::new(timeout, count, "calls", came, &state.requests));
        }
        Ok(state.calls.clone())
    }

    pub(super) fn wait_for_requests(
        &self,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<LocalRequest>, WaitTimeout> {
        let state = self.wait_while(timeout, |state| state.requests.len() < count);
        if state.requests.len() < count {
            let came = state.requests.iter().map(|request| format!("{} {}", request.path(), request.status));
            return Err(WaitTimeout::new(timeout, count, "requests", came, &state.requests));
        }
        Ok(state.requests.clone())
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

impl State {
    fn next_number(&self) -> u64 {
        self.requests.len() as u64 + 1
    }
}

/// Too little came in time. It displays what did come, and why requests were refused.
#[derive(Debug, Clone)]
pub struct WaitTimeout {
    timeout: Duration,
    wanted: usize,
    unit: &'static str,
    came: Tally,
    refusals: Tally,
}

impl WaitTimeout {
    fn new(
        timeout: Duration,
        wanted: usize,
        unit: &'static str,
        came: impl Iterator<Item = String>,
        requests: &[LocalRequest],
    ) -> Self {
        let refusals = requests.iter().filter_map(|request| {
            let reason = request.refusal()?;
            Some(format!("{} {}: {reason}", request.path(), request.status))
        });
        Self { timeout, wanted, unit, came: Tally::of(came), refusals: Tally::of(refusals) }
    }
}

impl Error for WaitTimeout {}

impl fmt::Display for WaitTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { timeout, wanted, unit, came, refusals } = self;
        write!(f, "waited {timeout:?} for {wanted} {unit}, but {} came", came.total())?;
        if came.total() > 0 {
            write!(f, " ({came})")?;
        }
        match refusals.total() {
            0 => Ok(()),
            1 => write!(f, "; one request was refused ({refusals})"),
            total => write!(f, "; {total} requests were refused ({refusals})"),
        }
    }
}

/// How often each text occurs: a thousand events of one name are one line.
#[derive(Debug, Clone)]
struct Tally(BTreeMap<String, usize>);

impl Tally {
    fn of(texts: impl Iterator<Item = String>) -> Self {
        let mut counts = BTreeMap::new();
        for text in texts {
            *counts.entry(text).or_default() += 1;
        }
        Self(counts)
    }

    fn total(&self) -> usize {
        self.0.values().sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (text, count)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{count} × {text}")?;
        }
        Ok(())
    }
}
