//! A process that forks, with a client of the process on both sides. A process of its own, since it forks.

use std::collections::BTreeSet;
use std::time::Duration;

use fork::{Fork, fork, waitpid};
use thrivestack::Config;
use thrivestack_local::{LocalCall, LocalKey, LocalServer};
use thrivestack_tests::LONG;

#[test]
fn each_process_delivers_its_own_events_once() {
    let key = LocalKey::new("test").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().unwrap();
    let config =
        Config::new(key.secret()).endpoint(server.endpoint()).flush_interval(Duration::from_secs(3_600));
    let guard = thrivestack::init(config).unwrap();
    thrivestack::track("emitted_before").user_id(1).send();

    let process = std::process::id().to_string();
    match fork().expect("a process more") {
        Fork::Child => {
            thrivestack::after_fork().unwrap();
            thrivestack::track("emitted_by_child").user_id(1).send();
            let delivered = thrivestack::flush(LONG);
            drop(guard);
            std::process::exit(i32::from(!delivered));
        }
        Fork::Parent(child) => {
            let status = waitpid(child).expect("the child ends");
            assert_eq!(status, 0, "the child's status");
        }
    }
    assert_eq!(std::process::id().to_string(), process);

    // A child that never says that it is one ends all the same, and at once: nothing of the parent's is its own.
    match fork().expect("a process more") {
        Fork::Child => {
            let delivered = thrivestack::flush(LONG);
            drop(guard);
            std::process::exit(i32::from(delivered));
        }
        Fork::Parent(child) => assert_eq!(waitpid(child).expect("the child ends"), 0),
    }

    thrivestack::track("emitted_after").user_id(1).send();
    drop(guard);
    let calls = server.calls();
    let names: Vec<_> = calls.iter().map(|call| call.event_name().unwrap()).collect();
    assert_eq!(names, ["emitted_by_child", "emitted_before", "emitted_after"]);
    // Without the moment that an id begins with, so that they differ even in the same millisecond.
    let drawn = |call: &LocalCall| {
        let id = call.context("message_id").unwrap().to_string();
        id.rsplit_once("-7").unwrap().1.to_owned()
    };
    let ids: BTreeSet<_> = calls.iter().map(drawn).collect();
    assert_eq!(ids.len(), 3);
}
