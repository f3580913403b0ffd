//! The resources that a client takes, in processes of its own: `outage`, `refused_key`, `hook`, `growing_hook`, `idle` or `threads`. Ends
//! with an error where it is too much.

mod idle;
mod outage;
mod threads;

/// The bytes of memory that this process has at the moment.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux system");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of it");
    let kilobytes: usize = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes * 1024
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("outage") => outage::server_is_down(),
        Some("refused_key") => outage::key_is_refused(),
        Some("hook") => outage::hook_rewrites_everything(),
        Some("growing_hook") => outage::hook_makes_events_large(),
        Some("idle") => idle::workers_wait(),
        Some("threads") => threads::ten_thousand(),
        other => panic!("what to measure? {other:?}"),
    }
}
