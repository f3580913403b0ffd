//! What a process weighs with each library, in a process of its own for each.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use thrivestack::{Config, Rejected};
use thrivestack_benches::cases;

use crate::contenders::{PostHog, sentry_options};
use crate::measure::{median, status_kb};

const ROUNDS: usize = 5;
const LIBRARIES: [&str; 3] = ["thrivestack", "posthog-rs", "sentry"];
/// Nobody listens there.
const NOBODY: &str = "https://127.0.0.1:9";

pub fn print(sink: &str) {
    let cases: Vec<(&str, &str)> = [("host", ""), ("full", "http://127.0.0.1:9")]
        .into_iter()
        .chain(LIBRARIES.into_iter().flat_map(|library| [(library, NOBODY), (library, sink)]))
        .collect();
    let mut weights = vec![Vec::new(); cases.len()];
    for _ in 0..ROUNDS {
        for ((library, host), weights) in cases.iter().zip(&mut weights) {
            weights.push(weigh_in_child(library, host));
        }
    }
    let weights: Vec<f64> = weights.iter_mut().map(|weights| median(weights)).collect();
    println!("\n**Memory** over a host without the SDK ({:.0} kB)\n", weights[0]);
    println!("| | HTTPS, nothing sent, kB | HTTP, one event sent, kB |\n| --- | ---: | ---: |");
    for (library, kb) in LIBRARIES.iter().zip(weights[2..].chunks(2)) {
        println!("| {library} | {:.0} | {:.0} |", kb[0] - weights[0], kb[1] - weights[0]);
    }
    println!(
        "\nThe most that a full queue of 8 MiB takes while no server is found: {:.0} kB.",
        weights[1] - weights[0]
    );
}

fn weigh_in_child(library: &str, host: &str) -> f64 {
    let program = std::env::current_exe().expect("the path of this program");
    let output = Command::new(&program).args(["weigh", library, host]).output().expect("this program again");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number of kB")
}

/// The child's part: brings one library up and prints what the process weighs then, in kB.
pub fn weigh(library: &str, host: &str) {
    let sends = host != NOBODY;
    let at_rest = || {
        // What a library does first thing on a thread of its own belongs to it.
        thread::sleep(Duration::from_millis(300));
        println!("{}", status_kb("VmRSS"));
    };
    match library {
        "host" => at_rest(),
        "thrivestack" => {
            let guard = thrivestack_benches::init(&format!("{host}/api"));
            if sends {
                cases::named("five properties").call(1);
                thrivestack_benches::flush();
            }
            at_rest();
            drop(guard);
        }
        "posthog-rs" => {
            let client = PostHog::new(host);
            if sends {
                client.capture(1);
                client.flush();
            }
            at_rest();
        }
        "sentry" => {
            let guard = sentry::init(sentry_options(host));
            if sends {
                sentry::capture_message("report_created", sentry::Level::Info);
                assert!(guard.flush(Some(Duration::from_secs(60))), "the sink takes everything");
            }
            at_rest();
        }
        "full" => full(host),
        other => panic!("there is no library `{other}`"),
    }
}

/// More than the queue takes, for long enough that the worker has tried to send it.
fn full(host: &str) {
    let config = Config::new("key").endpoint(format!("{host}/api")).shutdown_timeout(Duration::ZERO);
    let _guard = thrivestack::init(config).expect("a valid configuration");
    let end = Instant::now() + Duration::from_secs(3);
    let case = cases::named("five properties");
    while Instant::now() < end {
        (0..1_000).for_each(|pages| case.call(pages));
    }
    assert!(thrivestack::stats().rejected(Rejected::QueueFull) > 0, "the queue was never full");
    println!("{}", status_kb("VmHWM"));
}
