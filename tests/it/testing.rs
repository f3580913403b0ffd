//! Captures: what a test sees of what it emits, and what others do not see of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use serde_json::json;
use thrivestack::testing::{Capture, capture, capture_with};
use thrivestack::{Client, Config, Context, Endpoint, Event, Group, Identify, Rejected, track, track_event};
use thrivestack_tests::start_with;

#[track_event("invite_sent", user_id = inviter, group_id = "acme",
    properties(invitee_email = email, invite_id = |invite| *invite))]
fn send_invite(inviter: u64, email: &str) -> Result<u32, &'static str> {
    if email.contains('@') { Ok(7) } else { Err("not an e-mail address") }
}

#[track_event("report_created", user_id = number, properties(number))]
async fn create_report(number: u32) -> Option<u32> {
    tokio::task::yield_now().await;
    Some(number)
}

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    #[identify(rename = "user_email")]
    email: &'static str,
    phone: Option<&'static str>,
}

#[derive(Group)]
#[group(group_type = "Account")]
struct Account {
    #[group(group_id)]
    id: &'static str,
    account_name: &'static str,
}

#[derive(Event)]
#[event("feature_used")]
struct Exported {
    feature_name: &'static str,
}

/// The message that a failed assertion panics with.
fn failure(assert: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assert)).expect_err("the assertion should have failed");
    panic.downcast_ref::<String>().expect("a formatted message").clone()
}

fn number(events: &Capture) -> u32 {
    let event = events.assert_tracked("report_created").once();
    assert_eq!(events.all().len(), 1);
    event.property("number").and_then(serde_json::Value::as_u64).unwrap() as u32
}

#[test]
fn functions_statements_derives_builders_and_contexts_are_captured_without_a_client() {
    let events = capture();
    assert!(thrivestack::is_enabled());
    send_invite(1, "nobody").unwrap_err();
    events.assert_nothing();
    send_invite(1, "b@example.com").unwrap();
    track!("signed_out", user_id = 1, group_id = "acme");
    Context::new().user_id(2).group_id("g").session_id("s").with("request_id", "r").in_scope(|| {
        User { id: 2, email: "c@example.com", phone: None }.identify();
        Account { id: "g", account_name: "Acme" }.group();
        Exported { feature_name: "report_exported" }.track();
        thrivestack::page("Home").with("page_url", "/").send();
    });

    events.assert_order(["invite_sent", "signed_out", "identify", "group", "feature_used", "Home"]);
    let invite = events
        .assert_tracked("invite_sent")
        .user_id(1)
        .group_id("acme")
        .with("invitee_email", "b@example.com")
        .with("invite_id", 7)
        .without("invitee_role")
        .context("source", "product")
        .once();
    assert_eq!((invite.endpoint(), invite.name()), (Endpoint::Track, "invite_sent"));
    assert_eq!(
        json!(invite.object()),
        json!({
            "event_name": "invite_sent", "user_id": "1",
            "properties": {"invitee_email": "b@example.com", "invite_id": 7},
            "context": {"group_id": "acme", "source": "product"},
            "timestamp": invite.timestamp(),
        })
    );
    events.assert_identified(2).with("user_email", "c@example.com").with("phone", None::<&str>);
    events.assert_grouped("g").user_id(2).with("account_name", "Acme").with("group_type", "Account");
    events.assert_tracked("feature_used").session_id("s").context("request_id", "r");
    events.assert_paged("Home").with("page_url", "/");
    let all = events.all();
    assert!(all[2..].windows(2).all(|pair| pair[0].timestamp() < pair[1].timestamp()));

    events.clear();
    events.assert_nothing();
    drop(events);
    assert!(!thrivestack::is_enabled());
    assert_eq!(thrivestack::track("signed_out").user_id(1).try_send(), Err(Rejected::Disabled));
}

#[test]
fn a_refused_call_is_captured_with_its_reason() {
    let events = capture();
    track!("report_created", properties(pages = 3));
    assert_eq!(thrivestack::group("g").user_id(1).try_send(), Err(Rejected::NoGroupType));
    assert!(events.all().is_empty());
    let refused = events.refused();
    assert_eq!((refused[0].name(), refused[0].reason()), ("report_created", Rejected::NoUserId));
    assert_eq!((refused[1].endpoint(), refused[1].reason()), (Endpoint::Group, Rejected::NoGroupType));
    let message = failure(|| events.assert_nothing());
    assert!(message.contains("refused:\n  1. track `report_created`: the call has no user id"), "{message}");
    failure(|| events.assert_order([]));
}

