//! Events that outlive their client: on disk until they are delivered.

mod bounds;
mod durable;
mod files;
mod safety;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;
use thrivestack::{Client, Config, Decision, DropReason, Durability, ErrorKind, Rejected, testing};
use thrivestack_local::{LocalKey, LocalServer};
use thrivestack_tests::{LONG, Reply, Scripted, block_on, config, start};

/// A server with a key, and a directory for a spool.
struct Case {
    server: LocalServer,
    key: LocalKey,
    folder: TempDir,
}

impl Case {
    fn new() -> Self {
        let key = LocalKey::new("test").scope("telemetry_apis");
        let server = LocalServer::builder().key(key.clone()).start().unwrap();
        Self { server, key, folder: tempfile::tempdir().unwrap() }
    }

    /// The spool's directory, which the first client makes.
    fn dir(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    /// Where the clients have their directories.
    fn root(&self) -> PathBuf {
        self.dir().join("thrivestack-spool")
    }

    /// The directory of the only client.
    fn only(&self) -> PathBuf {
        let mut dirs = self.root().read_dir().unwrap();
        let only = dirs.next().unwrap().unwrap().path();
        assert!(dirs.next().is_none());
        only
    }

    fn config(&self) -> Config {
        config(&self.server, &self.key).spool(self.dir())
    }

    fn client(&self) -> Client {
        Client::new(self.config()).unwrap()
    }

    /// Lets another client deliver the events that it finds, and returns their number.
    fn taken_over(&self) -> u64 {
        let client = self.client();
        assert!(client.flush(LONG));
        client.stats().accepted()
    }

    /// A client with the same key and directory whose server cannot be reached, and which does not wait for it at the end.
    fn stranded(&self) -> Client {
        self.stranded_with(|config| config)
    }

    fn stranded_with(&self, configure: impl FnOnce(Config) -> Config) -> Client {
        let config = self.config().endpoint(nowhere()).shutdown_timeout(Duration::ZERO);
        Client::new(configure(config)).unwrap()
    }

    /// Has a client that is gone leave so many events.
    fn leave(&self, events: u64) {
        let client = self.stranded();
        emit(&client, 0..events);
        assert!(!client.shutdown());
        let stats = client.stats();
        assert_eq!((stats.accepted(), stats.pending(), stats.dropped_total()), (events, events, 0));
    }

    fn numbers(&self) -> Vec<u64> {
        self.server.calls().iter().map(|call| call.property("number").unwrap().as_u64().unwrap()).collect()
    }

    /// The files below the spool's directory.
    fn files(&self) -> Vec<PathBuf> {
        files(&self.dir())
    }

    /// Returns whether the clients that are gone have left nothing.
    fn is_empty(&self) -> bool {
        self.root().read_dir().unwrap().next().is_none()
    }
}

/// An address at which nobody listens.
fn nowhere() -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}/api")
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in dir.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn segments(case: &Case) -> Vec<PathBuf> {
    let mut segments = case.files();
    segments.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    segments.sort();
    segments
}

fn emit(client: &Client, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        client.track("report_created").user_id("u").with("number", number).send();
    }
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LONG, "not so yet: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn what_a_client_leaves_is_delivered_by_the_next_one() {
    let case = Case::new();
    case.leave(5);
    let client = case.client();
    wait_until("they are taken over", || client.stats().accepted() == 5);
    emit(&client, 5..7);
    assert!(client.flush(LONG), "{:?}", client.stats());
    assert_eq!(case.numbers(), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!((client.stats().accepted(), client.stats().delivered()), (7, 7));
    assert!(client.shutdown());
    assert!(case.is_empty(), "{:?}", case.files());
    assert_eq!(case.taken_over(), 0);
}

#[test]
fn a_client_that_delivers_leaves_nothing() {
    let case = Case::new();
    let client = case.client();
    emit(&client, 0..2_500);
    drop(client);
    assert_eq!(case.numbers(), (0..2_500).collect::<Vec<_>>());
    assert!(case.is_empty(), "{:?}", case.files());
}

#[test]
fn what_was_delivered_is_not_sent_by_the_next_one() {
    let case = Case::new();
    // It takes the first request and no other.
    let server = Scripted::start_then([Reply::status(200)], Reply::status(503));
    let client = case.stranded_with(|config| config.endpoint(server.endpoint()));
    emit(&client, 0..10);
    assert!(client.flush(LONG));
    emit(&client, 10..20);
    server.wait_for(2, LONG);
    assert!(!client.shutdown());
    assert_eq!((client.stats().delivered(), client.stats().pending()), (10, 10));
    let client = case.client();
    assert!(client.flush(LONG));
    assert_eq!(case.numbers(), (10..20).collect::<Vec<_>>());
}

#[test]
fn one_key_never_delivers_what_another_has_left() {
    let case = Case::new();
    let other = LocalKey::new("other").scope("telemetry_apis");
    let server = LocalServer::builder().key(case.key.clone()).key(other.clone()).start().unwrap();
    case.leave(3);
    let client = Client::new(config(&server, &other).spool(case.dir())).unwrap();
    emit(&client, [7]);
    assert!(client.flush(LONG));
    assert_eq!((client.stats().accepted(), server.calls().len()), (1, 1));

    // The host vouches for the key that it gives, also where it is the one that was waited for.
    client.set_api_key(case.key.secret()).unwrap();
    wait_until("the events are taken over", || client.stats().accepted() == 4);
    assert!(client.flush(LONG));
    assert_eq!(server.calls().len(), 4);
    drop(client);
    assert!(case.is_empty(), "{:?}", case.files());
}

#[test]
fn what_waits_for_a_rotated_key_goes_with_the_new_one() {
    let case = Case::new();
    let server = Scripted::start_then([], Reply::status(401));
    let client = case.stranded_with(|config| config.endpoint(server.endpoint()));
    emit(&client, 0..3);
    server.wait_for(1, LONG);
    client.set_api_key("rotated").unwrap();
    drop(client);
    assert_eq!(case.taken_over(), 0, "they are of the new key");
    let taken = Scripted::start([]);
    let client = Client::new(Config::new("rotated").endpoint(taken.endpoint()).spool(case.dir())).unwrap();
    assert!(client.flush(LONG));
    assert_eq!(client.stats().delivered(), 3);
}

#[test]
fn eight_clients_share_a_directory() {
    let case = Case::new();
    let numbers = |client: u64| client * 100..client * 100 + 50;
    let stranded: Vec<_> = (0..8).map(|_| case.stranded()).collect();
    std::thread::scope(|threads| {
        for (client, index) in stranded.iter().zip(0..) {
            threads.spawn(move || emit(client, numbers(index)));
        }
    });
    assert_eq!(case.taken_over(), 0, "nothing of those that live is taken over");
    // Half of them end at once; the others while their successors look for what they may take.
    let clients: Vec<_> = std::thread::scope(|threads| {
        let ending: Vec<_> = stranded.into_iter().map(|client| threads.spawn(move || drop(client))).collect();
        ending.into_iter().for_each(|thread| thread.join().unwrap());
        let starting: Vec<_> = (0..8).map(|_| threads.spawn(|| case.client())).collect();
        starting.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for client in &clients {
        assert!(client.flush(LONG));
    }
    let accepted: u64 = clients.iter().map(|client| client.stats().accepted()).sum();
    assert_eq!(accepted, 400);
    drop(clients);
    let mut delivered = case.numbers();
    delivered.sort_unstable();
    assert_eq!(delivered, (0..8).flat_map(numbers).collect::<Vec<_>>());
    assert!(case.is_empty(), "{:?}", case.files());
}
