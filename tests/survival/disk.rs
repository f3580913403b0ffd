//! Disks that take nothing for a while, and systems that give out nothing to open: events go through memory meanwhile, it is
//! said once, and the spool comes back by itself.

use std::collections::HashSet;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use tempfile::TempDir;

use crate::deliveries::Deliveries;
use crate::host::{Host, assert_nothing_waits};

/// Its segments have an eighth of it.
const BYTES: u64 = 1024 * 1024;
/// More events than a segment has room for.
const MORE_THAN_A_SEGMENT: usize = 1_000;

/// A host on a disk that can fail, and where its events go.
struct Case {
    dir: TempDir,
    deliveries: Deliveries,
    host: Host,
    /// How a host is started, given a directory that is its own.
    command: fn(&Path) -> Command,
}

impl Case {
    fn new(command: fn(&Path) -> Command) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let deliveries = Deliveries::start();
        let spool = dir.path().join("spool");
        let host = Host::run(&mut command(dir.path()), "host", &spool, BYTES, &deliveries);
        host.wait_for_line("ready");
        Self { dir, deliveries, host, command }
    }

    fn spool(&self) -> PathBuf {
        self.dir.path().join("spool")
    }

    /// Limits what the host may have of something, or takes the limit away.
    fn limit(&self, resource: Resource, current: Option<u64>) {
        let maximum = getrlimit(resource).maximum;
        let pid = Pid::from_raw(self.host.id() as i32).unwrap();
        prlimit(Some(pid), resource, Rlimit { current: current.or(maximum), maximum }).unwrap();
    }

    /// Sends one event, and says whether it went to the disk.
    fn is_durable(&mut self) -> bool {
        match &*self.host.ask("durable", "durable") {
            "Ok(())" => true,
            "Err(NotDurable)" => false,
            other => panic!("{other}"),
        }
    }

    fn wait_until_durable(&mut self) {
        while !self.is_durable() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Everything that was taken is delivered, once, and what happened was said once.
    fn conclude(mut self) {
        assert_eq!(self.host.ask("flush 30000", "flushed"), "true");
        let messages = self.host.messages();
        let said = |what: &str| messages.iter().filter(|message| message.contains(what)).count();
        assert_eq!((said("disk fails"), said("disk works again")), (1, 1), "{messages:?}");
        let spool = self.spool();
        let mut acknowledged: HashSet<_> = self.host.end().into_iter().collect();
        let mut command = (self.command)(self.dir.path());
        let next = Host::run(&mut command, "next", &spool, BYTES, &self.deliveries);
        acknowledged.extend(next.end());
        assert_nothing_waits(&spool);
        self.deliveries.assert_all(&acknowledged, &HashSet::new());
    }
}

#[test]
fn a_disk_that_is_full_is_done_without_until_there_is_room() {
    let mut case = Case::new(limited);
    case.host.ask("send 100", "sent");
    assert!(case.is_durable());
    case.limit(Resource::Fsize, Some(0));
    assert!(!case.is_durable());
    case.host.ask("send 100", "sent");
    assert_eq!(case.host.ask("flush 30000", "flushed"), "true", "no disk, no delay");
    case.limit(Resource::Fsize, None);
    case.wait_until_durable();
    case.host.ask("send 100", "sent");
    case.conclude();
}

/// The first part of a record has room, and the rest has not.
#[test]
fn a_disk_that_is_full_in_mid_record_leaves_no_half_of_it() {
    let mut case = Case::new(limited);
    case.host.ask("send 10", "sent");
    assert!(case.is_durable());
    let bytes = thrivestack::spool::inspect(case.spool()).unwrap().bytes();
    case.limit(Resource::Fsize, Some(bytes + 50));
    assert!(!case.is_durable());
    case.limit(Resource::Fsize, None);
    case.wait_until_durable();
    case.host.ask("send 10", "sent");
    assert_eq!(thrivestack::spool::inspect(case.spool()).unwrap().clients()[0].damaged(), 0);
    case.conclude();
}

#[test]
fn a_process_out_of_descriptors_delivers_when_it_has_some_again() {
    let mut case = Case::new(limited);
    case.host.ask("send 10", "sent");
    // Those that are open stay open; there is no other one for the next segment, nor for a connection.
    case.limit(Resource::Nofile, Some(3));
    case.host.ask(&format!("send {MORE_THAN_A_SEGMENT}"), "sent");
    assert!(!case.is_durable());
    assert_eq!(case.host.ask("flush 100", "flushed"), "false");
    case.limit(Resource::Nofile, None);
    case.wait_until_durable();
    case.conclude();
}

#[test]
fn a_directory_that_becomes_read_only_is_done_without_until_it_is_not() {
    let mut case = Case::new(unprivileged);
    case.host.ask("send 10", "sent");
    let own = thrivestack::spool::inspect(case.spool()).unwrap().clients()[0].path().to_owned();
    permit(&own, 0o500);
    case.host.ask(&format!("send {MORE_THAN_A_SEGMENT}"), "sent");
    assert!(!case.is_durable());
    assert_eq!(case.host.ask("flush 30000", "flushed"), "true", "no disk, no delay");
    permit(&own, 0o700);
    case.wait_until_durable();
    case.conclude();
}

fn permit(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// The program, which is told of a limit to its files by an error, as of a disk that is full, instead of by a signal.
fn limited(_: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#, env!("CARGO_BIN_EXE_spooled")]);
    command
}

/// The program as somebody for whom permissions hold, who may write into a directory.
fn unprivileged(dir: &Path) -> Command {
    const NOBODY: u32 = 65_534;
    let program = env!("CARGO_BIN_EXE_spooled");
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    // Where the program is built, nobody else may be allowed to go.
    let copy = dir.join("spooled");
    std::fs::copy(program, &copy).unwrap();
    permit(&copy, 0o755);
    permit(dir, 0o755);
    chown(dir, Some(NOBODY), Some(NOBODY)).unwrap();
    let mut command = Command::new(copy);
    command.uid(NOBODY).gid(NOBODY);
    command
}
