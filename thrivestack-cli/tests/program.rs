//! The program as a user meets it: what it prints, what it writes, and how it ends.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;
use thrivestack_cli::{LocalKey, LocalServer};

const SECRET: &str = "q+Zt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5iA=";
const PATIENCE: Duration = Duration::from_secs(20);

type Variables<'a> = &'a [(&'a str, &'a str)];

/// The program, in an environment without any of the SDK's variables.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thrivestack"));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy().to_uppercase();
        if name_text.starts_with("THRIVESTACK_") || name_text.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn help_and_version() {
    for (arguments, expected) in [
        (&["--help"][..], "Usage: thrivestack <COMMAND>"),
        (&["dev", "--help"], "--port <PORT>"),
        (&["doctor", "--help"], "--send"),
        (&["spool", "--help"], "drain"),
        (&["--version"], concat!("thrivestack ", env!("CARGO_PKG_VERSION"))),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(text(&output.stdout).contains(expected), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}");
    }
    let output = run(&[]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(text(&output.stderr).contains("Usage: thrivestack <COMMAND>"));
}

#[test]
fn bad_calls_end_with_one_clear_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("none/events.jsonl");
    let nowhere = nowhere.to_str().unwrap();
    let table: [(&[&str], i32, &str); 12] = [
        (&["serve"], 2, "there is no command `serve`"),
        (&["dev", "--prot", "1"], 2, "`--prot` is not an option of `thrivestack dev`: it takes --port"),
        (&["dev", "--port", "99999"], 2, "is no port: write a number"),
        (&["dev", "--key", "a::2027-13-01"], 2, "is no date: write one like"),
        (&["dev", "--fault", "x"], 2, "write latency:250ms"),
        (&["doctor", "now"], 2, "it takes --send"),
        (&["spool", "inspect"], 2, "needs a directory"),
        (&["spool", "inspect", nowhere], 1, "holds no spool"),
        (&["spool", "drain", nowhere], 1, "holds no spool"),
        (&["dev", "--port", &port], 1, "is in use, perhaps by another `thrivestack dev`"),
        (&["dev", "--port", "0", "--save", nowhere], 1, "cannot be written"),
        (&["dev", "--port", "0", "--save", folder.path().to_str().unwrap()], 1, "cannot be written"),
    ];
    for (arguments, code, expected) in table {
        let output = run(arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.starts_with("error: ") && error.contains(expected), "{arguments:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{arguments:?}: {error}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

/// A `thrivestack dev` that ends with the test.
struct Dev {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    key: String,
    address: String,
}

impl Dev {
    fn start(arguments: &[&str]) -> Self {
        let mut child =
            program(&["dev", "--port", "0"]).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut exported = |name: &str| {
            loop {
                let mut line = String::new();
                assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it ended before it printed {name}");
                if let Some(value) = line.trim().strip_prefix(&format!("export {name}=")) {
                    return value.trim_matches('\'').to_owned();
                }
            }
        };
        let key = exported("THRIVESTACK_API_KEY");
        let endpoint = exported("THRIVESTACK_ENDPOINT");
        let address = endpoint.strip_prefix("http://").unwrap().strip_suffix("/api").unwrap().to_owned();
        Self { child, lines, key, address }
    }

    /// Makes a call, and gives the status of the answer.
    fn call(&self, call: &str, key: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST /api/{call} HTTP/1.1\r\nhost: local\r\nconnection: close\r\nx-api-key: {key}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer[9..12].to_owned()
    }

    fn next_line(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "it ended");
            if !line.trim().is_empty() {
                return line;
            }
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn dev_prints_and_saves_what_comes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.jsonl");
    fs::write(&file, "{\"of\": \"the run before\"}\n").unwrap();
    let mut dev = Dev::start(&["--save", file.to_str().unwrap()]);

    let body = r#"[{"event_name": "invite_\u001b[31msent", "user_id": "u1", "context": {"group_id": "a1"}}]"#;
    assert_eq!(dev.call("track", &dev.key, body), "200");
    let saved = fs::read_to_string(&file).unwrap();
    let saved: Vec<Value> = saved.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(saved.len(), 2);
    assert_eq!(saved[1]["object"], serde_json::from_str::<Value>(body).unwrap()[0]);
    assert_eq!((&saved[1]["call"], &saved[1]["key"]), (&"track".into(), &"dev".into()));

    let line = dev.next_line();
    for part in ["track", "invite_\\u{1b}[31msent", "user u1", "account a1", "key dev", "⚠ "] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!line.contains('\x1b'), "no colours into a pipe: {line}");

    assert_eq!(dev.call("track", "wrong", body), "401");
    let line = dev.next_line();
    assert!(line.contains("401") && line.contains("/api/track") && line.contains("not one of"), "{line}");
}

#[test]
fn dev_has_the_keys_and_the_fault_that_it_is_given() {
    let dev = Dev::start(&["--key", "t:track_api", "--key", "old::2020-01-01", "--fault", "401-after:3"]);
    let again = Dev::start(&["--key", "t", "--key", "old"]);
    assert_eq!(dev.key, again.key, "a key is the same in every run");
    assert_eq!(dev.call("identify", &dev.key, r#"[{"user_id": "u"}]"#), "401");
    let track = r#"[{"user_id": "u", "event_name": "e"}]"#;
    assert_eq!(dev.call("track", &dev.key, track), "200");
    assert_eq!(dev.call("track", &dev.key, track), "200");
    assert_eq!(dev.call("track", &dev.key, track), "401");
}

#[test]
fn doctor_says_what_it_finds_and_never_the_key() {
    let server = LocalServer::builder()
        .key(LocalKey::new("good").scope("telemetry_apis").secret_value(SECRET))
        .start()
        .unwrap();
    let endpoint = server.endpoint();
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("key");
    fs::write(&key_file, format!("{SECRET}\n")).unwrap();
    let key_file = key_file.to_str().unwrap();
    let other = "q+Zt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5iB=";
    let good = [("THRIVESTACK_API_KEY", SECRET), ("THRIVESTACK_ENDPOINT", &*endpoint)];
    let from_file = [("THRIVESTACK_API_KEY_FILE", key_file), ("THRIVESTACK_ENDPOINT", &*endpoint)];
    let wrong = [("THRIVESTACK_API_KEY", other), ("THRIVESTACK_ENDPOINT", &*endpoint)];
    // The variables, whether to send, the exit code, and what is said.
    let socks = ("HTTPS_PROXY", "socks5://192.0.2.1");
    let table: [(Variables<'_>, bool, i32, &str); 12] = [
        (&[], false, 1, "there is no API key"),
        (&good, false, 0, "as far as can be told without sending"),
        (&from_file, false, 0, "SHA-256"),
        (&good, true, 0, "ThriveStack took an event"),
        (&wrong, false, 0, "SHA-256"),
        (&wrong, true, 1, "status 401: the key was refused"),
        (&[good[0], good[1], ("THRIVESTACK_DISABLED", "1")], true, 1, "nothing is sent"),
        (&[good[0], good[1], ("THRIVESTACK_DEBUG", "1")], true, 1, "instead of being sent"),
        (&[good[0], good[1], ("THRIVESTACK_EU_COMPLIANCE", "2")], false, 1, "neither yes nor no"),
        (&[good[0], ("THRIVESTACK_ENDPOINT", "http://192.0.2.1/api")], false, 1, "unencrypted"),
        (&[good[0], socks], false, i32::from(!cfg!(feature = "socks")), "feature `socks`"),
        (&[good[0], good[1], ("THRIVESTACK_APIKEY", other)], false, 0, "means nothing to the SDK"),
    ];
    let mut taken = 0;
    for (variables, send, code, expected) in table {
        let mut command = program(if send { &["doctor", "--send"] } else { &["doctor"] });
        let output = command.envs(variables.iter().copied()).output().unwrap();
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{variables:?}: {shown}");
        assert!(shown.contains(expected), "{variables:?}: {shown}");
        assert!(!shown.contains(SECRET) && !shown.contains(other), "{shown}");
        assert!(!shown.contains('\x1b'), "{shown}");
        taken += usize::from(send && code == 0);
        assert_eq!(server.calls().len(), taken, "{variables:?} {send}");
    }
    assert_eq!(server.requests().len(), 2, "only --send sends");
    let call = &server.calls()[0];
    assert_eq!(
        (call.user_id(), call.property("is_test_user")),
        (Some("thrivestack-doctor"), Some(&true.into()))
    );
}
