//! Events that outlive their client: on disk until they are delivered.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;
use thrivestack::{Client, Config, Decision, DropReason, Durability, ErrorKind, Rejected, testing};
use thrivestack_cli::{LocalKey, LocalServer};
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

    fn config(&self) -> Config {
        config(&self.server, &self.key).spool(self.dir())
    }

    fn client(&self) -> Client {
        Client::new(self.config()).unwrap()
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

    /// What is in the spool's directory once its clients are gone.
    fn is_empty(&self) -> bool {
        self.dir().read_dir().unwrap().next().is_none()
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
    assert_eq!(
        (client.stats().accepted(), client.stats().pending()),
        (5, 5),
        "they are its own from the start"
    );
    emit(&client, 5..7);
    assert!(client.flush(LONG), "{:?}", client.stats());
    assert_eq!(case.numbers(), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!((client.stats().accepted(), client.stats().delivered()), (7, 7));
    assert!(client.shutdown());
    assert!(case.is_empty(), "{:?}", case.files());
    assert_eq!(case.client().stats().accepted(), 0);
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
    assert_eq!(case.client().stats().accepted(), 0, "they are of the new key");
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
    assert_eq!(case.client().stats().accepted(), 0, "nothing of those that live is taken over");
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

#[test]
fn a_full_spool_refuses_what_is_new_and_keeps_what_is_old() {
    let case = Case::new();
    let client = case.stranded_with(|config| config.spool_bytes(20_000));
    let mut accepted = 0;
    let refused = loop {
        let call = client.track("report_created").user_id("u").with("number", accepted);
        match call.try_send() {
            Ok(()) => accepted += 1,
            Err(reason) => break reason,
        }
    };
    assert_eq!(refused, Rejected::SpoolFull);
    assert_eq!(client.stats().refused(Rejected::SpoolFull), 1);
    let bytes: u64 = segments(&case).iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(bytes <= 20_000 && bytes > 15_000, "{bytes} bytes");
    drop(client);

    let client = Client::new(case.config().spool_bytes(20_000)).unwrap();
    assert!(client.flush(LONG));
    assert_eq!(case.numbers(), (0..accepted).collect::<Vec<_>>());
    // There is room again.
    emit(&client, accepted..accepted * 3);
    assert!(client.flush(LONG));
    assert!(client.stats().accepted() > accepted);
}

#[test]
fn more_than_memory_may_hold_waits_on_disk() {
    let case = Case::new();
    let text = "x".repeat(10_000);
    let client = case.stranded_with(|config| config.queue_bytes(100_000));
    for number in 0..100_u64 {
        client
            .track("report_created")
            .user_id("u")
            .with("number", number)
            .with("text", &text)
            .try_send()
            .unwrap();
    }
    drop(client);
    let client = Client::new(case.config().queue_bytes(100_000)).unwrap();
    assert!(client.flush(LONG), "{:?}", client.stats());
    assert_eq!(case.numbers(), (0..100).collect::<Vec<_>>());
}

#[test]
fn a_shutdown_with_more_parked_than_memory_may_hold_returns_at_once() {
    let case = Case::new();
    let server = Scripted::start_then([], Reply::status(401));
    let config = case.config().endpoint(server.endpoint()).queue_bytes(20_000).shutdown_timeout(LONG);
    let client = Client::new(config).unwrap();
    emit(&client, 0..200);
    server.wait_for(1, LONG);
    let start = Instant::now();
    assert!(!client.shutdown());
    assert!(start.elapsed() < LONG / 2);
    assert_eq!((client.stats().accepted(), client.stats().pending()), (200, 200));
    let client = case.client();
    assert!(client.flush(LONG));
    assert_eq!(case.numbers(), (0..200).collect::<Vec<_>>());
}

#[test]
fn what_is_too_old_is_dropped_and_counted() {
    let case = Case::new();
    case.leave(3);
    let left_at = SystemTime::now();
    wait_until("a few milliseconds have passed", || {
        left_at.elapsed().is_ok_and(|elapsed| elapsed > Duration::from_millis(20))
    });
    let client = Client::new(case.config().spool_max_age(Duration::from_millis(10))).unwrap();
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!((stats.accepted(), stats.dropped(DropReason::Expired)), (3, 3), "{stats:?}");
    drop(client);
    assert!(case.is_empty() && case.numbers().is_empty());
}

#[test]
fn what_a_hook_drops_is_forgotten() {
    let case = Case::new();
    case.leave(4);
    let config = case.config().before_send(|payload| {
        let number = payload.properties()["number"].as_u64();
        if number.is_some_and(|number| number % 2 == 0) { Decision::Drop } else { Decision::Send }
    });
    let client = Client::new(config).unwrap();
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!((stats.delivered(), stats.dropped(DropReason::Hook)), (2, 2));
    drop(client);
    assert_eq!(case.numbers(), [1, 3]);
    assert!(case.is_empty(), "{:?}", case.files());
}

#[test]
fn what_the_server_refuses_is_forgotten() {
    let case = Case::new();
    case.leave(1);
    let server = Scripted::start_then([], Reply::status(400));
    let client = Client::new(case.config().endpoint(server.endpoint())).unwrap();
    assert!(client.flush(LONG));
    assert_eq!(client.stats().dropped(DropReason::RefusedByServer), 1);
    drop(client);
    assert!(case.is_empty(), "{:?}", case.files());
}

#[test]
fn a_damaged_record_costs_itself_and_is_counted() {
    let case = Case::new();
    case.leave(9);
    let [segment] = &segments(&case)[..] else { panic!("one segment") };
    let mut bytes = std::fs::read(segment).unwrap();
    // In the middle of the file is the event in the middle.
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(segment, &bytes).unwrap();
    let client = case.client();
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!((stats.accepted(), stats.delivered(), stats.dropped(DropReason::Damaged)), (9, 8, 1));
    assert_eq!(case.numbers(), [0, 1, 2, 3, 5, 6, 7, 8]);
    drop(client);
    assert!(case.is_empty(), "{:?}", case.files());
}

#[test]
fn a_record_that_is_damaged_while_it_waits_costs_itself() {
    let case = Case::new();
    let client = Client::new(case.config().flush_interval(LONG)).unwrap();
    emit(&client, 0..9);
    let [segment] = &segments(&case)[..] else { panic!("one segment") };
    let mut bytes = std::fs::read(segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(segment, &bytes).unwrap();
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!((stats.accepted(), stats.delivered(), stats.dropped(DropReason::Damaged)), (9, 8, 1));
    assert_eq!(case.numbers(), [0, 1, 2, 3, 5, 6, 7, 8]);
}

#[test]
fn a_cursor_that_is_damaged_costs_nothing() {
    let case = Case::new();
    case.leave(3);
    let [segment] = &segments(&case)[..] else { panic!("one segment") };
    std::fs::write(segment.with_file_name("cursor"), b"what is this").unwrap();
    let client = case.client();
    assert!(client.flush(LONG));
    assert_eq!(case.numbers(), [0, 1, 2]);
}

#[test]
fn the_key_is_nowhere_in_it() {
    let case = Case::new();
    let client = case.stranded();
    emit(&client, 0..3);
    client.set_api_key("another-secret-key").unwrap();
    emit(&client, 3..5);
    drop(client);
    let all: Vec<u8> = case.files().iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    assert!(all.windows(14).any(|window| window == b"report_created"));
    for key in [case.key.secret(), "another-secret-key"] {
        for part in key.as_bytes().windows(8) {
            assert!(!all.windows(part.len()).any(|window| window == part));
        }
    }
}

#[cfg(unix)]
#[test]
fn its_files_are_their_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = Case::new();
    case.leave(3);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&case.dir()), 0o700);
    for file in case.files() {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        assert_eq!(mode(file.parent().unwrap()), 0o700);
    }
}

#[cfg(unix)]
#[test]
fn a_directory_that_is_not_safe_is_refused() {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let refused = |dir: PathBuf| {
        let error = Client::new(Config::new("key").endpoint(nowhere()).spool(&dir)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnusableSpool);
        assert!(error.to_string().contains(dir.to_str().unwrap()), "{error}");
        error.to_string()
    };
    std::fs::create_dir(path("target")).unwrap();
    symlink(path("target"), path("link")).unwrap();
    assert!(refused(path("link")).contains("symbolic link"));
    std::fs::write(path("file"), "").unwrap();
    assert!(refused(path("file")).contains("not a directory"));
    std::fs::create_dir(path("open")).unwrap();
    std::fs::set_permissions(path("open"), std::fs::Permissions::from_mode(0o777)).unwrap();
    assert!(refused(path("open")).contains("chmod 700"));
    refused(path("file").join("below"));
    // Only an administrator can give something away.
    std::fs::create_dir(path("foreign")).unwrap();
    if chown(path("foreign"), Some(12_345), None).is_ok() {
        assert!(refused(path("foreign")).contains("another user"));
        assert!(path("foreign").read_dir().unwrap().next().is_none());
    }
}

#[cfg(unix)]
#[test]
fn what_others_plant_in_it_is_left_alone() {
    use std::os::unix::fs::{chown, symlink};
    let case = Case::new();
    case.leave(3);
    let own = case.dir().read_dir().unwrap().next().unwrap().unwrap().path();
    let elsewhere = case.folder.path().join("elsewhere");
    std::fs::rename(&own, &elsewhere).unwrap();
    symlink(&elsewhere, &own).unwrap();
    assert_eq!(case.client().stats().accepted(), 0, "a link is not followed");
    std::fs::remove_file(&own).unwrap();
    std::fs::rename(&elsewhere, &own).unwrap();
    if chown(&own, Some(12_345), None).is_ok() {
        assert_eq!(case.client().stats().accepted(), 0, "another user's");
        chown(
            &own,
            Some(
                own.parent().unwrap().metadata().map(|of| std::os::unix::fs::MetadataExt::uid(&of)).unwrap(),
            ),
            None,
        )
        .unwrap();
    }
    assert_eq!(case.client().stats().accepted(), 3);
}

#[test]
fn events_are_counted_at_every_moment() {
    let case = Case::new();
    let server = Scripted::start((0..20).map(|number| match number % 4 {
        0 => Reply::status(200),
        1 => Reply::with_header(429, "retry-after: 0"),
        2 => Reply::status(400),
        _ => Reply::Reset,
    }));
    let config = case.config().endpoint(server.endpoint()).flush_interval(Duration::from_millis(1));
    let client = Client::new(config.max_batch_events(50)).unwrap();
    let mut looks = 0;
    std::thread::scope(|threads| {
        let sending = threads.spawn(|| emit(&client, 0..2_000));
        while !sending.is_finished() || looks < 1_000 {
            let stats = client.stats();
            assert_eq!(stats.accepted(), stats.delivered() + stats.pending() + stats.dropped_total());
            looks += 1;
        }
    });
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!((stats.accepted(), stats.pending()), (2_000, 0));
    drop(client);
    assert!(case.is_empty(), "{:?}", case.files());
}

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
    assert_eq!(local.client.stats().refused(Rejected::NotDurable), 0, "it was taken");
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

#[test]
fn a_disk_that_fails_has_events_go_through_memory_until_it_works_again() {
    let case = Case::new();
    // Small segments, so that a new one is needed soon.
    let client = Client::new(case.config().spool_bytes(80_000)).unwrap();
    let own = case.dir().read_dir().unwrap().next().unwrap().unwrap().path();
    let durable = |number: u64| {
        let call = client.track("report_created").user_id("u").with("number", number);
        call.send_durable().wait()
    };
    assert_eq!(durable(0), Ok(()));
    std::fs::remove_dir_all(&own).unwrap();
    let mut number = 1;
    while durable(number) == Ok(()) {
        number += 1;
        assert!(number < 100, "the directory is gone, and new segments are made");
    }
    assert_eq!(durable(number + 1), Err(Rejected::NotDurable));
    std::fs::create_dir(&own).unwrap();
    let start = Instant::now();
    number += 2;
    while durable(number) != Ok(()) {
        number += 1;
        assert!(start.elapsed() < LONG, "the disk is tried again");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(client.flush(LONG));
    let delivered: BTreeSet<_> = case.numbers().into_iter().collect();
    assert_eq!(delivered, (0..=number).collect(), "{:?}", client.stats());
    assert_eq!(client.stats().delivered(), number + 1);
}

#[test]
fn a_configuration_of_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = || Config::new("key").endpoint(nowhere()).spool(folder.path().join("spool"));
    for config in [config().spool_bytes(0), config().spool_max_age(Duration::ZERO)] {
        assert_eq!(Client::new(config).unwrap_err().kind(), ErrorKind::InvalidLimit);
    }
}
