//! Who did it: scopes of sync and async code.

use std::future::Future;
use std::time::Duration;

use serde_json::json;
use thrivestack::testing::capture;
use thrivestack::{Client, Context, Rejected, track};
use thrivestack_local::LocalCall;
use thrivestack_tests::{LONG, start, start_with};

fn emit(client: &Client, event: &str) {
    client.track(event).send();
}

fn who(call: &LocalCall) -> (Option<&str>, Option<&str>) {
    (call.user_id(), call.group_id())
}

#[test]
fn a_scope_gives_what_an_event_does_not_say_itself() {
    let local =
        start_with(|config| config.message_ids(false).context("region", "default").context("plan", "free"));
    let client = &local.client;
    Context::new()
        .user_id(17)
        .group_id("acme")
        .session_id("s1")
        .device_id("d1")
        .with("region", "scope")
        .with("request_id", "r1")
        .with("group_id", "ignored")
        .in_scope(|| {
            client.track("signed_in").with("role", "admin").send();
            client.track("signed_in").user_id(18).context("region", "event").send();
            client.identify(17).send();
            client.page("Home").send();
        });
    assert_eq!(client.track("signed_in").try_send(), Err(Rejected::NoUserId), "the scope has ended");
    let calls = local.calls();
    let context = json!({
        "group_id": "acme", "session_id": "s1", "device_id": "d1", "source": "product",
        "region": "scope", "request_id": "r1", "plan": "free",
    });
    assert_eq!(calls[0].object()["context"], context);
    assert!(calls[0].object()["traits"].get("request_id").is_none());
    let tracked: Vec<_> = calls.iter().filter(|call| call.event_name().is_some()).collect();
    assert_eq!(tracked[0].object()["properties"], json!({"role": "admin"}));
    assert_eq!(tracked[0].object()["context"], context);
    assert_eq!(
        (who(tracked[1]), tracked[1].context("region")),
        ((Some("18"), Some("acme")), Some(&json!("event")))
    );
    assert_eq!(calls[3].user_id(), Some("17"));
}

#[test]
fn inner_scopes_inherit_and_override_and_end() {
    let local = start();
    let client = &local.client;
    Context::new().user_id("outer").group_id("a").with("k", 1).in_scope(|| {
        Context::new().user_id("inner").with("k", 2).in_scope(|| emit(client, "report_created"));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            Context::new().user_id("panicking").in_scope(|| panic!("in the user's code"));
        }));
        assert!(panicked.is_err());
        emit(client, "report_deleted");
    });
    let calls = local.calls();
    assert_eq!((who(&calls[0]), calls[0].context("k")), ((Some("inner"), Some("a")), Some(&json!(2))));
    assert_eq!((who(&calls[1]), calls[1].context("k")), ((Some("outer"), Some("a")), Some(&json!(1))));
}

#[test]
fn a_login_that_learns_who_the_user_is_updates_the_innermost_scope() {
    let local = start();
    let client = &local.client;
    Context::update(|_| panic!("there is no scope"));
    Context::new().session_id("s1").in_scope(|| {
        Context::update(|context| context.user_id("ada"));
        emit(client, "signed_in");
        Context::new().in_scope(|| {
            Context::update(|context| context.user_id("impersonated"));
            emit(client, "report_created");
        });
        emit(client, "report_deleted");
    });
    let calls = local.calls();
    let users: Vec<_> = calls.iter().map(|call| call.user_id().unwrap()).collect();
    assert_eq!(users, ["ada", "impersonated", "ada"]);
    assert!(calls.iter().all(|call| call.context("session_id") == Some(&json!("s1"))));
}

