//! Signals that a host handles in its own way, which no thread of a client may take from it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use thrivestack_tests::Scripted;

use crate::case::KEY;
use crate::preload;

fn program(what: &str, endpoint: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_signals"));
    program.arg(what).env("THRIVESTACK_API_KEY", KEY).env("THRIVESTACK_ENDPOINT", endpoint);
    program
}

#[test]
fn a_connection_that_ends_in_mid_body_does_not_kill_a_host_that_dies_of_sigpipe() {
    // The first write finds a connection that the server has ended in order, the second one what the server answers to that.
    let server = Scripted::connected(|number, stream| (number >= 2).then_some(stream));
    let folder = tempfile::tempdir().unwrap();
    let late_writes = preload::compile("late_writes", folder.path());
    let output = program("pipe", &server.endpoint()).env("LD_PRELOAD", late_writes).output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "delivered: true\n");
    assert!(server.connections() > 2);
}

#[test]
fn a_signal_that_a_host_waits_for_comes_to_the_host() {
    let server = Scripted::start([]);
    let mut program =
        program("wait", &server.endpoint()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut printed = BufReader::new(program.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert_eq!(printed.next().as_deref(), Some("ready"));
    kill_process(Pid::from_child(&program), Signal::TERM).unwrap();
    // The host is busy when the signal comes, and waits for it afterwards.
    drop(program.stdin.take());
    let said = printed.next();
    let status = program.wait().unwrap();
    assert_eq!(said.as_deref(), Some("SIGTERM, delivered: true"), "{status}");
    assert!(status.success());
}

#[test]
fn threads_of_a_client_block_all_signals_but_those_of_faults() {
    let server = Scripted::start([]);
    let spool = tempfile::tempdir().unwrap();
    // A name, so that one more thread looks it up.
    let endpoint = server.endpoint().replace("127.0.0.1", "localhost");
    let output = program("masks", &endpoint).arg(spool.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut threads: Vec<_> = printed.lines().map(|line| line.rsplit_once(' ').unwrap()).collect();
    let host: Vec<_> = threads.extract_if(.., |(name, _)| *name == "signals").collect();
    assert_eq!(host, [("signals", "0000000000000000")]);
    let names: Vec<_> = threads.iter().map(|(name, _)| *name).collect();
    // The system keeps 15 bytes of a name.
    for (name, least) in [("thrivestack", 2), ("thrivestack-dis", 1), ("tokio-rt-worker", 1)] {
        assert!(names.iter().filter(|found| **found == name).count() >= least, "{name}: {names:?}");
    }
    // SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV and SIGSYS are 4, 5, 7, 8, 11 and 31 on most architectures. SIGKILL and
    // SIGSTOP, 9 and 19, cannot be blocked, and 32 and 33 are the C library's own.
    let open =
        [4, 5, 7, 8, 9, 11, 19, 31, 32, 33].iter().fold(0_u64, |open, signal| open | 1 << (signal - 1));
    for (name, blocked) in threads {
        assert_eq!(u64::from_str_radix(blocked, 16).unwrap(), !open, "{name}");
    }
}