#[test]
fn a_user_who_cannot_be_told_is_a_missing_one_and_the_event_keeps_its_name() {
    struct Untold(bool);
    impl std::fmt::Display for Untold {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a part of it")?;
            if self.0 { panic!("in the user's Display") } else { Err(std::fmt::Error) }
        }
    }
    const CREATED: &str = "report_created";
    let events = capture();
    Context::new().user_id("ada").in_scope(|| {
        track!("report_created", user_id = "", properties(format = "pdf", pages = 3));
        track!("report_created", user_id = Untold(false), group_id = "acme");
        track!(CREATED, user_id = None::<u64>, properties(pages = 3));
        track!("report_created", user_id = Untold(true), properties(pages = 3));
    });
    track!("report_created", user_id = "", properties(pages = 3));
    let all = events.all();
    assert!(all.iter().all(|event| event.name() == "report_created" && event.user_id() == Some("ada")));
    let properties: Vec<_> = all.iter().map(|event| event.object()["properties"].clone()).collect();
    assert_eq!(properties, [json!({ "format": "pdf", "pages": 3 }), json!({}), json!({ "pages": 3 })]);
    let refused: Vec<_> =
        events.refused().iter().map(|call| (call.name().to_owned(), call.reason())).collect();
    assert_eq!(
        refused,
        [
            ("report_created".to_owned(), Rejected::Panicked),
            ("report_created".to_owned(), Rejected::NoUserId)
        ]
    );
}

#[test]
fn a_failed_assertion_says_what_was_emitted_instead() {
    let events = capture();
    send_invite(1, "b@example.com").unwrap();
    send_invite(2, "b@example.com").unwrap();
    let message =
        failure(|| drop(events.assert_tracked("invite_sent").with("invitee_email", "x@example.com")));
    assert!(
        message.starts_with(
            "not captured: event `invite_sent` with `invitee_email` \"x@example.com\"\ncaptured:\n  1. track `invite_sent` {"
        ),
        "{message}"
    );
    assert!(message.contains("b@example.com"), "{message}");
    let message = failure(|| drop(events.assert_tracked("invite_sent").once()));
    assert!(message.starts_with("captured 2 times: event `invite_sent`\n"), "{message}");
    failure(|| drop(events.assert_tracked("invite_sent").with("invitee_email", "b@example.com").user_id(3)));
    failure(|| drop(events.assert_tracked("invite_sent").without("invite_id")));
    failure(|| drop(events.assert_tracked("invite_sent").context("source", "marketing")));
    failure(|| drop(events.assert_identified(1)));
    failure(|| events.assert_order(["invite_sent"]));
    failure(|| events.assert_nothing());
    events.clear();
    assert_eq!(
        failure(|| drop(events.assert_tracked("invite_sent"))),
        "not captured: event `invite_sent`\nnothing was captured"
    );
}

#[test]
fn what_is_chained_has_to_hold_for_one_and_the_same_event() {
    let events = capture();
    send_invite(1, "one@example.com").unwrap();
    send_invite(2, "two@example.com").unwrap();
    events.assert_tracked("invite_sent").user_id(2).with("invitee_email", "two@example.com");
    failure(|| {
        drop(events.assert_tracked("invite_sent").user_id(1).with("invitee_email", "two@example.com"));
    });
}

#[test]
fn an_explicit_client_gives_its_settings_and_its_switch_and_sends_nothing() {
    let local = start_with(|config| config.eu_compliance(true).source("marketing").context("region", "eu"));
    let disabled = Client::new(Config::new("").disabled(true)).unwrap();
    let events = capture();
    local.client.identify(1).with("user_email", "a@example.com").send();
    events.assert_identified(1).without("user_email").context("source", "marketing").context("region", "eu");
    local.client.send(thrivestack::track("signed_out").user_id(1));
    events.assert_tracked("signed_out").context("source", "marketing");

    // A client that the configuration turned off is what a test gives to code that wants one.
    assert!(disabled.is_enabled());
    track!("signed_in", user_id = 1, client = disabled);
    disabled.track("signed_out").user_id(2).send();
    events.assert_tracked("signed_in").context("source", "product");
    events.assert_tracked("signed_out").user_id(2);

    // One that was switched off has someone's consent to respect.
    local.client.set_enabled(false);
    events.clear();
    track!("signed_in", user_id = 1, client = local.client);
    events.assert_nothing();
    assert_eq!(local.client.track("signed_in").user_id(1).try_send(), Err(Rejected::Disabled));

    drop(events);
    assert!(!disabled.is_enabled());
    assert_eq!(local.client.stats().accepted(), 0);
    assert!(local.calls().is_empty());
}

