//! The order of a user's calls, held against ThriveStack's firing order.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::ingest::Endpoint;
use crate::record::LocalCall;

/// Calls of one handler are at most this far apart, so that a `group` beside a `signed_in` is that login's.
const ONE_HANDLER: Duration = Duration::from_secs(2);

/// No handler makes more calls than this, and a flood of calls must not be searched for each of them.
const MAX_NEIGHBOURS: usize = 50;

/// More users and groups than this are not remembered when their calls are gone.
const MAX_REMEMBERED: usize = 100_000;

/// Longer ids than this are not remembered either.
const MAX_ID: usize = 256;

/// What one user did, in the order in which it happened.
#[derive(Debug)]
pub(crate) struct Flow<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) steps: Vec<Step<'a>>,
}

#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) call: &'a LocalCall,
    pub(crate) breaches: Vec<Breach>,
}

impl Flow<'_> {
    pub(crate) fn breaches(&self) -> usize {
        self.steps.iter().map(|step| step.breaches.len()).sum()
    }

    fn last_call(&self) -> u64 {
        self.steps.iter().map(|step| step.call.number).max().unwrap_or(0)
    }
}

/// One way in which a call breaks the firing order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Breach {
    BeforeIdentify,
    BeforeGroup { group_id: String },
    BeforeSignedUp,
    BeforeAccountCreated,
    SameTimestamp { other: u64 },
    GroupOnLogin,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeforeIdentify => {
                f.write_str("before any identify of this user: identify first, on sign-up and on login")
            }
            Self::BeforeGroup { group_id } => write!(
                f,
                "before the group call of `{group_id}`: send group when the account is created, and this event after \
                 it"
            ),
            Self::BeforeSignedUp => {
                f.write_str("before signed_up: a new user's first event is signed_up, the others follow it")
            }
            Self::BeforeAccountCreated => {
                f.write_str("before account_created: the account exists before a user is added to it")
            }
            Self::SameTimestamp { other } => write!(
                f,
                "same timestamp as call {other}: in one handler, make each next one 1 ms later, or the order is lost"
            ),
            Self::GroupOnLogin => {
                f.write_str("group on login: it fires when the account is created, never with signed_in")
            }
        }
    }
}

/// Who was identified and grouped by calls that are no longer kept, so that nobody is blamed for their absence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forgotten {
    users: HashSet<Arc<str>>,
    groups: HashSet<Arc<str>>,
    is_incomplete: bool,
}

impl Forgotten {
    pub(crate) fn add(&mut self, call: &LocalCall) {
        let (set, id) = match call.endpoint {
            Endpoint::Identify => (&mut self.users, &call.user_id),
            Endpoint::Group => (&mut self.groups, &call.group_id),
            Endpoint::Track | Endpoint::Page => return,
        };
        let Some(id) = id.as_ref().filter(|id| !set.contains(*id)) else { return };
        if set.len() < MAX_REMEMBERED && id.len() <= MAX_ID {
            set.insert(Arc::clone(id));
        } else {
            self.is_incomplete = true;
        }
    }

    fn may_know_user(&self, id: &str) -> bool {
        self.is_incomplete || self.users.contains(id)
    }

    fn may_know_group(&self, id: &str) -> bool {
        self.is_incomplete || self.groups.contains(id)
    }
}

/// The flows of all users who are named in these calls, those with breaches first and then the latest.
pub(crate) fn flows<'a>(calls: &'a [LocalCall], forgotten: &Forgotten) -> Vec<Flow<'a>> {
    let mut users: HashMap<&str, Vec<&LocalCall>> = HashMap::new();
    let mut groups: HashMap<&str, SystemTime> = HashMap::new();
    for call in calls {
        if let Some(user_id) = call.user_id() {
            users.entry(user_id).or_default().push(call);
        }
        if let (Endpoint::Group, Some(group_id)) = (call.endpoint, call.group_id()) {
            let first = groups.entry(group_id).or_insert(call.occurred_at);
            *first = call.occurred_at.min(*first);
        }
    }
    let is_grouped = |id: &str, at| {
        forgotten.may_know_group(id) || groups.get(id).is_some_and(|grouped_at| *grouped_at <= at)
    };
    let mut flows: Vec<_> = users
        .into_iter()
        .map(|(user_id, mut calls)| {
            calls.sort_by_key(|call| (call.occurred_at, call.number));
            let is_identified = forgotten.may_know_user(user_id);
            Flow { user_id, steps: check(&calls, is_identified, is_grouped) }
        })
        .collect();
    flows.sort_by_key(|flow| (flow.breaches() == 0, Reverse(flow.last_call())));
    flows
}

