//! ThriveStack's rules, by their number: what breaks each of them is found, and as exactly that rule.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use thrivestack_core::flows::FLOWS;
use thrivestack_core::rules::{Check, RULES};
use thrivestack_local::LocalServer;

use self::client::{CALL, Call, start};

#[allow(dead_code, reason = "the other tests need all of it")]
mod client;

/// The rules that are found, by level.
#[derive(Debug, Default, PartialEq)]
struct Found {
    warnings: BTreeSet<String>,
    breaches: BTreeSet<String>,
    hints: BTreeSet<String>,
}

/// Posts the calls, and collects which rules are named by answers, by the flows and by the hints.
fn found(calls: &[(&str, Value)]) -> Found {
    let server = start();
    let mut warnings = BTreeSet::new();
    for (call, object) in calls {
        let path = format!("/api/{call}");
        let body = serde_json::to_vec(&json!([object])).unwrap();
        let answer = Call { path: &path, body: &body, ..CALL }.send(&server);
        assert_eq!(answer.status, 200, "{object}");
        let texts = answer.json["warnings"].as_array().cloned().unwrap_or_default();
        warnings.extend(texts.iter().filter_map(|text| rule_in(text.as_str()?)));
    }
    let ids = |texts: Vec<String>| texts.iter().filter_map(|text| rule_in(text)).collect();
    Found { warnings, breaches: ids(server.breaches()), hints: ids(server.hints()) }
}

fn rule_in(text: &str) -> Option<String> {
    Some(text.rsplit_once("(rule `")?.1.trim_end_matches("`)").to_owned())
}

/// A time of day, in milliseconds after noon.
fn time(milliseconds: u64) -> String {
    format!("2026-01-31T12:00:{:02}.{:03}Z", milliseconds / 1_000, milliseconds % 1_000)
}

fn identify(at: u64) -> (&'static str, Value) {
    ("identify", json!({"user_id": "u", "context": {"source": "product"}, "timestamp": time(at)}))
}

fn group(at: u64, id: &str, group_type: &str) -> (&'static str, Value) {
    let context = json!({"source": "product", "group_id": id, "group_type": group_type});
    let traits = json!({"group_type": group_type});
    let object =
        json!({"user_id": "u", "group_id": id, "traits": traits, "context": context, "timestamp": time(at)});
    ("group", object)
}

fn track(at: u64, name: &str, properties: &Value) -> (&'static str, Value) {
    let context = json!({"source": "product", "group_id": "a"});
    let object = json!({"event_name": name, "user_id": "u", "properties": properties, "context": context,
                        "timestamp": time(at)});
    ("track", object)
}

fn with(mut call: (&'static str, Value), path: &str, value: Value) -> (&'static str, Value) {
    *call.1.pointer_mut(path).expect("the field is there") = value;
    call
}

/// Events of a user who was identified before.
fn after_identify(name: &str, properties: &Value) -> Vec<(&'static str, Value)> {
    vec![identify(0), track(1, name, properties)]
}

/// The calls that break a rule, and nothing else.
fn breaking() -> Vec<(&'static str, Vec<(&'static str, Value)>)> {
    let event = || track(1, "report_exported", &json!({}));
    vec![
        ("source_product", vec![identify(0), with(event(), "/context/source", Value::Null)]),
        ("group_id_on_track", vec![identify(0), with(event(), "/context/group_id", Value::Null)]),
        ("group_context", vec![identify(0), with(group(1, "a", "Account"), "/context/group_id", json!("b"))]),
        ("group_type", vec![identify(0), group(1, "a", "Account"), group(2, "b", "Teams")]),
        ("account_group", vec![identify(0), group(1, "w", "Workspace")]),
        ("group_on_login", after_identify("signed_in", &json!({}))),
        (
            "group_on_invitation",
            vec![
                identify(0),
                group(1, "a", "Account"),
                track(2, "signed_up", &json!({})),
                track(3, "account_added_user", &json!({"join_method": "invite"})),
            ],
        ),
        ("group_on_switch", vec![identify(0), group(1, "a", "Account"), group(9_000, "a", "Account")]),
        ("identify_first", vec![track(0, "feature_used", &json!({"feature_name": "report_exported"}))]),
        ("one_millisecond", vec![identify(0), track(0, "report_exported", &json!({}))]),
        ("feature_name", after_identify("feature_used", &json!({"feature_name": "export_report"}))),
        (
            "property_values",
            after_identify(
                "feature_used",
                &json!({"feature_name": "report_exported", "feature_type": "primary"}),
            ),
        ),
        ("required_properties", after_identify("feature_used", &json!({}))),
        ("required_properties", after_identify("invite_sent", &json!({}))),
        (
            "onboarding_step",
            after_identify("onboarding_step_completed", &json!({"step_name": "team_invited"})),
        ),
        ("onboarding_step", after_identify("step_1", &json!({}))),
        ("event_name", after_identify("signup", &json!({}))),
        ("event_name", after_identify("feature_usd", &json!({}))),
        ("event_name", after_identify("send_report", &json!({}))),
        ("left_out", after_identify("report_exported", &json!({"pages": null}))),
        ("stable_user_id", vec![with(identify(0), "/user_id", json!("ada@example.com"))]),
        ("stable_group_id", vec![identify(0), group(1, "acme.example", "Account")]),
        ("b2c", vec![identify(0), with(track(1, "signed_up", &json!({})), "/context/group_id", json!("u"))]),
        ("group_before_account_created", after_identify("account_created", &json!({"account_name": "Acme"}))),
        (
            "account_created_first",
            vec![
                identify(0),
                group(1, "a", "Account"),
                track(2, "account_added_user", &json!({"join_method": "signup"})),
                track(3, "account_created", &json!({"account_name": "Acme"})),
            ],
        ),
    ]
}

