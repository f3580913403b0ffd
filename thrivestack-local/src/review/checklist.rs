//! ThriveStack's eleven points of instrumentation, each seen or not.

use std::{sync::Arc, time::SystemTime};

use thrivestack_core::checklist::{POINTS, Point};

use crate::record::LocalCall;

/// The last call that showed a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) call: u64,
    pub(crate) at: SystemTime,
    pub(crate) key_name: Arc<str>,
    pub(crate) source: Option<String>,
}

/// The points that were seen since the start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checklist([Option<Sight>; POINTS.len()]);

impl Checklist {
    pub(crate) fn see(&mut self, call: &LocalCall) {
        let event_name = call.event();
        for (point, sight) in POINTS.iter().zip(&mut self.0) {
            if point.shown_by.is_shown_by(call.endpoint.call(), event_name) {
                *sight = Some(Sight {
                    call: call.number,
                    at: call.received_at,
                    key_name: Arc::clone(&call.key_name),
                    source: call.source.as_deref().map(str::to_owned),
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
    use serde_json::json;
    use thrivestack_core::{checklist::ShownBy, onboarding};

    use super::*;
    use crate::{ingest::Endpoint, record::call_of};

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
            (Endpoint::Track, Some("onboarding_step_completed"), &[key, onboarding::STEP_COMPLETED]),
            (Endpoint::Track, Some("onboarding_team_invited_completed"), &[key, onboarding::STEP_COMPLETED]),
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
                ShownBy::Call(call) => Endpoint::ALL[call as usize],
                _ => Endpoint::Track,
            };
            let name = point.name.replace("<step>", "team_invited");
            checklist.see(&call_of(number, endpoint, json!({"event_name": name, "user_id": "u"})));
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
