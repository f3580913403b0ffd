//! Captures beside the client of the process. One test, since there is one client.

use std::sync::Barrier;
use std::thread;

use thrivestack::testing::capture;
use thrivestack::{Config, Context, Rejected, track, track_event};
use thrivestack_local::{LocalKey, LocalServer};
use thrivestack_tests::LONG;

#[track_event("report_created", user_id = number, group_id = "acme")]
fn create_report(number: u32) {}

#[test]
fn a_capture_takes_what_its_thread_emits_and_the_client_the_rest() {
    // Builders and contexts that were begun without anyone to listen are harmless later.
    let early = thrivestack::track("report_created").user_id(1);
    let context = Context::new().user_id(1);

    let key = LocalKey::new("test").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().unwrap();
    let config =
        Config::new(key.secret()).endpoint(server.endpoint()).source("marketing").eu_compliance(true);
    let guard = thrivestack::init(config).unwrap();

    let emitting = Barrier::new(2);
    thread::scope(|threads| {
        threads.spawn(|| {
            let events = capture();
            assert_eq!(early.try_send(), Err(Rejected::Disabled));
            emitting.wait();
            for number in 0..1_000 {
                create_report(number);
            }
            emitting.wait();
            context.in_scope(|| track!("signed_in", user_id = 1));
            assert_eq!(events.all().len(), 1_001);
            // What one test configures is not seen by another.
            thrivestack::identify(1).with("user_email", "ada@example.com").send();
            events.assert_identified(1).with("user_email", "ada@example.com").context("source", "product");

            // Consent and the end of the client of the process are those of all tests, so a capture ignores them.
            thrivestack::set_enabled(false);
            assert!(thrivestack::is_enabled());
            events.clear();
            create_report(1);
            events.assert_tracked("report_created").once();
            drop(events);
            assert!(!thrivestack::is_enabled());
            thrivestack::set_enabled(true);
        });
        emitting.wait();
        for number in 1_000..2_000 {
            create_report(number);
        }
        emitting.wait();
    });
    assert!(thrivestack::flush(LONG));
    let calls = server.calls();
    assert_eq!(calls.len(), 1_000);
    for (number, call) in (1_000..).zip(&calls) {
        assert_eq!(call.user_id(), Some(number.to_string().as_str()));
    }
    drop(guard);

    let events = capture();
    create_report(8);
    events.assert_tracked("report_created").user_id(8);
    drop(events);
    create_report(9);
    assert_eq!(thrivestack::stats().accepted(), 1_000);
}
