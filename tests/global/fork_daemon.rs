//! A process that forks and dies, as one does that becomes a daemon. A process of its own, since it forks.

use std::path::Path;
use std::time::{Duration, Instant};

use fork::{Fork, fork, waitpid};
use thrivestack::{Client, Config};
use thrivestack_local::{LocalKey, LocalServer};
use thrivestack_tests::{LONG, config};

fn wait_for(path: &Path) -> bool {
    let start = Instant::now();
    while !path.exists() && start.elapsed() < LONG {
        std::thread::sleep(Duration::from_millis(5));
    }
    path.exists()
}

/// Emits with a client of its own and with that of the process, forks, and leaves everything to its child. Returns its
/// status, and does not deliver anything.
fn parent(config: impl Fn() -> Config, folder: &Path) -> i32 {
    let client = Client::new(config()).unwrap();
    let guard = thrivestack::init(config()).unwrap();
    client.track("emitted_by_own").user_id(1).send_durable().wait().unwrap();
    thrivestack::track("emitted_by_global").user_id(1).send_durable().wait().unwrap();
    if let Fork::Child = fork().expect("a process more") {
        thrivestack::after_fork().unwrap();
        // It has looked for what is left, so it does not take its parent's events over itself.
        assert!(thrivestack::flush(LONG));
        std::fs::write(folder.join("lives"), "").unwrap();
        wait_for(&folder.join("end"));
        std::process::exit(0);
    }
    let status = i32::from(!wait_for(&folder.join("lives")));
    std::mem::forget((client, guard));
    status
}

#[test]
fn a_child_that_lives_on_does_not_keep_what_its_parent_left() {
    let key = LocalKey::new("test").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("spool");
    let config = || config(&server, &key).spool(&spool);
    match fork().expect("a process more") {
        Fork::Child => {
            let nowhere = || config().endpoint("http://127.0.0.1:1/api");
            std::process::exit(parent(nowhere, folder.path()));
        }
        Fork::Parent(parent) => assert_eq!(waitpid(parent).expect("it ends"), 0, "the parent's status"),
    }

    let client = Client::new(config()).unwrap();
    assert!(client.flush(LONG));
    let mut names: Vec<_> = server.calls().iter().map(|call| call.event_name().unwrap().to_owned()).collect();
    names.sort();
    let is_alive = !folder.path().join("end").exists();
    std::fs::write(folder.path().join("end"), "").unwrap();
    assert_eq!(names, ["emitted_by_global", "emitted_by_own"]);
    assert!(is_alive);
}
