//! Clients whose disk is slow or does not answer any more, and what a start costs.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::watched::Watched;
use super::{Spool, SpoolSettings};
use crate::client::Client;
use crate::config::{Config, Durability};
use crate::limits::Limits;
use crate::queue::Queue;

const DEADLINE: Duration = Duration::from_millis(300);
/// A call to a disk that does not answer waits for ever, so a machine may be as slow as it is.
const LONG: Duration = Duration::from_secs(30);
const NOWHERE: &str = "http://127.0.0.1:1/api";

fn config(dir: &Path, endpoint: &str) -> Config {
    Config::new("key").endpoint(endpoint).spool(dir).shutdown_timeout(DEADLINE)
}

fn emit(client: &Client) {
    client.track("report_created").user_id("u").try_send().unwrap();
}

/// A server that takes everything.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = vec![0; 1 << 20];
            // A request of a few events comes at once.
            while stream.read(&mut bytes).is_ok_and(|len| len > 0) {
                if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").is_err() {
                    break;
                }
            }
        }
    });
    format!("http://{address}/api")
}

/// Everything that ends at a deadline does, though the disk does not answer.
fn assert_deadlines_hold(client: Client, disk: &Watched) {
    let start = Instant::now();
    assert!(!client.flush(DEADLINE));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(!runtime.block_on(client.flush_async(DEADLINE)));
    client.set_api_key("another").unwrap();
    assert!(!client.shutdown());
    let stats = client.stats();
    assert_eq!(stats.accepted(), stats.delivered() + stats.pending() + stats.dropped_total(), "{stats:?}");
    assert_eq!(stats.dropped_total(), 0, "what is on disk is kept");
    drop(client);
    assert!(start.elapsed() < LONG);
    assert!(disk.seen().waiting > 0, "a call waits all the while");
}

/// Delivers what waits, once the disk answers again.
fn assert_all_is_left(dir: &Path, key: &str, events: u64) {
    let start = Instant::now();
    // The directory is released when the disk has answered all calls, and is looked for once a minute.
    while super::inspect(dir).unwrap().clients().iter().any(super::ClientDirectory::is_held) {
        assert!(start.elapsed() < LONG);
        std::thread::sleep(Duration::from_millis(5));
    }
    let next = Client::new(Config::new(key).endpoint(server()).spool(dir)).unwrap();
    assert!(next.flush(LONG));
    assert_eq!(next.stats().delivered(), events);
}

#[test]
fn a_disk_that_stops_to_answer_holds_no_flush_and_no_shutdown_up() {
    for durability in [Durability::Process, Durability::Disk] {
        let folder = tempfile::tempdir().unwrap();
        let disk = Watched::default();
        let config = config(folder.path(), NOWHERE).durability(durability);
        let client = Client::with_disk(config, None, Arc::new(disk.clone())).unwrap();
        emit(&client);
        emit(&client);
        disk.set_stuck(true);
        assert_deadlines_hold(client, &disk);
        disk.set_stuck(false);
        assert_all_is_left(folder.path(), "another", 2);
    }
}

#[test]
fn a_caller_whose_write_does_not_return_holds_up_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Watched::default();
    let client = Client::with_disk(config(folder.path(), NOWHERE), None, Arc::new(disk.clone())).unwrap();
    emit(&client);
    disk.set_stuck(true);
    let caller = client.clone();
    let caller = std::thread::spawn(move || emit(&caller));
    disk.wait_for_a_call();
    assert_deadlines_hold(client, &disk);
    disk.set_stuck(false);
    caller.join().unwrap();
    assert_all_is_left(folder.path(), "another", 2);
}

#[test]
fn what_others_have_left_on_a_disk_that_does_not_answer_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let left = Client::new(config(folder.path(), NOWHERE)).unwrap();
    emit(&left);
    drop(left);
    let disk = Watched::default();
    let client = Client::with_disk(config(folder.path(), NOWHERE), None, Arc::new(disk.clone())).unwrap();
    emit(&client);
    disk.set_stuck(true);
    client.set_api_key("another").unwrap();
    disk.wait_for_a_call();
    assert_deadlines_hold(client, &disk);
    disk.set_stuck(false);
}

/// The answer has come, and the cursor cannot be written.
#[test]
fn a_cursor_that_is_not_written_holds_no_shutdown_up() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Watched::default();
    let stuck = disk.clone();
    let config = config(folder.path(), &server()).before_send(move |_| {
        stuck.set_stuck(true);
        crate::Decision::Send
    });
    let client = Client::with_disk(config, None, Arc::new(disk.clone())).unwrap();
    emit(&client);
    assert_deadlines_hold(client, &disk);
    disk.set_stuck(false);
}

/// Leaves directories of another key, with so many events each.
fn leave(root: &Path, directories: u64, key: &str) {
    for _ in 0..directories {
        let client =
            Client::new(Config::new(key).endpoint(NOWHERE).spool(root).shutdown_timeout(DEADLINE)).unwrap();
        (0..100).for_each(|_| emit(&client));
    }
}

fn open(root: &Path, disk: &Watched, key: &[u8]) -> Arc<Spool> {
    let dir = root.to_owned();
    let settings = SpoolSettings { dir, is_synced: false, bytes: 1 << 20, max_age: LONG };
    Spool::open(Arc::new(disk.clone()), settings, 1 << 20, key).unwrap()
}

#[test]
fn a_start_makes_as_many_calls_whatever_is_there() {
    let calls = |directories| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(super::directory::SUBDIRECTORY)).unwrap();
        leave(folder.path(), directories, "another");
        let disk = Watched::default();
        let spool = open(folder.path(), &disk, b"key");
        let seen = disk.seen();
        spool.set_key(b"a third one");
        assert_eq!(disk.seen(), seen, "another key costs the caller nothing");
        assert_eq!(seen.bytes_read, 0);
        seen.calls
    };
    assert_eq!(calls(3), calls(0));
}

#[test]
fn another_key_s_files_are_known_by_their_beginning_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    leave(folder.path(), 3, "another");
    let disk = Watched::default();
    let queue = Queue::new(Limits { queue_bytes: 1 << 20, batch_events: 10, batch_bytes: 1_000 });
    let spool = open(folder.path(), &disk, b"key");
    let looked = |key: &[u8]| {
        let before = disk.seen();
        let has_adopted = spool.adopt(&queue, key);
        let after = disk.seen();
        (has_adopted, after.opened - before.opened, after.bytes_read - before.bytes_read)
    };
    // A lock and a segment each, of which the beginnings are read.
    assert_eq!(looked(b"key"), (false, 6, 3 * (8 + 64)));
    assert_eq!(looked(b"key"), (false, 0, 0));
    let (has_adopted, _, bytes) = looked(b"another");
    assert!(has_adopted && bytes > 100 * 300);
    assert_eq!(queue.counts().pending(), 300);
}
