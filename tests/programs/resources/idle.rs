//! Clients that have nothing to do but wait: for events, for a server, for a key, for an answer.

use std::time::Duration;

use thrivestack::{Client, Config};
use thrivestack_tests::{LONG, Reply, Scripted};

const MEASURED: Duration = Duration::from_secs(3);

/// The time that this process's threads were running so far.
fn busy() -> Duration {
    let mut total = 0;
    for task in std::fs::read_dir("/proc/self/task").expect("a Linux system") {
        let statistics = std::fs::read_to_string(task.unwrap().path().join("schedstat")).unwrap_or_default();
        total += statistics.split(' ').next().and_then(|time| time.parse::<u64>().ok()).unwrap_or_default();
    }
    Duration::from_nanos(total)
}

pub(crate) fn workers_wait() {
    let servers = [
        Scripted::start([]),
        Scripted::start_then([], Reply::with_header(503, "retry-after: 60")),
        Scripted::start_then([], Reply::status(401)),
        Scripted::start_then([], Reply::Hang),
    ];
    let clients = servers.each_ref().map(|server| {
        let client = Client::new(Config::new("key").endpoint(server.endpoint())).unwrap();
        client.track("signed_in").user_id("u").send();
        server.wait_for(1, LONG);
        client
    });
    assert!(clients[0].flush(LONG));
    // A flush and a full queue are no reason to hurry either.
    for client in &clients[1..] {
        assert!(!client.flush(Duration::from_millis(100)));
        for _ in 0..2_000 {
            client.track("signed_in").user_id("u").send();
        }
    }
    let before = busy();
    // This is the measurement: nothing is waited for.
    std::thread::sleep(MEASURED);
    let taken = busy() - before;
    println!("{taken:?} of {MEASURED:?} by {} clients", clients.len());
    assert!(taken < MEASURED / 100, "{taken:?} of {MEASURED:?}");
}