#[test]
fn what_breaks_a_rule_is_found_as_that_rule_and_no_other() {
    for (id, calls) in breaking() {
        let Found { warnings, breaches, hints } = found(&calls);
        let all: Vec<_> = warnings.iter().chain(&breaches).chain(&hints).map(String::as_str).collect();
        assert_eq!(all, [id], "{calls:?}");
        let checks = thrivestack_core::rules::rule(id).unwrap().checks;
        assert!(warnings.is_empty() || checks.contains(&Check::Warning), "{id}");
        assert!(breaches.is_empty() || checks.contains(&Check::Breach), "{id}");
        assert!(hints.is_empty() || checks.contains(&Check::Hint), "{id}");
    }
}

#[test]
fn every_rule_that_the_server_checks_is_broken_here_on_each_of_its_levels() {
    let all: Vec<_> = breaking().iter().map(|(_, calls)| found(calls)).collect();
    for rule in RULES {
        let is_found =
            |of: fn(&Found) -> &BTreeSet<String>| all.iter().any(|found| of(found).contains(rule.id));
        for check in rule.checks {
            let is_shown = match check {
                // It is warned of only where the server knows of it; the next test shows it.
                Check::Warning if rule.id == "eu_compliance" => true,
                Check::Warning => is_found(|found| &found.warnings),
                Check::Breach => is_found(|found| &found.breaches),
                Check::Hint => is_found(|found| &found.hints),
                Check::Error(_) | Check::Rejected | Check::Kept(_) | Check::NotDecidable(_) => true,
            };
            assert!(
                is_shown,
                "add what breaks `{}` ({check:?}) to thrivestack-local/tests/rules.rs",
                rule.id
            );
        }
    }
}

#[test]
fn a_server_for_eu_compliance_misses_nothing_that_it_removes_and_notices_what_comes() {
    let key = thrivestack_local::LocalKey::new("all").scope("telemetry_apis").secret_value(client::SECRET);
    let server = LocalServer::builder().key(key).eu_compliance(true).start().unwrap();
    let warnings = |properties: Value| {
        let body = serde_json::to_vec(&json!([track(0, "invite_sent", &properties).1])).unwrap();
        Call { path: "/api/track", body: &body, ..CALL }.send(&server).json["warnings"].clone()
    };
    assert_eq!(warnings(json!({})).as_array().map_or(0, Vec::len), 0);
    let warned = warnings(json!({"invitee_email": "grace@example.com"}));
    assert!(warned[0].as_str().unwrap().ends_with("(rule `eu_compliance`)"), "{warned}");
}

#[test]
fn every_documented_flow_has_no_warning_no_breach_and_no_hint() {
    for flow in FLOWS {
        let mut calls = Vec::new();
        for (at, step) in (0_u64..).zip(flow.order.iter().chain(flow.anywhere)) {
            let id = if flow.is_b2c { "u" } else { "a" };
            calls.push(match *step {
                "identify" => identify(at),
                "group (Account)" => group(at, id, "Account"),
                "group (other levels)" => group(at, "w", "Workspace"),
                "account_created" => track(at, step, &json!({"account_name": "Acme"})),
                "account_added_user" => track(at, step, &json!({"join_method": flow.join_method})),
                event => with(track(at, event, &json!({})), "/context/group_id", json!(id)),
            });
        }
        // A user who logs out was identified when they logged in.
        let is_known = flow.order.first().is_none_or(|step| *step != "signed_out");
        let before = if is_known {
            vec![]
        } else {
            vec![with(identify(0), "/timestamp", json!("2026-01-31T11:00:00.000Z"))]
        };
        let all: Vec<_> = before.into_iter().chain(calls).collect();
        assert_eq!(found(&all), Found::default(), "{}", flow.name);
    }
}
