//! Clocks, medians and memory.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// The CPU time of the whole process so far.
pub fn process_cpu() -> Duration {
    cpu(ClockId::ProcessCPUTime)
}

/// The CPU time of the calling thread so far.
pub fn thread_cpu() -> Duration {
    cpu(ClockId::ThreadCPUTime)
}

fn cpu(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// Nanoseconds for each of `events`.
pub fn ns_each(time: Duration, events: u64) -> f64 {
    time.as_nanos() as f64 / events as f64
}

/// The value that so many percent of all are below.
pub fn percentile(values: &mut [f64], percent: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * percent / 100.0) as usize]
}

pub fn median(values: &mut [f64]) -> f64 {
    percentile(values, 50.0)
}

/// Acts once per `gap`, and keeps the core busy in between.
pub fn at_intervals(gap: Duration, times: u64, mut act: impl FnMut(u64)) {
    let mut next = Instant::now();
    for time in 0..times {
        next += gap;
        while Instant::now() < next {
            std::hint::spin_loop();
        }
        act(time);
    }
}

/// A field of the kernel's status of this process in kB, such as `VmRSS`.
pub fn status_kb(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the memory is read from Linux's /proc");
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kb = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kb.unwrap_or_else(|| panic!("/proc/self/status has no {field}"))
}