/// Holds the calls of one user against the firing order. They are in the order of their times.
fn check<'a>(
    calls: &[&'a LocalCall],
    was_identified: bool,
    is_grouped: impl Fn(&str, SystemTime) -> bool,
) -> Vec<Step<'a>> {
    let signed_up = calls.iter().position(|call| call.event() == Some("signed_up"));
    let mut created: HashMap<&str, usize> = HashMap::new();
    for (index, call) in calls.iter().enumerate() {
        if let (Some("account_created"), Some(group_id)) = (call.event(), call.group_id()) {
            created.entry(group_id).or_insert(index);
        }
    }
    let mut is_identified = was_identified;
    let mut steps = Vec::with_capacity(calls.len());
    for (index, call) in calls.iter().enumerate() {
        let mut breaches = Vec::new();
        match call.endpoint {
            Endpoint::Identify => is_identified = true,
            Endpoint::Group if is_beside_login(calls, index) => breaches.push(Breach::GroupOnLogin),
            Endpoint::Group | Endpoint::Page => {}
            Endpoint::Track => {
                if !is_identified {
                    breaches.push(Breach::BeforeIdentify);
                }
                // A visitor's page visits come before the sign-up.
                if signed_up.is_some_and(|sign_up| index < sign_up) && call.event() != Some("page_visit") {
                    breaches.push(Breach::BeforeSignedUp);
                }
                match (call.event(), call.group_id()) {
                    (Some("account_created"), Some(group_id)) if !is_grouped(group_id, call.occurred_at) => {
                        breaches.push(Breach::BeforeGroup { group_id: group_id.to_owned() });
                    }
                    (Some("account_added_user"), Some(group_id))
                        if created.get(group_id).is_some_and(|creation| index < *creation) =>
                    {
                        breaches.push(Breach::BeforeAccountCreated);
                    }
                    _ => {}
                }
            }
        }
        if let Some(other) = index.checked_sub(1).map(|before| calls[before])
            && call.timestamp().is_some()
            && other.timestamp().is_some()
            && other.occurred_at == call.occurred_at
        {
            breaches.push(Breach::SameTimestamp { other: other.number });
        }
        steps.push(Step { call, breaches });
    }
    steps
}

