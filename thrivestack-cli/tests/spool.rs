//! `thrivestack spool`: what it says of events that wait on disk, and their delivery.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use thrivestack::spool::ClientDirectory;
use thrivestack::{Client, Config};
use thrivestack_cli::{LocalKey, LocalServer};

const SECRET: &str = "q+Zt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5iA=";
const OTHER: &str = "q+Zt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5iB=";
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1/api";

type Variables<'a> = &'a [(&'a str, &'a str)];

/// A client that cannot deliver.
fn stuck(spool: &Path, key: &str) -> Client {
    let config = Config::new(key).endpoint(NOWHERE).spool(spool).shutdown_timeout(Duration::ZERO);
    Client::new(config).unwrap()
}

/// Leaves so many events of a key behind.
fn leave(spool: &Path, key: &str, events: usize) {
    let client = stuck(spool, key);
    for number in 0..events {
        client.track("report_created").user_id("secret-user").with("number", number).send();
    }
    client.identify("secret-user").send();
    drop(client);
    // The thread of the spool lets go of the directory by itself.
    let start = Instant::now();
    while thrivestack::spool::inspect(spool).unwrap().clients().iter().all(ClientDirectory::is_held) {
        assert!(start.elapsed() < Duration::from_secs(20), "the directory is still held");
        std::thread::yield_now();
    }
}

fn run(arguments: &[&str], spool: &Path, variables: Variables<'_>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thrivestack"));
    command.arg("spool").args(arguments).arg(spool);
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy().to_uppercase();
        if name_text.starts_with("THRIVESTACK_") || name_text.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    let Output { status, stdout, stderr } = command.envs(variables.iter().copied()).output().unwrap();
    let shown = String::from_utf8([stdout, stderr].concat()).unwrap();
    for secret in [SECRET, OTHER, "secret-user", "\x1b"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    (status.code(), shown)
}

fn server() -> LocalServer {
    LocalServer::builder()
        .key(LocalKey::new("good").scope("telemetry_apis").secret_value(SECRET))
        .start()
        .unwrap()
}

#[test]
fn inspect_says_what_waits_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path();
    leave(spool, SECRET, 1_233);
    let live = stuck(spool, OTHER);
    live.page("Homepage").user_id("secret-user").send();
    let key_file = folder.path().join("key");
    fs::write(&key_file, format!("{SECRET}\n")).unwrap();
    let table: [(Variables<'_>, &[&str]); 3] = [
        (&[], &["there is none in this environment"]),
        (
            &[("THRIVESTACK_API_KEY", SECRET)],
            &["that of this environment", "another than that of this environment"],
        ),
        (&[("THRIVESTACK_API_KEY_FILE", key_file.to_str().unwrap())], &["that of this environment"]),
    ];
    for (variables, expected) in table {
        let (code, shown) = run(&["inspect"], spool, variables);
        assert_eq!(code, Some(0), "{shown}");
        let always = [
            "1,235 events wait in 2 directories",
            "1 identify, 1,233 track; the oldest since 20",
            "1 page",
            "by a process that lives",
            "by nobody",
        ];
        for part in always.iter().chain(expected) {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }
    assert_eq!(thrivestack::spool::inspect(spool).unwrap().waiting_total(), 1_235);
}

#[test]
fn inspect_says_what_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    leave(folder.path(), SECRET, 3);
    let found = thrivestack::spool::inspect(folder.path()).unwrap();
    let segment = found.clients()[0].segments()[0].path().to_owned();
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, bytes).unwrap();
    fs::write(segment.with_file_name("cursor"), "?").unwrap();
    fs::write(segment.with_file_name("00000000000000ff.log"), "what somebody put here").unwrap();
    let (code, shown) = run(&["inspect"], folder.path(), &[("THRIVESTACK_API_KEY", SECRET)]);
    assert_eq!(code, Some(0), "{shown}");
    for part in
        ["3 events wait", "1 record: they", "its cursor is damaged", "00000000000000ff.log: it is no segment"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

/// Every file and directory below one, with what is in it.
fn contents(dir: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push((path.clone(), Vec::new()));
            contents(&path, found);
        } else {
            found.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    found.sort();
}

#[test]
fn a_directory_that_holds_no_spool_is_said_to_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["empty", "with-lock", "with-spool"] {
        fs::create_dir(folder.path().join(path)).unwrap();
    }
    for (path, contents) in [
        ("with-lock/lock", ""),
        ("with-spool/lock", ""),
        ("with-spool/cursor", "somebody else's"),
        ("with-spool/0000000000000000.log", "somebody else's"),
    ] {
        fs::write(folder.path().join(path), contents).unwrap();
    }
    let server = server();
    let good = [("THRIVESTACK_API_KEY", SECRET), ("THRIVESTACK_ENDPOINT", &*server.endpoint())];
    let mut before = Vec::new();
    contents(folder.path(), &mut before);
    for dir in [folder.path(), Path::new("/etc"), &folder.path().join("none")] {
        for command in ["inspect", "drain"] {
            let (code, shown) = run(&[command], dir, &good);
            assert_eq!(code, Some(1), "{shown}");
            assert!(shown.contains("holds no spool"), "{shown}");
        }
    }
    let mut after = Vec::new();
    contents(folder.path(), &mut after);
    assert_eq!(after, before);
}

#[test]
fn the_directory_of_all_clients_may_be_given_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    leave(folder.path(), SECRET, 3);
    let root = folder.path().join("thrivestack-spool");
    let good = [("THRIVESTACK_API_KEY", SECRET), ("THRIVESTACK_ENDPOINT", &*server.endpoint())];
    let (code, shown) = run(&["inspect"], &root, &good);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("4 events wait in 1 directory"), "{shown}");
    assert_eq!(run(&["drain"], &root, &good), (Some(0), "✓ 4 events delivered\n".to_owned()));
    assert_eq!(run(&["drain"], &root, &good), (Some(0), "Nothing waits.\n".to_owned()));
    assert_eq!(root.read_dir().unwrap().count(), 0);
}