#[test]
fn the_events_of_a_scope_are_a_millisecond_apart_and_explicit_ones_are_left_alone() {
    let local = start();
    let client = &local.client;
    let explicit = std::time::UNIX_EPOCH + Duration::from_secs(1_785_585_600);
    Context::new().user_id(1).in_scope(|| {
        for _ in 0..10 {
            emit(client, "report_created");
            Context::new().group_id("inner").in_scope(|| emit(client, "report_created"));
        }
        client.track("report_deleted").timestamp(explicit).send();
    });
    let calls = local.calls();
    let stamps: Vec<_> = calls[..20].iter().map(|call| call.timestamp().unwrap()).collect();
    assert!(stamps.windows(2).all(|pair| pair[0] < pair[1]), "{stamps:?}");
    assert_eq!(calls[20].timestamp(), Some("2026-08-01T12:00:00.000Z"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_holds_across_awaits_threads_and_combinators() {
    let local = start();
    let client = local.client.clone();
    let in_scope = client.clone();
    Context::new()
        .user_id("u")
        .group_id("g")
        .scope(async move {
            let client = in_scope;
            tokio::task::yield_now().await;
            emit(&client, "after_await");
            let (one, two) = (client.clone(), client.clone());
            tokio::join!(
                async {
                    tokio::task::yield_now().await;
                    emit(&one, "in_join");
                },
                Context::new().user_id("v").scope(async {
                    tokio::task::yield_now().await;
                    emit(&two, "in_join_with_its_own");
                }),
            );
            tokio::select! {
                () = async { emit(&client, "in_select") } => {}
                () = std::future::pending() => {}
            }
            let spawned = client.clone();
            tokio::spawn(Context::current().scope(async move {
                tokio::task::yield_now().await;
                emit(&spawned, "in_spawn");
            }))
            .await
            .unwrap();
            let blocking = client.clone();
            let context = Context::current();
            tokio::task::spawn_blocking(move || context.in_scope(|| emit(&blocking, "in_blocking")))
                .await
                .unwrap();
            let outside = client.clone();
            let refused = tokio::spawn(async move { outside.track("outside").try_send() }).await.unwrap();
            assert_eq!(refused, Err(Rejected::NoUserId), "a bare spawn is outside");
        })
        .await;
    assert!(client.flush_async(LONG).await);
    let calls = local.server.calls();
    let seen: Vec<_> =
        calls.iter().map(|call| (call.event_name().unwrap(), call.user_id().unwrap())).collect();
    let mut expected = vec![
        ("after_await", "u"),
        ("in_join", "u"),
        ("in_join_with_its_own", "v"),
        ("in_select", "u"),
        ("in_spawn", "u"),
        ("in_blocking", "u"),
    ];
    let mut sorted = seen.clone();
    sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(sorted, expected);
    assert!(calls.iter().all(|call| call.group_id() == Some("g")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousands_of_interleaved_requests_do_not_see_each_other() {
    let local = start();
    let mut tasks = tokio::task::JoinSet::new();
    for request in 0..2_000_u32 {
        let client = local.client.clone();
        tasks.spawn(Context::new().user_id(request).scope(async move {
            for step in 0..3_u32 {
                tokio::task::yield_now().await;
                let inner = Context::new().group_id(request).with("step", step);
                inner.scope(async { client.track("report_created").with("request", request).send() }).await;
            }
            assert_eq!(client.track("report_deleted").with("request", request).try_send(), Ok(()));
        }));
    }
    while let Some(result) = tasks.join_next().await {
        result.unwrap();
    }
    assert!(local.client.flush_async(LONG).await);
    let calls = local.server.calls();
    assert_eq!(calls.len(), 8_000);
    for call in &calls {
        let request = call.property("request").unwrap().to_string();
        let group = (call.event_name() == Some("report_created")).then_some(request.as_str());
        assert_eq!(who(call), (Some(request.as_str()), group));
    }
}

/// Emits when it is dropped, as a guard does that counts what was given up.
struct GivenUp;

impl Drop for GivenUp {
    fn drop(&mut self) {
        track!("upload_aborted");
    }
}

#[test]
fn what_a_future_that_is_given_up_emits_is_in_its_scope() {
    let events = capture();
    for polls in [0, 1] {
        let guard = GivenUp;
        let mut future = Box::pin(Context::new().user_id("ada").group_id("acme").scope(async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        }));
        let mut waker = std::task::Context::from_waker(std::task::Waker::noop());
        for _ in 0..polls {
            assert!(future.as_mut().poll(&mut waker).is_pending());
        }
        drop(future);
        events.assert_tracked("upload_aborted").user_id("ada").group_id("acme").once();
        assert_eq!(thrivestack::track("outside").try_send(), Err(Rejected::NoUserId));
        events.clear();
    }
    // The same for a capture: the one that is current where the future is dropped does not see it.
    let other = capture();
    let guard = GivenUp;
    drop(events.scope(async move {
        let _guard = guard;
    }));
    other.assert_nothing();
    assert_eq!(events.refused().len(), 1);
}

struct Panics;

impl std::fmt::Display for Panics {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("in the user's code")
    }
}

#[test]
fn an_id_that_panics_is_a_missing_one() {
    let events = capture();
    Context::new().user_id("ada").group_id("acme").in_scope(|| {
        Context::new().group_id(Panics).maybe_user_id(None::<u64>).in_scope(|| track!("signed_in"));
        Context::update(|context| context.maybe_group_id(None::<u64>));
        track!("signed_out");
    });
    events.assert_tracked("signed_in").user_id("ada").group_id("acme");
    assert_eq!(events.assert_tracked("signed_out").user_id("ada").once().group_id(), None);
}

#[test]
fn a_scope_needs_no_runtime_and_keeps_a_future_send() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let local = start();
    let client = local.client.clone();
    let future = is_send(Context::new().user_id(1).scope(async move { emit(&client, "signed_in") }));
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_ready());
    assert_eq!(local.only_call().user_id(), Some("1"));
}
