//! `before_send` and `on_report`.

mod bytes;

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::json;
use thrivestack::{Client, Config, Decision, DropReason, Endpoint, Rejected, Report, ReportOutcome};

use thrivestack_tests::{LONG, start_with};
use thrivestack_tests::{Reply, Scripted};

#[test]
fn before_send_changes_and_drops() {
    let local = start_with(|config| {
        config.before_send(|payload| {
            if payload.event_name() == Some("signed_out") {
                return Decision::Drop;
            }
            assert_eq!((payload.user_id(), payload.group_id()), (Some("u"), Some("a")));
            payload.properties_mut().insert("redacted".to_owned(), json!(true));
            payload.properties_mut().remove("card");
            payload.context_mut().insert("region".to_owned(), json!("eu"));
            Decision::Send
        })
    });
    let client = &local.client;
    client.track("signed_in").user_id("u").group_id("a").with("card", "4242").send();
    client.track("signed_out").user_id("u").group_id("a").send();
    client.identify("u").group_id("a").with("card", "4242").send();
    let calls = local.calls();
    assert_eq!(calls.len(), 2);
    for call in &calls {
        assert_eq!((call.property("redacted"), call.property("card")), (Some(&json!(true)), None));
        assert_eq!(call.context("region"), Some(&json!("eu")));
    }
    assert_eq!((client.stats().delivered(), client.stats().dropped(DropReason::Hook)), (2, 1));
}

#[test]
fn a_panic_in_before_send_costs_that_event() {
    let local = start_with(|config| {
        config.before_send(|payload| {
            assert_ne!(payload.user_id(), Some("unlucky"), "in the user's hook");
            Decision::Send
        })
    });
    local.client.track("signed_in").user_id("unlucky").send();
    local.client.track("signed_in").user_id("u").send();
    assert_eq!(local.only_call().user_id(), Some("u"));
    assert_eq!(local.client.stats().dropped(DropReason::HookPanicked), 1);
}

#[test]
fn an_event_that_before_send_makes_too_large_is_dropped() {
    let local = start_with(|config| {
        config.before_send(|payload| {
            payload.properties_mut().insert("text".to_owned(), json!("x".repeat(2_000_000)));
            Decision::Send
        })
    });
    local.client.track("signed_in").user_id("u").send();
    assert!(local.calls().is_empty());
    assert_eq!(local.client.stats().dropped(DropReason::TooLarge), 1);
}

#[test]
fn before_send_does_not_bring_personal_data_back_under_eu_compliance() {
    let local = start_with(|config| {
        config.eu_compliance(true).before_send(|payload| {
            payload.properties_mut().insert("user_email".to_owned(), json!("ada@example.com"));
            payload.context_mut().insert("user_name".to_owned(), json!("Ada"));
            Decision::Send
        })
    });
    local.client.track("signed_in").user_id("u").send();
    let event = local.only_call().object().to_string();
    assert!(!event.contains("ada@example.com") && !event.contains("Ada"), "{event}");
}

#[test]
fn a_hook_may_emit_flush_and_drop_a_client() {
    let slot: Arc<OnceLock<Client>> = Arc::default();
    let last: Arc<Mutex<Option<Client>>> = Arc::default();
    let (in_hook, in_report) = (slot.clone(), last.clone());
    let local = start_with(|config| {
        config
            .before_send(move |payload| {
                if payload.event_name() == Some("signed_in") {
                    let client = in_hook.get().unwrap();
                    client.track("session_started").user_id("u").send();
                    assert!(!client.flush(LONG), "the worker cannot wait for itself");
                }
                Decision::Send
            })
            .on_report(move |_| drop(in_report.lock().unwrap().take()))
    });
    let other = start_with(|config| config);
    slot.set(local.client.clone()).unwrap();
    *last.lock().unwrap() = Some(other.client);
    local.client.track("signed_in").user_id("u").send();
    let calls = local.server.wait_for(2, LONG).unwrap();
    assert_eq!(calls[1].event_name(), Some("session_started"));
    assert!(last.lock().unwrap().is_none());
}

#[test]
fn a_report_says_what_came_of_a_request() {
    let server = Scripted::start([
        Reply::with_body(200, "x: y", r#"{"success":true,"message":"ok","warnings":["`plan` is missing"]}"#),
        Reply::status(503),
        Reply::with_body(400, "x: y", r#"{"error":"no such key-of-this-test"}"#),
        Reply::status(401),
    ]);
    let (sender, reports) = channel::<Report>();
    let sender = Mutex::new(sender);
    let config = Config::new("key-of-this-test")
        .endpoint(server.endpoint())
        .flush_interval(std::time::Duration::from_millis(20))
        .on_report(move |report| sender.lock().unwrap().send(report.clone()).unwrap());
    let client = Client::new(config).unwrap();

    client.track("signed_in").user_id("u").send();
    let report = reports.recv_timeout(LONG).unwrap();
    assert_eq!((report.endpoint(), report.events()), (Endpoint::Track, 1));
    assert_eq!(
        (report.outcome(), report.status(), report.message()),
        (ReportOutcome::Delivered, Some(200), Some("ok"))
    );
    assert_eq!(report.warnings(), ["`plan` is missing"]);

    client.identify("u").send();
    let report = reports.recv_timeout(LONG).unwrap();
    assert_eq!((report.endpoint(), report.outcome()), (Endpoint::Identify, ReportOutcome::WillRetry));
    let report = reports.recv_timeout(LONG).unwrap();
    assert_eq!(report.outcome(), ReportOutcome::Dropped(DropReason::RefusedByServer));
    assert_eq!(report.message(), Some("no such [API key]"), "a server may quote the key");

    client.track("signed_in").user_id("u").send();
    assert_eq!(reports.recv_timeout(LONG).unwrap().outcome(), ReportOutcome::Parked);
}

#[test]
fn a_panic_in_on_report_costs_nothing() {
    let local = start_with(|config| config.on_report(|_| panic!("in the user's hook")));
    local.client.track("signed_in").user_id("u").send();
    assert_eq!(local.calls().len(), 1);
    local.client.track("signed_in").user_id("u").send();
    assert_eq!(local.calls().len(), 2);
    assert_eq!(local.client.stats().rejected(Rejected::Disabled), 0);
}
