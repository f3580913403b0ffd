//! What the crate says of a spool. A process of its own, since the subscriber is the process's.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use thrivestack::{Client, Config, Rejected};
use thrivestack_tests::{LONG, Listener, Reply, Scripted, is_ours, message};

/// Keeps the messages.
#[derive(Clone, Default)]
struct Messages(Arc<Mutex<Vec<String>>>);

impl Messages {
    /// Keeps what the crate says from here on. The worker logs from a thread of its own, so only a subscriber of the whole
    /// process hears it.
    fn listen() -> Self {
        let messages = Self::default();
        let kept = messages.clone();
        let listener = Listener(move |event: &tracing::Event<'_>| {
            if is_ours(event) {
                kept.0.lock().unwrap().push(message(event));
            }
        });
        tracing::subscriber::set_global_default(listener).unwrap();
        messages
    }

    fn count(&self, part: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|message| message.contains(part)).count()
    }

    fn wait_for(&self, part: &str) {
        let start = Instant::now();
        while self.count(part) == 0 {
            assert!(start.elapsed() < LONG, "nobody said {part:?}: {:?}", self.0.lock().unwrap());
            std::thread::yield_now();
        }
    }
}

fn config(server: &Scripted, dir: &Path, key: &str) -> Config {
    Config::new(key)
        .endpoint(server.endpoint())
        .flush_interval(Duration::from_millis(10))
        .shutdown_timeout(Duration::ZERO)
        .spool(dir)
}

/// Emits until it is said that the event was taken in this way.
fn emit_until(client: &Client, expected: Result<(), Rejected>) {
    let start = Instant::now();
    while client.track("report_created").user_id("u").send_durable().wait() != expected {
        assert!(start.elapsed() < LONG, "never {expected:?}");
        std::thread::yield_now();
    }
}

#[test]
fn a_spool_says_once_what_happens_to_it() {
    let messages = Messages::listen();
    let folder = tempfile::tempdir().unwrap();
    let down = Scripted::start_then([], Reply::status(503));
    let up = Scripted::start([]);

    // Two events of one key.
    let client = Client::new(config(&down, folder.path(), "one")).unwrap();
    emit_until(&client, Ok(()));
    emit_until(&client, Ok(()));
    drop(client);

    // A client with another one looks for them at its start, and whenever its key changes.
    let client = Client::new(config(&up, folder.path(), "two")).unwrap();
    messages.wait_for("wait: for a process with the API key");
    client.set_api_key("three").unwrap();
    emit_until(&client, Ok(()));
    assert!(client.flush(LONG));
    drop(client);
    assert_eq!(messages.count("wait: for a process with the API key"), 1);

    let client = Client::new(config(&up, folder.path(), "one").spool_bytes(80_000)).unwrap();
    messages.wait_for("events of an earlier process are delivered now");
    assert!(client.flush(LONG));
    assert_eq!(client.stats().delivered(), 2);

    // Its directory disappears, and comes back.
    let own = folder.path().join("thrivestack-spool").read_dir().unwrap().next().unwrap().unwrap().path();
    std::fs::remove_dir_all(&own).unwrap();
    emit_until(&client, Err(Rejected::NotDurable));
    emit_until(&client, Err(Rejected::NotDurable));
    messages.wait_for("the spool's disk fails");
    std::fs::create_dir(&own).unwrap();
    emit_until(&client, Ok(()));
    messages.wait_for("the spool's disk works again");
    assert_eq!(messages.count("the spool's disk fails"), 1);
    assert!(client.flush(LONG));
    drop(client);

    // Nothing is delivered, and there is no room for what comes.
    let client = Client::new(config(&down, folder.path(), "one").spool_bytes(2_000)).unwrap();
    emit_until(&client, Err(Rejected::SpoolFull));
    messages.wait_for("the spool is full");
    emit_until(&client, Err(Rejected::SpoolFull));
    down.wait_for(2, LONG);
    assert_eq!(messages.count("the spool is full"), 1);
}
