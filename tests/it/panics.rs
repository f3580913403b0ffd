//! Panics of the host whose payload panics once more when it is dropped.

use std::fmt;

use serde::{Serialize, Serializer};
use thrivestack::{Context, DropReason, Rejected};
use thrivestack_tests::{explode, start, start_with};

struct Value;

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        explode()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        explode()
    }
}

#[test]
fn a_payload_that_panics_in_a_value_never_reaches_the_caller() {
    let local = start();
    let call = || local.client.track("signed_in").user_id("u");
    assert_eq!(call().with("value", Value).try_send(), Err(Rejected::Panicked));
    assert_eq!(call().group_id(Value).try_send(), Err(Rejected::Panicked));
    assert_eq!(call().context("value", Value).try_send(), Err(Rejected::Panicked));
    let sent = Context::new().user_id(Value).with("value", Value).in_scope(|| call().try_send());
    assert_eq!(sent, Ok(()));
    assert_eq!(local.calls().len(), 1);
}

#[test]
fn a_payload_that_panics_in_before_send_costs_that_event() {
    let local = start_with(|config| {
        config.before_send(|event| {
            if event.user_id() == Some("bad") {
                explode();
            }
            thrivestack::Decision::Send
        })
    });
    for user in ["bad", "good"] {
        local.client.track("signed_in").user_id(user).send();
        assert!(local.client.flush(thrivestack_tests::LONG));
    }
    assert_eq!(local.calls().len(), 1);
    assert_eq!(local.client.stats().dropped(DropReason::HookPanicked), 1);
}

#[test]
fn a_payload_that_panics_in_on_report_costs_nothing() {
    let local = start_with(|config| config.on_report(|_| explode()));
    for count in 1..=2 {
        local.client.track("signed_in").user_id("u").send();
        assert_eq!(local.calls().len(), count);
    }
}
