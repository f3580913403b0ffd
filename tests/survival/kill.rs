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

fn run(name: &str, dir: &Path, endpoint: &str) -> Host {
    let mut host = Host::start(name, dir, BYTES, endpoint);
    host.tell("run");
    host
}

#[test]
fn what_was_taken_is_delivered_however_often_the_process_is_killed() {
    let kills = kills(30);
    let mut random = random();
    let dir = tempfile::tempdir().unwrap();
    let deliveries = Deliveries::start();
    let endpoint = deliveries.server.endpoint();
    let mut acknowledged = HashSet::new();
    for number in 0..kills {
        let host = run(&number.to_string(), dir.path(), &endpoint);
        let_run(&host, &mut random);
        acknowledged.extend(host.kill());
    }
    drain(dir.path(), &endpoint, &mut acknowledged);
    assert!(acknowledged.len() > 10 * kills, "{}", acknowledged.len());
    deliveries.assert_all(&acknowledged, kills);
}

/// A process may be killed while it makes its directory, writes its cursor, or removes all of it.
#[test]
fn what_a_killed_process_left_half_made_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    for (name, files) in [
        ("a", &[][..]),
        ("b", &["lock"]),
        ("c", &["lock", "cursor", "cursor.new"]),
        ("d", &["lock", "cursor.new"]),
    ] {
        let path = dir.path().join(name);
        std::fs::create_dir(&path).unwrap();
        for file in files {
            std::fs::write(path.join(file), "").unwrap();
        }
    }
    let deliveries = Deliveries::start();
    drain(dir.path(), &deliveries.server.endpoint(), &mut HashSet::new());
}

#[test]
fn processes_with_one_directory_deliver_their_own_and_those_of_the_dead() {
    let kills = kills(16);
    let mut random = random();
    let dir = tempfile::tempdir().unwrap();
    let deliveries = Deliveries::start();
    let endpoint = deliveries.server.endpoint();
    let mut acknowledged = HashSet::new();
    let mut hosts: Vec<_> =
        (0..PROCESSES).map(|number| run(&number.to_string(), dir.path(), &endpoint)).collect();
    for number in 0..kills {
        let chosen = random.usize(..hosts.len());
        let_run(&hosts[chosen], &mut random);
        acknowledged.extend(hosts.swap_remove(chosen).kill());
        // Some are not started again, so that others have to adopt what they left.
        if random.u8(..4) > 0 || hosts.len() < 3 {
            hosts.push(run(&(PROCESSES + number).to_string(), dir.path(), &endpoint));
        }
    }
    for host in hosts {
        acknowledged.extend(host.end());
    }
    drain(dir.path(), &endpoint, &mut acknowledged);
    assert!(acknowledged.len() > 10 * kills, "{}", acknowledged.len());
    deliveries.assert_all(&acknowledged, kills);
}