/// Whether a login, and nothing that makes an account, happened at the time of this call.
fn is_beside_login(calls: &[&LocalCall], index: usize) -> bool {
    let at = calls[index].occurred_at;
    let is_near = |call: &&&LocalCall| {
        let distance = call.occurred_at.duration_since(at).unwrap_or_else(|error| error.duration());
        distance <= ONE_HANDLER
    };
    let (before, after) = calls.split_at(index);
    let before = before.iter().rev().take(MAX_NEIGHBOURS).take_while(is_near);
    let near = before.chain(after.iter().take(MAX_NEIGHBOURS).take_while(is_near));
    let mut is_login = false;
    for call in near {
        match call.event() {
            Some("signed_in") => is_login = true,
            Some("signed_up" | "account_created") => return false,
            _ => {}
        }
    }
    is_login
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::record::call_of;

    /// A call of user `u` in account `a`, that many milliseconds after noon.
    fn at(number: u64, milliseconds: u64, what: &str) -> LocalCall {
        let timestamp = format!("2026-01-31T12:00:{:02}.{:03}Z", milliseconds / 1_000, milliseconds % 1_000);
        let context = json!({"group_id": "a"});
        match what {
            "identify" => {
                call_of(number, Endpoint::Identify, json!({"user_id": "u", "timestamp": timestamp}))
            }
            "group" => call_of(
                number,
                Endpoint::Group,
                json!({"user_id": "u", "group_id": "a", "context": context, "timestamp": timestamp}),
            ),
            "page" => call_of(number, Endpoint::Page, json!({"user_id": "u", "timestamp": timestamp})),
            name => call_of(
                number,
                Endpoint::Track,
                json!({"user_id": "u", "event_name": name, "context": context, "timestamp": timestamp}),
            ),
        }
    }

    /// Calls by their time and what they are.
    type Calls<'a> = &'a [(u64, &'a str)];

    /// The breaches of each call, by the number of the call, which is its place in the table.
    fn breaches(calls: Calls<'_>, forgotten: &Forgotten) -> Vec<(u64, Breach)> {
        let calls: Vec<_> = (1..).zip(calls).map(|(number, (time, what))| at(number, *time, what)).collect();
        let flows = flows(&calls, forgotten);
        let steps = flows.iter().flat_map(|flow| &flow.steps);
        let mut found: Vec<_> = steps
            .flat_map(|step| step.breaches.iter().map(|breach| (step.call.number, breach.clone())))
            .collect();
        found.sort_by_key(|(number, _)| *number);
        found
    }

    #[test]
    fn the_documented_flows_are_in_order() {
        let table: [&[&str]; 8] = [
            &["identify", "group", "group", "signed_up", "account_created", "account_added_user"],
            &["identify", "signed_up", "account_added_user"],
            &["identify", "signed_in"],
            &["identify", "signed_in", "feature_used", "signed_out"],
            &["identify", "group", "signed_up", "account_created", "account_added_user"],
            &["identify", "signed_in", "account_added_user"],
            &["identify", "account_added_user"],
            &["page", "page", "identify", "signed_up"],
        ];
        for names in table {
            let calls: Vec<_> = (0..).zip(names.iter().copied()).collect();
            assert_eq!(breaches(&calls, &Forgotten::default()), [], "{names:?}");
        }
    }

    #[test]
    fn what_breaks_the_order() {
        use Breach::*;
        let group = || BeforeGroup { group_id: "a".to_owned() };
        let table: [(Calls<'_>, Vec<(u64, Breach)>); 12] = [
            (&[(0, "signed_in")], vec![(1, BeforeIdentify)]),
            (&[(0, "signed_in"), (1, "identify"), (2, "feature_used")], vec![(1, BeforeIdentify)]),
            // The times decide, not the order of arrival.
            (&[(1, "signed_in"), (0, "identify")], vec![]),
            (&[(5, "identify"), (1, "signed_in")], vec![(2, BeforeIdentify)]),
            (&[(0, "identify"), (1, "account_created")], vec![(2, group())]),
            (&[(0, "identify"), (1, "account_created"), (2, "group")], vec![(2, group())]),
            (
                &[(0, "identify"), (1, "group"), (1, "signed_up"), (1, "account_created")],
                vec![(3, SameTimestamp { other: 2 }), (4, SameTimestamp { other: 3 })],
            ),
            (&[(0, "identify"), (1, "group"), (2, "signed_in")], vec![(2, GroupOnLogin)]),
            (&[(0, "identify"), (1, "signed_in"), (2_001, "group")], vec![(3, GroupOnLogin)]),
            (&[(0, "identify"), (1, "signed_in"), (2_002, "group")], vec![]),
            (
                &[(0, "identify"), (1, "group"), (2, "account_created"), (3, "signed_up")],
                vec![(3, BeforeSignedUp)],
            ),
            (
                &[(0, "identify"), (1, "group"), (2, "account_added_user"), (3, "account_created")],
                vec![(3, BeforeAccountCreated)],
            ),
        ];
        for (calls, expected) in table {
            assert_eq!(breaches(calls, &Forgotten::default()), expected, "{calls:?}");
        }
    }

    #[test]
    fn calls_without_a_timestamp_are_in_the_order_of_arrival() {
        let object = |name: &str| json!({"user_id": "u", "event_name": name});
        let mut calls = [
            call_of(1, Endpoint::Identify, json!({"user_id": "u"})),
            call_of(2, Endpoint::Track, object("signed_in")),
        ];
        calls[1].occurred_at = calls[0].occurred_at;
        let flows = flows(&calls, &Forgotten::default());
        assert_eq!((flows.len(), flows[0].steps.len(), flows[0].breaches()), (1, 2, 0));
    }

    #[test]
    fn what_is_forgotten_is_not_missed() {
        let mut forgotten = Forgotten::default();
        forgotten.add(&at(1, 0, "identify"));
        forgotten.add(&at(2, 0, "group"));
        forgotten.add(&at(3, 0, "signed_in"));
        let calls = [(5, "feature_used"), (6, "account_created")];
        assert_eq!(breaches(&calls, &Forgotten::default()).len(), 3);
        assert_eq!(breaches(&calls, &forgotten), []);

        let mut overflowing = Forgotten::default();
        for user in 0..=MAX_REMEMBERED {
            overflowing.add(&call_of(1, Endpoint::Identify, json!({"user_id": user})));
        }
        assert_eq!(overflowing.users.len(), MAX_REMEMBERED);
        assert_eq!(breaches(&calls, &overflowing), []);
    }

    #[test]
    fn flows_with_breaches_come_first_and_then_the_latest() {
        let of = |number, user: &str, endpoint| {
            call_of(number, endpoint, json!({"user_id": user, "event_name": "e"}))
        };
        let calls = [
            of(1, "old", Endpoint::Identify),
            of(2, "breach", Endpoint::Track),
            of(3, "new", Endpoint::Identify),
            call_of(4, Endpoint::Page, json!({"session_id": "nobody"})),
        ];
        let flows = flows(&calls, &Forgotten::default());
        assert_eq!(flows.iter().map(|flow| flow.user_id).collect::<Vec<_>>(), ["breach", "new", "old"]);
    }
}
