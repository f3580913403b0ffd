//! Processes that are killed at random moments, again and again.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use crate::deliveries::Deliveries;
use crate::host::{Host, drain};

/// How often to kill; a few times by default.
const KILLS: &str = "THRIVESTACK_KILLS";
/// Small enough to be full at times, and to have many segments.
const BYTES: u64 = 2 * 1024 * 1024;
const PROCESSES: usize = 8;

fn kills(default: usize) -> usize {
    std::env::var(KILLS).map_or(default, |kills| kills.parse().expect("a number of kills"))
}

fn random() -> fastrand::Rng {
    let random = fastrand::Rng::new();
    eprintln!("seed {}", random.get_seed());
    random
}

/// Lets it run for a random while: until it has taken some events, or only for some time, which it may take to start.
fn let_run(host: &Host, random: &mut fastrand::Rng) {
    if random.bool() {
        host.wait_for_acknowledged(random.usize(..600));
    } else {
        // Any moment is meant, not one when something is done.
        std::thread::sleep(Duration::from_micros(random.u64(..60_000)));
    }
}

fn run(name: &str, dir: &Path, deliveries: &Deliveries) -> Host {
    let mut host = Host::start(name, dir, BYTES, deliveries);
    host.tell("run");
    host
}

#[test]
fn what_was_taken_is_delivered_however_often_the_process_is_killed() {
    let kills = kills(30);
    let mut random = random();
    let dir = tempfile::tempdir().unwrap();
    let deliveries = Deliveries::start();
    let (mut acknowledged, mut killed) = (HashSet::new(), HashSet::new());
    for number in 0..kills {
        let name = number.to_string();
        let host = run(&name, dir.path(), &deliveries);
        let_run(&host, &mut random);
        acknowledged.extend(host.kill());
        killed.insert(name);
    }
    drain(dir.path(), &deliveries, &mut acknowledged);
    assert!(acknowledged.len() > 10 * kills, "{}", acknowledged.len());
    deliveries.assert_all(&acknowledged, &killed);
}

/// A process may be killed while it makes its directory, writes its cursor, or removes all of it.
#[test]
fn what_a_killed_process_left_half_made_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("thrivestack-spool");
    // Names as processes give them, and the magic number of a lock.
    let lock = b"\xFFTSSLOCK";
    for (name, files) in [
        ("00000001-0000000000000001-53ba47fe", &[][..]),
        ("00000002-0000000000000002-5151b277", &[("lock", &[][..])]),
        ("00000003-0000000000000003-ac53335f", &[("lock", lock), ("cursor", b""), ("cursor.new", b"")]),
        ("00000004-0000000000000004-54865965", &[("lock", lock), ("cursor.new", b"\xFFTSC")]),
        ("00000005-0000000000000005-a984d84d", &[("lock", lock), ("0000000000000000.log", b"\xFFTSS")]),
    ] {
        let path = root.join(name);
        std::fs::create_dir_all(&path).unwrap();
        for (file, bytes) in files {
            std::fs::write(path.join(file), bytes).unwrap();
        }
    }
    drain(dir.path(), &Deliveries::start(), &mut HashSet::new());
    assert_eq!(root.read_dir().unwrap().count(), 0);
}

#[test]
fn processes_with_one_directory_deliver_their_own_and_those_of_the_dead() {
    let kills = kills(16);
    let mut random = random();
    let dir = tempfile::tempdir().unwrap();
    let deliveries = Deliveries::start();
    let (mut acknowledged, mut killed) = (HashSet::new(), HashSet::new());
    let started = |number: usize| {
        let name = number.to_string();
        (run(&name, dir.path(), &deliveries), name)
    };
    let mut hosts: Vec<_> = (0..PROCESSES).map(started).collect();
    for number in 0..kills {
        let (host, name) = hosts.swap_remove(random.usize(..hosts.len()));
        let_run(&host, &mut random);
        acknowledged.extend(host.kill());
        killed.insert(name);
        // Some are not started again, so that others have to adopt what they left.
        if random.u8(..4) > 0 || hosts.len() < 3 {
            hosts.push(started(PROCESSES + number));
        }
    }
    for (host, _) in hosts {
        acknowledged.extend(host.end());
    }
    drain(dir.path(), &deliveries, &mut acknowledged);
    assert!(acknowledged.len() > 10 * kills, "{}", acknowledged.len());
    deliveries.assert_all(&acknowledged, &killed);
}