#[test]
fn drain_delivers_and_says_what_is_left_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path();
    let server = server();
    let endpoint = &*server.endpoint();
    leave(spool, SECRET, 41);
    let quickly: &[&str] = &["drain", "--patience", "50ms"];
    // What does not deliver, and what it says to do.
    let table: [(Variables<'_>, &str); 5] = [
        (&[("THRIVESTACK_ENDPOINT", endpoint)], "there is no API key"),
        (
            &[("THRIVESTACK_API_KEY", OTHER), ("THRIVESTACK_ENDPOINT", endpoint)],
            "another key than that of this environment: set THRIVESTACK_API_KEY",
        ),
        (
            &[("THRIVESTACK_API_KEY", SECRET), ("THRIVESTACK_ENDPOINT", NOWHERE)],
            "the server cannot be reached: `thrivestack doctor`",
        ),
        (&[("THRIVESTACK_API_KEY", SECRET), ("THRIVESTACK_DEBUG", "1")], "THRIVESTACK_DEBUG is on"),
        (&[("THRIVESTACK_API_KEY", SECRET), ("THRIVESTACK_DISABLED", "1")], "THRIVESTACK_DISABLED is on"),
    ];
    for (variables, expected) in table {
        let (code, shown) = run(quickly, spool, variables);
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains(expected), "{expected}: {shown}");
        assert!(server.calls().is_empty());
    }
    let good = [("THRIVESTACK_API_KEY", SECRET), ("THRIVESTACK_ENDPOINT", endpoint)];
    let (code, shown) = run(&["drain"], spool, &good);
    assert_eq!((code, &*shown), (Some(0), "✓ 42 events delivered\n"));
    assert_eq!(server.calls().len(), 42);
    assert_eq!(run(&["drain"], spool, &good), (Some(0), "Nothing waits.\n".to_owned()));
}

#[test]
fn drain_says_that_the_server_refuses_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    leave(folder.path(), OTHER, 1);
    let variables = [("THRIVESTACK_API_KEY", OTHER), ("THRIVESTACK_ENDPOINT", &*server.endpoint())];
    let (code, shown) = run(&["drain"], folder.path(), &variables);
    assert_eq!(code, Some(1), "{shown}");
    for part in ["0 events delivered", "2 events left in", "the server answered 401", "doctor --send"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn drain_leaves_what_a_process_holds() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let live = stuck(folder.path(), SECRET);
    live.page("Homepage").user_id("secret-user").send();
    leave(folder.path(), SECRET, 1);
    let variables = [("THRIVESTACK_API_KEY", SECRET), ("THRIVESTACK_ENDPOINT", &*server.endpoint())];
    let (code, shown) = run(&["drain"], folder.path(), &variables);
    assert_eq!(code, Some(0), "{shown}");
    for part in ["2 events delivered", "1 event left in", "a process that lives holds them"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

/// A client holds so many directories at once, and no more.
#[test]
fn drain_delivers_more_directories_than_a_client_takes_over_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    for _ in 0..70 {
        leave(folder.path(), SECRET, 0);
    }
    let variables = [("THRIVESTACK_API_KEY", SECRET), ("THRIVESTACK_ENDPOINT", &*server.endpoint())];
    let (code, shown) = run(&["drain"], folder.path(), &variables);
    assert_eq!((code, &*shown), (Some(0), "✓ 70 events delivered\n"));
    assert_eq!(server.calls().len(), 70);
}