#[test]
fn a_capture_takes_the_settings_that_it_is_given() {
    let config = Config::new("").source("marketing").context("region", "eu").eu_compliance(true);
    let events = capture_with(&config);
    User { id: 2, email: "c@example.com", phone: Some("1") }.identify();
    events
        .assert_identified(2)
        .without("user_email")
        .with("phone", "1")
        .context("region", "eu")
        .context("source", "marketing");
}

#[test]
fn the_latest_capture_of_a_thread_takes_until_it_is_dropped() {
    let outer = capture();
    let inner = capture();
    track!("signed_in", user_id = 1);
    inner.assert_order(["signed_in"]);
    drop(inner);
    track!("signed_out", user_id = 1);
    let first = capture();
    let second = capture();
    drop(first);
    track!("report_created", user_id = 1);
    second.assert_order(["report_created"]);
    std::thread::spawn(move || drop(second)).join().unwrap();
    track!("report_deleted", user_id = 1);
    outer.assert_order(["signed_out", "report_deleted"]);
}

#[test]
fn a_panic_in_a_scope_ends_it() {
    let (events, other) = (capture(), capture());
    let panicked = catch_unwind(AssertUnwindSafe(|| events.in_scope(|| panic!("in the user's code"))));
    assert!(panicked.is_err());
    track!("signed_in", user_id = 1);
    other.assert_order(["signed_in"]);
    events.assert_nothing();
}

#[test]
fn thousands_of_captures_on_parallel_threads_see_their_own_events_only() {
    std::thread::scope(|threads| {
        for thread in 0..8_u32 {
            threads.spawn(move || {
                for turn in 0..1_000 {
                    let mine = thread * 1_000 + turn;
                    let events = capture();
                    track!("report_created", user_id = mine, properties(number = mine));
                    std::thread::yield_now();
                    assert_eq!(number(&events), mine);
                }
            });
        }
        // A thread that captures nothing is asked nothing.
        threads.spawn(|| {
            for _ in 0..1_000 {
                assert!(!thrivestack::is_enabled());
                std::thread::yield_now();
            }
        });
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousands_of_captures_in_interleaved_tasks_see_their_own_events_only() {
    let mut tasks = tokio::task::JoinSet::new();
    for mine in 0..4_000_u32 {
        tasks.spawn(async move {
            let events = capture();
            events
                .scope(async {
                    tokio::task::yield_now().await;
                    assert_eq!(create_report(mine).await, Some(mine));
                })
                .await;
            assert_eq!(number(&events), mine);
        });
    }
    while let Some(result) = tasks.join_next().await {
        result.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_takes_the_capture_along() {
    let events = capture();
    let request = Context::new().user_id(9).scope(async {
        tokio::spawn(Context::current().scope(async { track!("in_task") })).await.unwrap();
        let context = Context::current();
        tokio::task::spawn_blocking(move || context.in_scope(|| track!("in_blocking"))).await.unwrap();
    });
    tokio::spawn(request).await.unwrap();
    tokio::spawn(Context::current().scope(async { track!("without_a_scope", user_id = 9) })).await.unwrap();
    tokio::spawn(async { track!("outside", user_id = 9) }).await.unwrap();
    events.assert_order(["in_task", "in_blocking", "without_a_scope"]);
    assert!(events.all().iter().all(|event| event.user_id() == Some("9")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_that_outlives_its_capture_is_seen_by_nobody() {
    let (release, wait) = tokio::sync::oneshot::channel::<()>();
    let events = capture();
    let late = events.scope(async {
        let _ = wait.await;
        track!("report_created", user_id = 1);
    });
    drop(events);
    let other = capture();
    release.send(()).unwrap();
    late.await;
    other.assert_nothing();
    assert!(thrivestack::flush_async(Duration::from_secs(1)).await);
}
