//! Bad input is refused with its reason, counted, and costs nothing else.

use std::time::Duration;

use serde::{Serialize, Serializer};
use thrivestack::{Client, Config, Rejected};

use thrivestack_tests::{LONG, start, start_with};
use thrivestack_tests::{Reply, Scripted};

#[test]
fn a_call_without_its_ids_is_refused() {
    let local = start();
    let client = &local.client;
    for (result, reason) in [
        (client.track("signed_in").try_send(), Rejected::NoUserId),
        (client.track("signed_in").user_id("").try_send(), Rejected::NoUserId),
        (client.identify("").try_send(), Rejected::NoUserId),
        (client.group("a1").group_type("Account").try_send(), Rejected::NoUserId),
        (client.group("").user_id("u1").group_type("Account").try_send(), Rejected::NoGroupId),
        (client.group("a1").user_id("u1").try_send(), Rejected::NoGroupType),
        (client.page("Homepage").try_send(), Rejected::NoUserOrSession),
        (client.page("Homepage").user_id("").session_id("").try_send(), Rejected::NoUserOrSession),
    ] {
        assert_eq!(result, Err(reason), "{reason}");
    }
    client.track("signed_in").send();
    assert_eq!(client.stats().rejected(Rejected::NoUserId), 5);
    assert_eq!(client.stats().accepted(), 0);

    client.track("signed_in").user_id("u1").group_id("a1").send();
    assert_eq!(local.only_call().user_id(), Some("u1"));
}

#[test]
fn a_context_key_with_a_method_of_its_own_is_refused() {
    let local = start();
    for key in ["user_id", "group_id", "session_id", "device_id", "source", "timestamp", "message_id"] {
        let result = local.client.track("signed_in").user_id(1).context(key, "x").try_send();
        assert_eq!(result, Err(Rejected::ReservedContextKey), "{key}");
    }
    let group = local.client.group(1).user_id(1).group_type("Account");
    assert_eq!(group.context("group_type", "Team").try_send(), Err(Rejected::ReservedContextKey));
    let track = local.client.track("signed_in").user_id(1);
    assert_eq!(track.context("group_type", "Team").try_send(), Ok(()), "it has no method on this call");
}

#[test]
fn an_event_over_two_megabytes_is_refused_alone() {
    let local = start_with(|config| config.message_ids(false));
    let event =
        |bytes: usize| local.client.track("report_created").user_id(1).with("text", "x".repeat(bytes));
    let overhead = {
        event(0).send();
        local.only_call().object().to_string().len()
    };
    // With the brackets around it, this one fills a request to the last byte.
    assert_eq!(event(2_000_000 - 2 - overhead).try_send(), Ok(()));
    assert_eq!(event(2_000_000 - 1 - overhead).try_send(), Err(Rejected::TooLarge));
    assert_eq!(local.calls().len(), 2);
    assert_eq!(local.server.requests()[1].body_bytes(), 2_000_000);
    assert_eq!(local.client.stats().rejected(Rejected::TooLarge), 1);
}

#[test]
fn a_full_queue_refuses_the_newest_and_keeps_the_oldest() {
    let server = Scripted::start_then([], Reply::Hang);
    let config = Config::new("key")
        .endpoint(server.endpoint())
        .queue_bytes(20_000)
        .flush_interval(Duration::from_millis(20))
        .shutdown_timeout(Duration::ZERO);
    let client = Client::new(config).unwrap();
    let mut accepted = 0;
    let refusal = loop {
        match client.track("report_created").user_id(accepted).with("text", "x".repeat(100)).try_send() {
            Ok(()) => accepted += 1,
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal, Rejected::QueueFull);
    assert!((50..100).contains(&accepted), "{accepted} events of some 270 bytes in 20,000");
    // What is in flight still counts: the queue is as full after the worker took everything out.
    let first = &server.wait_for(1, LONG)[0];
    assert_eq!(first.events()[0]["user_id"], "0");
    let again = client.track("report_created").user_id(0).with("text", "x".repeat(100)).try_send();
    assert_eq!(again, Err(Rejected::QueueFull));
    let stats = client.stats();
    assert_eq!(
        (stats.accepted(), stats.pending(), stats.rejected(Rejected::QueueFull)),
        (accepted, accepted, 2)
    );
}

#[test]
fn a_value_that_panics_costs_its_event_only() {
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("in the user's Serialize")
        }
    }
    impl std::fmt::Display for Panics {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("in the user's Display")
        }
    }
    let local = start();
    assert_eq!(local.client.track("a_b").user_id(1).with("x", Panics).try_send(), Err(Rejected::Panicked));
    assert_eq!(local.client.track("a_b").user_id(Panics).try_send(), Err(Rejected::Panicked));
    local.client.track("signed_in").user_id(1).send();
    assert_eq!(local.only_call().event_name(), Some("signed_in"));
    assert_eq!(local.client.stats().rejected(Rejected::Panicked), 2);
}

#[test]
fn a_client_that_is_off_says_so() {
    let local = start();
    local.client.set_enabled(false);
    assert_eq!(local.client.track("signed_in").user_id(1).try_send(), Err(Rejected::Disabled));
    local.client.set_enabled(true);
    assert_eq!(local.client.track("signed_in").user_id(1).try_send(), Ok(()));
    assert!(local.client.shutdown());
    local.client.set_enabled(true);
    assert_eq!(local.client.track("signed_in").user_id(1).try_send(), Err(Rejected::ShutDown));
    assert_eq!(local.server.calls().len(), 1);

    let disabled = Client::new(Config::new("").disabled(true)).unwrap();
    assert_eq!(disabled.track("signed_in").user_id(1).try_send(), Err(Rejected::Disabled));
}

#[test]
fn what_is_off_serializes_nothing() {
    struct Untouchable;
    impl Serialize for Untouchable {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("it was serialized")
        }
    }
    let disabled = Client::new(Config::new("").disabled(true)).unwrap();
    let result = disabled.track("a_b").user_id(1).with("x", Untouchable).context("y", Untouchable).try_send();
    assert_eq!(result, Err(Rejected::Disabled));
}

#[test]
fn every_reason_says_what_to_do() {
    for reason in [
        Rejected::NoUserId,
        Rejected::NoGroupId,
        Rejected::NoGroupType,
        Rejected::NoUserOrSession,
        Rejected::ReservedContextKey,
        Rejected::TooLarge,
        Rejected::QueueFull,
        Rejected::Panicked,
        Rejected::ShutDown,
        Rejected::Disabled,
    ] {
        let text = reason.to_string();
        assert!(text.contains(": "), "{reason:?} says what is wrong and what to do: {text}");
    }
}
