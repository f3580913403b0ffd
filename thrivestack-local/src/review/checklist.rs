//! ThriveStack's eleven points of instrumentation, each seen or not.

use std::{sync::Arc, time::SystemTime};

use serde_json::Value;

use crate::ingest::Endpoint;
use crate::record::LocalCall;

/// One point, and the call that shows that it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) name: &'static str,
    pub(crate) hint: &'static str,
    shown_by: ShownBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ShownBy {
    /// Whatever was taken came with a valid key.
    AnyCall,
    Call(Endpoint),
    Event(&'static str),
    /// `onboarding_step_completed`, or a name of its own for each step.
    OnboardingStep,
}

pub(crate) const POINTS: [Point; 11] = [
    point(
        "key from the environment",
        "A valid key was used. Whether it came from the environment, `thrivestack doctor` tells.",
        ShownBy::AnyCall,
    ),
    point("identify", "Who a user is: on sign-up and on login.", ShownBy::Call(Endpoint::Identify)),
    point("group", "An account, when it is created; never on login.", ShownBy::Call(Endpoint::Group)),
    event("signed_up", "A new user completed registration."),
    event("signed_in", "An existing user logged in."),
    event("signed_out", "A user logged out."),
    event("account_created", "A new account exists, after its group call."),
    event("account_added_user", "A user became a member of an account."),
    event("feature_used", "A user performed a product action."),
    event("invite_sent", "A user invited another person."),
    point(
        "onboarding_step_completed",
        "A user completed one set-up step; `onboarding_<step>_completed` counts too.",
        ShownBy::OnboardingStep,
    ),
];

const fn point(name: &'static str, hint: &'static str, shown_by: ShownBy) -> Point {
    Point { name, hint, shown_by }
}

const fn event(name: &'static str, hint: &'static str) -> Point {
    point(name, hint, ShownBy::Event(name))
}

impl ShownBy {
    fn is_shown_by(self, endpoint: Endpoint, event_name: Option<&str>) -> bool {
        match self {
            Self::AnyCall => true,
            Self::Call(own) => own == endpoint,
            Self::Event(own) => event_name == Some(own),
            Self::OnboardingStep => event_name.is_some_and(is_onboarding_step),
        }
    }
}

fn is_onboarding_step(name: &str) -> bool {
    name.strip_prefix("onboarding_")
        .and_then(|rest| rest.strip_suffix("_completed"))
        .is_some_and(|step| !step.is_empty())
}

/// The last call that showed a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) call: u64,
    pub(crate) at: SystemTime,
    pub(crate) key_name: Arc<str>,
    pub(crate) source: Option<String>,
}

/// What has been seen since the start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checklist([Option<Sight>; POINTS.len()]);

impl Checklist {
    pub(crate) fn see(&mut self, call: &LocalCall) {
        let event_name = call.event_name();
        for (point, sight) in POINTS.iter().zip(&mut self.0) {
            if point.shown_by.is_shown_by(call.endpoint, event_name) {
                *sight = Some(Sight {
                    call: call.number,
                    at: call.received_at,
                    key_name: Arc::clone(&call.key_name),
                    source: call.context("source").and_then(Value::as_str).map(str::to_owned),
                });
            }
        }
    }

    pub(crate) fn points(&self) -> impl Iterator<Item = (&'static Point, Option<&Sight>)> {
        POINTS.iter().zip(self.0.iter().map(Option::as_ref))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::call_of;
    use serde_json::json;

    fn seen(checklist: &Checklist) -> Vec<&'static str> {
        checklist.points().filter(|(_, sight)| sight.is_some()).map(|(point, _)| point.name).collect()
    }

    #[test]
    fn what_shows_which_point() {
        let key = "key from the environment";
        let table: [(Endpoint, Option<&str>, &[&str]); 11] = [
            (Endpoint::Identify, None, &[key, "identify"]),
            (Endpoint::Group, None, &[key, "group"]),
            (Endpoint::Page, None, &[key]),
            (Endpoint::Identify, Some("signed_up"), &[key, "identify"]),
            (Endpoint::Track, Some("report_exported"), &[key]),
            (Endpoint::Track, Some("signup"), &[key]),
            (Endpoint::Track, Some("signed_up"), &[key, "signed_up"]),
            (Endpoint::Track, Some("onboarding_step_completed"), &[key, "onboarding_step_completed"]),
            (Endpoint::Track, Some("onboarding_team_invited_completed"), &[key, "onboarding_step_completed"]),
            (Endpoint::Track, Some("onboarding_completed"), &[key]),
            (Endpoint::Track, Some("onboarding__completed"), &[key]),
        ];
        for (endpoint, name, expected) in table {
            let mut checklist = Checklist::default();
            checklist.see(&call_of(1, endpoint, json!({"event_name": name, "user_id": "u"})));
            assert_eq!(seen(&checklist), expected, "{endpoint} {name:?}");
        }
    }

    #[test]
    fn every_event_among_the_points_shows_its_own() {
        assert!(seen(&Checklist::default()).is_empty());
        let mut checklist = Checklist::default();
        for (number, point) in (1..).zip(POINTS) {
            let endpoint = match point.shown_by {
                ShownBy::Call(endpoint) => endpoint,
                _ => Endpoint::Track,
            };
            checklist.see(&call_of(number, endpoint, json!({"event_name": point.name, "user_id": "u"})));
        }
        assert_eq!(seen(&checklist).len(), 11);
    }

    #[test]
    fn the_last_sight_counts() {
        let mut checklist = Checklist::default();
        for (number, source) in [(1, json!("marketing")), (2, json!("product")), (3, json!(7))] {
            let object = json!({"user_id": "u", "context": {"source": source}});
            checklist.see(&call_of(number, Endpoint::Identify, object));
            let (_, sight) = checklist.points().nth(1).unwrap();
            let sight = sight.unwrap();
            assert_eq!((sight.call, sight.source.as_deref()), (number, source.as_str()));
            assert_eq!(&*sight.key_name, "test");
        }
    }
}
