//! The cost of many clients over HTTPS to a process, as when every tenant has a key of its own: the time of their starts, and
//! the memory, threads and descriptors that they keep. Nothing is sent.

use std::time::{Duration, Instant};

use thrivestack::{Client, Config};

const CLIENTS: usize = 1000;
/// Nobody listens there.
const ENDPOINT: &str = "https://127.0.0.1:9/api";

fn main() {
    let before = Process::look();
    let mut starts = Vec::with_capacity(CLIENTS);
    let clients: Vec<Client> = (0..CLIENTS)
        .map(|number| {
            let key = format!("{number:043}=");
            let start = Instant::now();
            let client = Client::new(Config::new(key).endpoint(ENDPOINT).shutdown_timeout(Duration::ZERO));
            starts.push(start.elapsed());
            client.expect("a client: `ulimit -n` may be too low")
        })
        .collect();
    // What a client does first thing on a thread of its own belongs to it.
    std::thread::sleep(Duration::from_secs(1));
    let after = Process::look();
    let (first, second) = (starts[0], starts[1]);
    let rest = &mut starts[1..];
    rest.sort_unstable();
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    println!("\n**{CLIENTS} clients over HTTPS**\n");
    println!("| start of | ms |\n| --- | ---: |");
    println!("| the first client | {:.2} |", ms(first));
    println!("| the second | {:.2} |", ms(second));
    println!("| all but the first, median | {:.2} |", ms(rest[rest.len() / 2]));
    println!("| all but the first, p99 | {:.2} |", ms(rest[rest.len() * 99 / 100]));
    println!("\n| a client keeps | |\n| --- | ---: |");
    let each = |before: u64, after: u64| (after - before) as f64 / CLIENTS as f64;
    println!("| memory, kB | {:.0} |", each(before.memory_kb, after.memory_kb));
    println!("| threads | {:.2} |", each(before.threads, after.threads));
    println!("| descriptors | {:.2} |", each(before.descriptors, after.descriptors));
    drop(clients);
}

/// Figures of this process, as Linux states them.
struct Process {
    memory_kb: u64,
    threads: u64,
    descriptors: u64,
}

impl Process {
    fn look() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
        let field = |name: &str| {
            let value = status.lines().find_map(|line| line.strip_prefix(name)).expect("a field of the status");
            value.trim_matches(|character: char| !character.is_ascii_digit()).parse().expect("a number")
        };
        Self {
            memory_kb: field("VmRSS:"),
            threads: field("Threads:"),
            descriptors: std::fs::read_dir("/proc/self/fd").expect("Linux").count() as u64,
        }
    }
}
