//! A host with a spool, for whoever kills it or takes its disk away. It does what its standard input says, a command a
//! line, and says on its standard output what came of it; it delivers what it can and ends when there are no more commands.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use thrivestack::{Client, Config, Rejected, TrackCall};
use thrivestack_tests::{LONG, Listener, is_ours};
use tracing::Event;
use tracing::field::{Field, Visit};

static STOPS: AtomicBool = AtomicBool::new(false);
static NEXT: AtomicU64 = AtomicU64::new(0);

fn main() {
    tracing::subscriber::set_global_default(Listener(tell)).expect("the only one");
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().expect("a name, a directory, and how many bytes it may take");
    let (name, dir, bytes) = (argument(), PathBuf::from(argument()), argument());
    let config = Config::from_env()
        .expect("a configuration in the environment")
        .flush_interval(Duration::from_millis(5))
        .max_batch_events(100)
        .spool(dir)
        .spool_bytes(bytes.parse().expect("a number"));
    let client = Client::new(config).expect("a valid configuration");
    say(format_args!("ready"));
    let host = Host { name, client };
    let mut running = Vec::new();
    for line in std::io::stdin().lines().map_while(Result::ok) {
        host.obey(&line, &mut running);
    }
    STOPS.store(true, Ordering::Relaxed);
    for thread in running {
        thread.join().expect("no panic");
    }
    let is_delivered = host.client.flush(LONG);
    host.client.shutdown();
    say(format_args!("ended {is_delivered}"));
}

#[derive(Clone)]
struct Host {
    name: String,
    client: Client,
}

impl Host {
    fn obey(&self, line: &str, running: &mut Vec<JoinHandle<()>>) {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("run", "") => {
                let host = self.clone();
                running.push(std::thread::spawn(move || host.run()));
            }
            ("send", count) => {
                for _ in 0..count.parse().expect("a number") {
                    self.send().expect("room for a few events");
                }
                say(format_args!("sent"));
            }
            ("durable", "") => {
                let (number, call) = self.call();
                let result = call.send_durable().wait();
                // What was taken in memory only was taken all the same.
                if matches!(result, Ok(()) | Err(Rejected::NotDurable)) {
                    self.acknowledge(number);
                }
                say(format_args!("durable {result:?}"));
            }
            ("flush", millis) => {
                let timeout = Duration::from_millis(millis.parse().expect("a number"));
                say(format_args!("flushed {}", self.client.flush(timeout)));
            }
            _ => panic!("unknown: {line}"),
        }
    }

    /// Sends as fast as there is room, and says of every event that it was taken as soon as it was.
    fn run(&self) {
        while !STOPS.load(Ordering::Relaxed) {
            if self.send().is_err() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    fn send(&self) -> Result<(), Rejected> {
        let (number, call) = self.call();
        call.try_send()?;
        self.acknowledge(number);
        Ok(())
    }

    fn call(&self) -> (u64, TrackCall) {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let call = self.client.track("report_created").user_id("u");
        (number, call.with("number", format_args!("{}-{number}", self.name).to_string()))
    }

    fn acknowledge(&self, number: u64) {
        say(format_args!("+{}-{number}", self.name));
    }
}

/// Says a line, in one write.
fn say(line: fmt::Arguments<'_>) {
    // Whoever listened may be gone.
    let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
}

/// Says what the crate has to say.
fn tell(event: &Event<'_>) {
    struct Fields(String);
    impl Visit for Fields {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            self.0 += &format!(" {field}={value:?}");
        }
    }
    if is_ours(event) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        say(format_args!("log{}", fields.0));
    }
}
