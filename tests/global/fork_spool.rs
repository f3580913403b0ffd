//! A process that forks, with a spool on both sides. A process of its own, since it forks.

use std::time::Duration;

use fork::{Fork, fork, waitpid};
use thrivestack::Rejected;
use thrivestack_local::{LocalKey, LocalServer};
use thrivestack_tests::{LONG, config};

fn emit(name: &str) -> Result<(), Rejected> {
    thrivestack::track(name).user_id(1).send_durable().wait()
}

#[test]
fn a_forked_process_has_a_directory_of_its_own() {
    let key = LocalKey::new("test").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = config(&server, &key).flush_interval(Duration::from_secs(3_600)).spool(folder.path());
    let guard = thrivestack::init(config).unwrap();
    assert_eq!(emit("emitted_before"), Ok(()));

    match fork().expect("a process more") {
        Fork::Child => {
            thrivestack::after_fork().unwrap();
            let is_alone = thrivestack::stats().accepted() == 0;
            let is_durable = emit("emitted_by_child") == Ok(());
            let is_delivered = thrivestack::flush(LONG);
            drop(guard);
            std::process::exit(i32::from(!(is_alone && is_durable && is_delivered)));
        }
        Fork::Parent(child) => assert_eq!(waitpid(child).expect("the child ends"), 0, "the child's status"),
    }

    // A child that never says that it is one writes nothing into its parent's files.
    match fork().expect("a process more") {
        Fork::Child => {
            let is_refused = emit("emitted_by_nobody") == Err(Rejected::NotDurable);
            drop(guard);
            std::process::exit(i32::from(!is_refused));
        }
        Fork::Parent(child) => assert_eq!(waitpid(child).expect("the child ends"), 0, "the child's status"),
    }

    assert_eq!(emit("emitted_after"), Ok(()));
    drop(guard);
    let calls = server.calls();
    let names: Vec<_> = calls.iter().map(|call| call.event_name().unwrap()).collect();
    assert_eq!(names, ["emitted_by_child", "emitted_before", "emitted_after"]);
    let root = folder.path().join("thrivestack-spool");
    assert!(root.read_dir().unwrap().next().is_none(), "nothing is left");
}
