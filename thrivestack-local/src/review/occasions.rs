//! The occasions of group calls: an entity is created, or a user logs in. What one handler does is close together.

use std::time::{Duration, SystemTime};

use thrivestack_core::{group_types::ACCOUNT, rules};

use super::hints::is_b2c;
use crate::ingest::Endpoint;
use crate::record::LocalCall;
use crate::remark::Remark;

/// Calls of one handler are at most this far apart, so that a `group` beside a `signed_in` is that login's.
pub(super) const ONE_HANDLER: Duration = Duration::from_secs(2);

/// No handler makes more calls than this, and a flood of calls must not be searched for each of them.
const MAX_NEIGHBOURS: usize = 50;

/// One call of a user among the others, which are in the order of their times.
#[derive(Clone, Copy)]
pub(super) struct Occasion<'a> {
    pub(super) calls: &'a [&'a LocalCall],
    pub(super) index: usize,
}

impl<'a> Occasion<'a> {
    fn at(self) -> SystemTime {
        self.calls[self.index].occurred_at
    }

    /// Returns the calls of the same handler before this one, the nearest first.
    fn before(self) -> impl Iterator<Item = &'a LocalCall> {
        let at = self.at();
        let before = self.calls[..self.index].iter().rev().take(MAX_NEIGHBOURS);
        before.take_while(move |call| is_near(at, call.occurred_at)).copied()
    }

    /// Returns the calls of the same handler, without this one.
    fn beside(self) -> impl Iterator<Item = &'a LocalCall> {
        let at = self.at();
        let after = self.calls[self.index + 1..].iter().take(MAX_NEIGHBOURS);
        self.before().chain(after.take_while(move |call| is_near(at, call.occurred_at)).copied())
    }

    fn has_beside(self, names: &[&str]) -> bool {
        self.beside().any(|call| call.event().is_some_and(|name| names.contains(&name)))
    }

    /// Returns the hint about a login, or about the sign-up of a user who is the account, without a group call.
    pub(super) fn missing_group(self) -> Option<Remark> {
        let call = self.calls[self.index];
        let (rule, event) = match call.event()? {
            name @ "signed_in" => (&rules::GROUP_ON_LOGIN, name),
            name @ "signed_up" if is_b2c(call) => (&rules::B2C, name),
            _ => return None,
        };
        let is_there = self.before().any(|call| call.endpoint == Endpoint::Group);
        (!is_there).then(|| {
            let text = format!("no group call before this `{event}`: send identify, group, then `{event}`");
            Remark::new(rule, text)
        })
    }

    /// Returns true if this group call belongs to the acceptance of an invitation.
    pub(super) fn is_on_invitation(self) -> bool {
        let accepts = |call: &LocalCall| {
            call.event() == Some("account_added_user")
                && call.property("join_method").is_some_and(|method| method == "invite")
        };
        self.beside().any(accepts) && !self.has_beside(&["signed_in", "account_created"])
    }

    /// Returns true if a login, a sign-up or a creation is beside this call.
    pub(super) fn is_on_arrival(self) -> bool {
        self.has_beside(&["signed_in", "signed_up", "account_created"])
            || self.beside().any(|call| call.endpoint == Endpoint::Identify)
    }

    /// Returns the hint about a group of another level that no group of the type `Account` precedes.
    pub(super) fn missing_account(self) -> Option<Remark> {
        let call = self.calls[self.index];
        let other = group_type(call).filter(|own| *own != ACCOUNT)?;
        let is_there =
            is_b2c(call) || self.calls[..self.index].iter().any(|call| group_type(call) == Some(ACCOUNT));
        (!is_there).then(|| {
            let text = format!(
                "no group call of the type `{ACCOUNT}` before this `{other}`: the account comes first"
            );
            Remark::new(&rules::ACCOUNT_GROUP, text)
        })
    }
}

/// Returns the type of a group call, by which it is called.
fn group_type(call: &LocalCall) -> Option<&str> {
    call.name.as_deref().filter(|_| call.endpoint == Endpoint::Group)
}

fn is_near(one: SystemTime, other: SystemTime) -> bool {
    other.duration_since(one).unwrap_or_else(|error| error.duration()) <= ONE_HANDLER
}
