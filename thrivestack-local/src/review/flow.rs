//! The order of a user's calls, held against ThriveStack's firing order.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
    time::SystemTime,
};

use thrivestack_core::flows::is_in_a_flow;
use thrivestack_core::rules;

use super::occasions::{ONE_HANDLER, Occasion};
use crate::ingest::Endpoint;
use crate::record::LocalCall;
use crate::remark::Remark;

/// More users and groups than this are not remembered when their calls are gone.
const MAX_REMEMBERED: usize = 100_000;

/// Longer ids than this are not remembered either.
const MAX_ID: usize = 256;

/// The calls of one user, in the order in which they happened.
#[derive(Debug)]
pub(crate) struct Flow<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) steps: Vec<Step<'a>>,
}

#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) call: &'a LocalCall,
    /// The rules of the firing order that the call breaks.
    pub(crate) breaches: Vec<Remark>,
    /// The hints of the newest guides about it.
    pub(crate) hints: Vec<Remark>,
}

impl Flow<'_> {
    pub(crate) fn breaches(&self) -> usize {
        self.steps.iter().map(|step| step.breaches.len()).sum()
    }

    pub(crate) fn hints(&self) -> usize {
        self.steps.iter().map(|step| step.hints.len()).sum()
    }

    fn last_call(&self) -> u64 {
        self.steps.iter().map(|step| step.call.number).max().unwrap_or(0)
    }
}

/// The users that calls identified and grouped which are no longer kept, so that nobody is blamed for their absence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forgotten {
    users: HashSet<Arc<str>>,
    groups: HashSet<Arc<str>>,
    is_incomplete: bool,
    /// The latest time of a call that is not kept.
    latest: Option<SystemTime>,
}

impl Forgotten {
    pub(crate) fn add(&mut self, call: &LocalCall) {
        self.latest = self.latest.max(Some(call.occurred_at));
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

    /// Returns true if a call of the handler that made a call at this time may not be kept.
    fn may_know_handler(&self, at: SystemTime) -> bool {
        self.latest.is_some_and(|latest| latest + ONE_HANDLER >= at)
    }
}

/// The knowledge of all users together.
struct History<'a> {
    forgotten: &'a Forgotten,
    /// The time of each group's first call.
    groups: HashMap<&'a str, SystemTime>,
}

impl History<'_> {
    fn is_grouped(&self, id: &str, at: SystemTime) -> bool {
        self.forgotten.may_know_group(id) || self.groups.get(id).is_some_and(|first| *first <= at)
    }

    fn was_grouped_before(&self, id: &str, at: SystemTime) -> bool {
        self.forgotten.may_know_group(id) || self.groups.get(id).is_some_and(|first| *first < at)
    }
}

/// The flows of all users who are named in these calls, those with breaches first and then the latest.
pub(crate) fn flows<'a>(calls: &'a [LocalCall], forgotten: &'a Forgotten) -> Vec<Flow<'a>> {
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
    let history = History { forgotten, groups };
    let mut flows: Vec<_> = users
        .into_iter()
        .map(|(user_id, mut calls)| {
            calls.sort_by_key(|call| (call.occurred_at, call.number));
            Flow { user_id, steps: steps(user_id, &calls, &history) }
        })
        .collect();
    flows.sort_by_key(|flow| (flow.breaches() == 0, Reverse(flow.last_call())));
    flows
}

