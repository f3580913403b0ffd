//! The documented flows, and what breaks them.

use serde_json::{Value, json};

use super::*;
use crate::record::call_of;

/// A call of user `u` in account `a`, that many milliseconds after noon. `what` is a call or an event, and a word of it:
/// the group's type, or how the user joined.
fn at(number: u64, milliseconds: u64, what: &str) -> LocalCall {
    let timestamp = format!("2026-01-31T12:00:{:02}.{:03}Z", milliseconds / 1_000, milliseconds % 1_000);
    let (what, word) = what.split_once(' ').unwrap_or((what, ""));
    let group_id = if what == "group" && !word.is_empty() && word != "Account" { word } else { "a" };
    let mut object = json!({"user_id": "u", "context": {"group_id": group_id}, "timestamp": timestamp});
    let endpoint = match what {
        "identify" => Endpoint::Identify,
        "page" => Endpoint::Page,
        "group" => {
            object["group_id"] = json!(group_id);
            object["traits"] = json!({"group_type": if word.is_empty() { "Account" } else { word }});
            Endpoint::Group
        }
        event => {
            object["event_name"] = json!(event);
            if !word.is_empty() {
                object["properties"] = json!({"join_method": word});
            }
            Endpoint::Track
        }
    };
    call_of(number, endpoint, object)
}

