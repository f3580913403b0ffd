//! A process with a spool that can be killed.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

use thrivestack_tests::LONG;

use crate::deliveries::Deliveries;

const KEY: &str = "7Hq+vASNFZ4mrze8BI0Vnia/N7wEjRWeJq83+Wd0Ztg=";

/// The process.
pub(crate) struct Host {
    child: Child,
    stdin: Option<ChildStdin>,
    heard: Arc<Heard>,
    listening: Option<JoinHandle<()>>,
}

/// What it said so far.
#[derive(Default)]
struct Heard {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    acknowledged: Vec<String>,
    /// Everything else. The first ones were looked at already.
    others: Vec<String>,
    looked_at: usize,
    has_ended: bool,
}

impl Host {
    /// Starts one whose events have names of their own, with a spool of so many bytes.
    pub(crate) fn start(name: &str, dir: &Path, bytes: u64, deliveries: &Deliveries) -> Self {
        Self::run(&mut Command::new(env!("CARGO_BIN_EXE_spooled")), name, dir, bytes, deliveries)
    }

    /// Starts one by a command that runs it.
    pub(crate) fn run(
        command: &mut Command,
        name: &str,
        dir: &Path,
        bytes: u64,
        deliveries: &Deliveries,
    ) -> Self {
        let mut child = command
            .arg(name)
            .arg(dir)
            .arg(bytes.to_string())
            .env("THRIVESTACK_API_KEY", KEY)
            .env("THRIVESTACK_ENDPOINT", deliveries.endpoint(name))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().expect("a pipe"));
        let heard = Arc::<Heard>::default();
        let hearing = heard.clone();
        let listening = std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = String::new();
            // A line that has no end was not said.
            while reader.read_line(&mut line).is_ok_and(|_| line.ends_with('\n')) {
                hearing.hear(line.trim_end());
                line.clear();
            }
            hearing.change(|lines| lines.has_ended = true);
        });
        Self { child, stdin, heard, listening: Some(listening) }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Gives a command. The process may have ended by itself, which what it says tells.
    pub(crate) fn tell(&mut self, command: &str) {
        let _ = writeln!(self.stdin.as_mut().expect("not told to end"), "{command}");
    }

    /// Gives a command, and waits for the answer, of which this is the beginning. Gives what follows.
    pub(crate) fn ask(&mut self, command: &str, answer: &str) -> String {
        self.tell(command);
        self.wait_for_line(answer)
    }

    /// Waits for a line that begins like this and comes after those that were waited for. Gives the rest of it.
    pub(crate) fn wait_for_line(&self, beginning: &str) -> String {
        let lines = self.heard.lines.lock().unwrap();
        let wants_more = |lines: &mut Lines| {
            !lines.has_ended
                && !lines.others[lines.looked_at..].iter().any(|line| line.starts_with(beginning))
        };
        let (mut lines, result) = self.heard.changed.wait_timeout_while(lines, LONG, wants_more).unwrap();
        let new = &lines.others[lines.looked_at..];
        let found = new.iter().position(|line| line.starts_with(beginning));
        let Some(found) = found else {
            panic!("no `{beginning}` ({}): {new:?}", if result.timed_out() { "too late" } else { "it ended" })
        };
        let rest = new[found][beginning.len()..].trim().to_owned();
        lines.looked_at += found + 1;
        rest
    }

    /// Waits until it has said of so many events that they were taken.
    pub(crate) fn wait_for_acknowledged(&self, count: usize) {
        let lines = self.heard.lines.lock().unwrap();
        let wants_more = |lines: &mut Lines| lines.acknowledged.len() < count && !lines.has_ended;
        let (lines, result) = self.heard.changed.wait_timeout_while(lines, LONG, wants_more).unwrap();
        assert!(!result.timed_out(), "only {} of {count}: {:?}", lines.acknowledged.len(), lines.others);
        assert!(!lines.has_ended, "{:?}", lines.others);
    }

    /// Ends it at once, whatever it is doing, and gives the events that it said were taken.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("it runs");
        self.child.wait().expect("a status");
        self.acknowledged()
    }

    /// Has it deliver everything and end, and gives the events that it said were taken.
    pub(crate) fn end(mut self) -> Vec<String> {
        self.stdin = None;
        assert_eq!(self.wait_for_line("ended"), "true");
        assert!(self.child.wait().expect("a status").success());
        self.acknowledged()
    }

    /// What it had to say in messages.
    pub(crate) fn messages(&self) -> Vec<String> {
        let lines = self.heard.lines.lock().unwrap();
        lines.others.iter().filter_map(|line| Some(line.strip_prefix("log")?.trim().to_owned())).collect()
    }

    fn acknowledged(&mut self) -> Vec<String> {
        // The pipe has an end now.
        self.listening.take().expect("once").join().expect("no panic");
        std::mem::take(&mut self.heard.lines.lock().unwrap().acknowledged)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // A test that fails leaves nothing behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Heard {
    fn hear(&self, line: &str) {
        self.change(|lines| match line.strip_prefix('+') {
            Some(name) => lines.acknowledged.push(name.to_owned()),
            None => lines.others.push(line.to_owned()),
        });
    }

    fn change(&self, change: impl FnOnce(&mut Lines)) {
        change(&mut self.lines.lock().unwrap());
        self.changed.notify_all();
    }
}

/// Has a host of its own deliver what all of them have left.
pub(crate) fn drain(dir: &Path, deliveries: &Deliveries, acknowledged: &mut HashSet<String>) {
    acknowledged.extend(Host::start("drain", dir, 1 << 30, deliveries).end());
    assert_nothing_waits(dir);
}

pub(crate) fn assert_nothing_waits(dir: &Path) {
    let left = thrivestack::spool::inspect(dir).unwrap();
    assert!(left.clients().is_empty(), "{left:?}");
}