/// Holds the calls of one user against the firing order. They are in the order of their times.
fn steps<'a>(user_id: &str, calls: &[&'a LocalCall], history: &History<'_>) -> Vec<Step<'a>> {
    let mut created: HashMap<&str, usize> = HashMap::new();
    for (index, call) in calls.iter().enumerate() {
        if let (Some("account_created"), Some(group_id)) = (call.event(), call.group_id()) {
            created.entry(group_id).or_insert(index);
        }
    }
    let mut is_identified = history.forgotten.may_know_user(user_id);
    let mut steps = Vec::with_capacity(calls.len());
    for (index, call) in calls.iter().enumerate() {
        let mut step = Step { call, breaches: Vec::new(), hints: call.hints.to_vec() };
        let occasion = Occasion { calls, index };
        match call.endpoint {
            Endpoint::Identify => is_identified = true,
            Endpoint::Group => group(&mut step, occasion, history),
            Endpoint::Page => {}
            Endpoint::Track => {
                if !is_identified && !is_added_by_others(call) {
                    let text = "before any identify of this user: identify first, on sign-up and on login";
                    step.breaches.push(Remark::new(&rules::IDENTIFY_FIRST, text));
                }
                let is_complete = !history.forgotten.may_know_handler(call.occurred_at);
                step.hints.extend(occasion.missing_group().filter(|_| is_complete));
                account(&mut step, index, &created, history);
            }
        }
        if let Some(other) = index.checked_sub(1).map(|before| calls[before])
            && call.timestamp().is_some()
            && other.timestamp().is_some()
            && other.occurred_at == call.occurred_at
            && (is_ordered(call) || is_ordered(other))
            && call.context("session_id") == other.context("session_id")
        {
            let text = format!(
                "same timestamp as call {}: in one handler, make each next one 1 ms later, or the order is lost",
                other.number
            );
            step.breaches.push(Remark::new(&rules::ONE_MILLISECOND, text));
        }
        steps.push(step);
    }
    steps
}

/// Looks at the occasion of a group call.
fn group(step: &mut Step<'_>, occasion: Occasion<'_>, history: &History<'_>) {
    let at = step.call.occurred_at;
    if occasion.is_on_invitation() {
        let text = "group at the acceptance of an invitation: the account exists already, so leave it out";
        step.breaches.push(Remark::new(&rules::GROUP_ON_INVITATION, text));
    } else if !occasion.is_on_arrival()
        && !history.forgotten.may_know_handler(at)
        && step.call.group_id().is_some_and(|id| history.was_grouped_before(id, at))
    {
        let text = "group of a known group, and neither a login nor a creation beside it: leave it out where a user \
                    switches workspace";
        step.hints.push(Remark::new(&rules::GROUP_ON_SWITCH, text));
    }
    let is_known = step.call.user_id().is_some_and(|id| history.forgotten.may_know_user(id));
    step.hints.extend(occasion.missing_account().filter(|_| !is_known));
}

/// Looks at the order of the events that make an account.
fn account(step: &mut Step<'_>, index: usize, created: &HashMap<&str, usize>, history: &History<'_>) {
    let Some(group_id) = step.call.group_id() else { return };
    match step.call.event() {
        Some("account_created") if !history.is_grouped(group_id, step.call.occurred_at) => {
            let text = format!(
                "before the group call of `{group_id}`: send group when the account is created, and this event after it"
            );
            step.breaches.push(Remark::new(&rules::GROUP_BEFORE_ACCOUNT_CREATED, text));
        }
        Some("account_added_user") if created.get(group_id).is_some_and(|creation| index < *creation) => {
            let text = "before account_created: the account exists before its creator is added to it";
            step.breaches.push(Remark::new(&rules::ACCOUNT_CREATED_FIRST, text));
        }
        _ => {}
    }
}

/// Returns true if the firing order has a place for the call. Of others, two handlers may well do two at once.
fn is_ordered(call: &LocalCall) -> bool {
    matches!(call.endpoint, Endpoint::Identify | Endpoint::Group) || call.event().is_some_and(is_in_a_flow)
}

/// Returns true if an administrator, SSO or SCIM added the user, who may never have been there.
fn is_added_by_others(call: &LocalCall) -> bool {
    let joined_alone =
        call.property("join_method").is_some_and(|method| method == "signup" || method == "invite");
    call.event() == Some("account_added_user") && !joined_alone
}

#[cfg(test)]
mod tests;