/// Calls by their time and what they are.
type Calls<'a> = &'a [(u64, &'a str)];

/// Breaches and hints by the number of the call, which is its place in the table.
type Found = (Vec<(u64, &'static str)>, Vec<(u64, &'static str)>);

fn found(calls: Calls<'_>, forgotten: &Forgotten) -> Found {
    let calls: Vec<_> = (1..).zip(calls).map(|(number, (time, what))| at(number, *time, what)).collect();
    found_in(&calls, forgotten)
}

fn found_in(calls: &[LocalCall], forgotten: &Forgotten) -> Found {
    let flows = flows(calls, forgotten);
    let all = |remarks: fn(&Step<'_>) -> Vec<Remark>| {
        let steps = flows.iter().flat_map(|flow| &flow.steps);
        let mut all: Vec<_> = steps
            .flat_map(|step| remarks(step).into_iter().map(|remark| (step.call.number, remark.rule.id)))
            .collect();
        all.sort_unstable();
        all
    };
    (all(|step| step.breaches.clone()), all(|step| step.hints.clone()))
}

#[test]
fn the_documented_flows_are_in_order() {
    let table: [&[&str]; 12] = [
        &[
            "identify",
            "group",
            "group Workspace",
            "account_created",
            "account_added_user signup",
            "signed_up",
        ],
        &["identify", "group", "signed_up", "account_created", "account_added_user signup"],
        &["identify", "signed_up", "account_added_user signup"],
        &["identify", "account_added_user signup", "signed_up"],
        &["identify", "group", "signed_in"],
        &["identify", "group", "group Workspace", "signed_in", "feature_used", "signed_out"],
        &["identify", "signed_up", "account_added_user invite"],
        &["identify", "group", "signed_in", "account_added_user invite"],
        &["account_added_user admin"],
        &["account_added_user sso"],
        &["account_added_user scim"],
        &["page", "page", "identify", "signed_up"],
    ];
    for names in table {
        let calls: Vec<_> = (0..).zip(names.iter().copied()).collect();
        assert_eq!(found(&calls, &Forgotten::default()), (vec![], vec![]), "{names:?}");
    }
}

#[test]
fn a_user_who_was_added_may_sign_up_a_week_later() {
    let calls = [(0, "account_added_user admin"), (50_000, "identify"), (50_001, "signed_up")];
    assert_eq!(found(&calls, &Forgotten::default()), (vec![], vec![]));
}

#[test]
fn what_breaks_the_order() {
    let table: [(Calls<'_>, &[(u64, &str)]); 10] = [
        (&[(0, "feature_used")], &[(1, "identify_first")]),
        (&[(0, "feature_used"), (1, "identify"), (2, "feature_used")], &[(1, "identify_first")]),
        // The times decide, not the order of arrival.
        (&[(1, "feature_used"), (0, "identify")], &[]),
        (&[(5, "identify"), (1, "feature_used")], &[(2, "identify_first")]),
        (&[(1, "account_added_user invite")], &[(1, "identify_first")]),
        (&[(0, "identify"), (1, "account_created")], &[(2, "group_before_account_created")]),
        (&[(0, "identify"), (1, "account_created"), (2, "group")], &[(2, "group_before_account_created")]),
        (
            &[(0, "identify"), (1, "group"), (1, "signed_up"), (1, "account_created")],
            &[(3, "one_millisecond"), (4, "one_millisecond")],
        ),
        (
            &[(0, "identify"), (1, "group"), (2, "account_added_user signup"), (3, "account_created")],
            &[(3, "account_created_first")],
        ),
        (
            &[(0, "identify"), (1, "group"), (2, "signed_up"), (3, "account_added_user invite")],
            &[(2, "group_on_invitation")],
        ),
    ];
    for (calls, expected) in table {
        assert_eq!(found(calls, &Forgotten::default()), (expected.to_vec(), vec![]), "{calls:?}");
    }
}

#[test]
fn two_handlers_may_do_something_at_once() {
    let together = |name: &str, other: &str, sessions: [&str; 2]| {
        let of = |number: u64, name: &str, session: &str| {
            let context = json!({"group_id": "a", "session_id": session});
            let timestamp = "2026-01-31T12:00:01.000Z";
            let object =
                json!({"user_id": "u", "event_name": name, "context": context, "timestamp": timestamp});
            call_of(number, Endpoint::Track, object)
        };
        let calls = [at(1, 0, "identify"), of(2, name, sessions[0]), of(3, other, sessions[1])];
        found_in(&calls, &Forgotten::default()).0
    };
    assert_eq!(together("report_created", "report_exported", ["s", "s"]), []);
    assert_eq!(together("account_added_user", "report_exported", ["s", "t"]), []);
    assert_eq!(together("account_added_user", "report_exported", ["s", "s"]), [(3, "one_millisecond")]);
}

#[test]
fn what_the_newest_guides_would_have_differently() {
    let table: [(Calls<'_>, &[(u64, &str)]); 7] = [
        (&[(0, "identify"), (1, "signed_in")], &[(2, "group_on_login")]),
        (&[(0, "identify"), (1, "signed_in"), (2, "group")], &[(2, "group_on_login")]),
        (&[(0, "identify"), (1, "group"), (2_002, "signed_in")], &[(3, "group_on_login")]),
        (&[(0, "identify"), (1, "group"), (2_001, "signed_in")], &[]),
        (&[(0, "identify"), (1, "group"), (2, "signed_in"), (9_000, "group")], &[(4, "group_on_switch")]),
        // A new workspace is created while the user is there.
        (&[(0, "identify"), (1, "group"), (2, "signed_in"), (9_000, "group Workspace")], &[]),
        (&[(0, "identify"), (1, "group Workspace"), (2, "signed_in")], &[(2, "account_group")]),
    ];
    for (calls, expected) in table {
        assert_eq!(found(calls, &Forgotten::default()), (vec![], expected.to_vec()), "{calls:?}");
    }
}

#[test]
fn a_product_without_accounts_sends_group_on_sign_up_and_on_login() {
    let call = |number, endpoint, event: Option<&str>| {
        let timestamp = format!("2026-01-31T12:00:00.{number:03}Z");
        let object = json!({"user_id": "u", "group_id": "u", "event_name": event, "timestamp": timestamp,
                            "context": {"group_id": "u"}, "traits": {"group_type": "Account"}});
        call_of(number, endpoint, object)
    };
    let (identify, group) = (call(1, Endpoint::Identify, None), call(2, Endpoint::Group, None));
    let signed_up = call(3, Endpoint::Track, Some("signed_up"));
    let created = call(4, Endpoint::Track, Some("account_created"));
    let all = |calls: &[&LocalCall]| {
        found_in(&calls.iter().copied().cloned().collect::<Vec<_>>(), &Forgotten::default())
    };
    assert_eq!(all(&[&identify, &group, &signed_up]), (vec![], vec![]));
    assert_eq!(all(&[&identify, &signed_up]), (vec![], vec![(3, "b2c")]));
    assert_eq!(all(&[&identify, &group, &signed_up, &created]), (vec![], vec![(4, "b2c")]));
}

#[test]
fn calls_without_a_timestamp_are_in_the_order_of_arrival() {
    let mut calls = [
        call_of(1, Endpoint::Identify, json!({"user_id": "u"})),
        call_of(2, Endpoint::Track, json!({"user_id": "u", "event_name": "feature_used"})),
    ];
    calls[1].occurred_at = calls[0].occurred_at;
    let forgotten = Forgotten::default();
    let flows = flows(&calls, &forgotten);
    assert_eq!((flows.len(), flows[0].steps.len(), flows[0].breaches()), (1, 2, 0));
}

#[test]
fn what_is_forgotten_is_not_missed() {
    let mut forgotten = Forgotten::default();
    forgotten.add(&at(1, 0, "identify"));
    forgotten.add(&at(2, 0, "group"));
    forgotten.add(&at(3, 0, "signed_in"));
    let calls = [(5, "signed_in"), (6, "account_created"), (7, "group Workspace")];
    assert_eq!(found(&calls, &Forgotten::default()).0.len(), 3);
    assert_eq!(found(&calls, &forgotten), (vec![], vec![]));

    let mut overflowing = Forgotten::default();
    for user in 0..=MAX_REMEMBERED {
        overflowing.add(&call_of(1, Endpoint::Identify, json!({"user_id": user})));
    }
    assert_eq!(overflowing.users.len(), MAX_REMEMBERED);
    assert_eq!(found(&calls, &overflowing).0, []);
}

#[test]
fn flows_with_breaches_come_first_and_then_the_latest() {
    let of =
        |number, user: &str, endpoint| call_of(number, endpoint, json!({"user_id": user, "event_name": "e"}));
    let nobody: Value = json!({"session_id": "nobody"});
    let calls = [
        of(1, "old", Endpoint::Identify),
        of(2, "breach", Endpoint::Track),
        of(3, "new", Endpoint::Identify),
        call_of(4, Endpoint::Page, nobody),
    ];
    let forgotten = Forgotten::default();
    let flows = flows(&calls, &forgotten);
    assert_eq!(flows.iter().map(|flow| flow.user_id).collect::<Vec<_>>(), ["breach", "new", "old"]);
}
