//! When an event is on disk.

use super::*;

#[test]
fn word_is_given_when_an_event_is_on_disk() {
    for durability in [Durability::Process, Durability::Disk] {
        let case = Case::new();
        let client = case.stranded_with(|config| config.durability(durability));
        let call = |number: u64| client.track("report_created").user_id("u").with("number", number);
        assert_eq!(call(0).send_durable().wait(), Ok(()));
        assert_eq!(block_on(call(1).send_durable()), Ok(()));
        assert_eq!(client.send_durable(call(2)).wait(), Ok(()));
        drop(call(3).send_durable());
        let many: Vec<_> = (4..100).map(|number| call(number).send_durable()).collect();
        assert!(many.into_iter().all(|durable| durable.wait() == Ok(())));
        assert_eq!(client.track("report_created").send_durable().wait(), Err(Rejected::NoUserId));
        drop(client);
        let client = case.client();
        assert!(client.flush(LONG));
        assert_eq!(case.numbers(), (0..100).collect::<Vec<_>>(), "{durability:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn word_is_given_inside_a_runtime() {
    let case = Case::new();
    let client = case.stranded_with(|config| config.durability(Durability::Disk));
    let call = || client.track("report_created").user_id("u");
    assert_eq!(call().send_durable().await, Ok(()));
    assert_eq!(call().send_durable().wait(), Ok(()), "it needs nothing of the runtime that it blocks");
}

#[test]
fn without_a_spool_an_event_is_taken_in_memory_and_that_is_said() {
    let local = start();
    let call = || local.client.track("signed_in").user_id("u");
    assert_eq!(call().send_durable().wait(), Err(Rejected::NotDurable));
    assert_eq!(local.calls().len(), 1);
    assert_eq!(local.client.stats().rejected(Rejected::NotDurable), 0, "it was taken");
    let disabled = Client::new(Config::new("").disabled(true)).unwrap();
    assert_eq!(disabled.track("signed_in").user_id("u").send_durable().wait(), Err(Rejected::Disabled));
}

#[test]
fn a_capture_takes_durable_events_too() {
    let events = testing::capture();
    assert_eq!(thrivestack::track("signed_in").user_id("u").send_durable().wait(), Ok(()));
    assert_eq!(thrivestack::track("signed_in").send_durable().wait(), Err(Rejected::NoUserId));
    events.assert_tracked("signed_in").user_id("u");
}
