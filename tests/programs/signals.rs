//! A host that handles signals as few Rust programs do. Its first argument says how; it emits to the endpoint of the
//! environment.

use std::time::Duration;

use nix::sys::signal::{SigSet, Signal};
use thrivestack::{Client, Config, Durability};
use thrivestack_tests::LONG;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("pipe") => die_of_broken_pipes(),
        Some("wait") => wait_for_sigterm(),
        Some("masks") => print_masks(),
        other => panic!("{other:?} is none of `pipe`, `wait` and `masks`"),
    }
}

fn config() -> Config {
    Config::from_env().expect("a configuration in the environment").flush_interval(Duration::from_millis(10))
}

/// Sets SIGPIPE to its default, as every C program and some command-line tools have it.
fn die_of_broken_pipes() {
    sigpipe::reset();
    let client = Client::new(config()).expect("a valid configuration");
    // More than the buffers of a connection hold, so that the client writes on when the server ends it.
    let text = "x".repeat(100_000);
    for _ in 0..20 {
        client.track("report_created").user_id("u").with("text", &text).send();
    }
    println!("delivered: {}", client.flush(LONG));
}

/// Blocks SIGTERM when the client is already running, and waits for it.
fn wait_for_sigterm() {
    let client = Client::new(config()).expect("a valid configuration");
    let mut awaited = SigSet::empty();
    awaited.add(Signal::SIGTERM);
    awaited.thread_block().expect("a mask");
    client.track("process_started").user_id("u").send();
    println!("ready");
    std::io::stdin().lines().for_each(drop);
    let came = awaited.wait().expect("a signal");
    client.track("process_ended").user_id("u").send();
    println!("{came}, delivered: {}", client.flush(LONG));
}

/// Prints the blocked signals of every thread, while one of them looks up a name and another syncs a spool.
fn print_masks() {
    let before = SigSet::thread_get_mask().expect("a mask");
    let spool = std::env::args().nth(2).expect("a directory");
    let spooled = config().spool(spool).durability(Durability::Disk);
    let spooled = Client::new(spooled).expect("a valid configuration");
    let client = Client::new(config()).expect("a valid configuration");
    assert_eq!(SigSet::thread_get_mask().expect("a mask"), before, "the host's own mask changed");
    for client in [&spooled, &client] {
        client.track("signed_in").user_id("u").send();
        assert!(client.flush(LONG), "{client:?}");
    }
    for task in std::fs::read_dir("/proc/self/task").expect("threads").flatten() {
        let status = std::fs::read_to_string(task.path().join("status")).expect("a thread's status");
        let of = |key| status.lines().find_map(|line| line.strip_prefix(key)).expect("a line").trim();
        println!("{} {}", of("Name:"), of("SigBlk:"));
    }
}
