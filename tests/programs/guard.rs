//! A host that keeps its guard, or does not, and logs to the standard error.

use std::time::Duration;

use thrivestack::{Client, Config, init, init_or_disabled};

struct ToStandardError;

impl log::Log for ToStandardError {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target() == "thrivestack"
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            eprintln!("{} {}", record.level(), record.args());
        }
    }

    fn flush(&self) {}
}

fn main() {
    log::set_logger(&ToStandardError).unwrap();
    log::set_max_level(log::LevelFilter::Info);
    let config = Config::from_env();
    match std::env::args().nth(1).as_deref() {
        Some("underscore") => {
            let _ = init_or_disabled(config);
        }
        Some("underscore, twice") => {
            let config = config.unwrap();
            let _ = init(config.clone());
            let _ = init_or_disabled(Ok(config));
        }
        Some("emits") => {
            let _guard = init_or_disabled(config);
            thrivestack::track("signed_in").user_id("u1").send();
        }
        Some("rejects") => {
            let _guard = init_or_disabled(config);
            for _ in 0..3 {
                thrivestack::track("signed_in").send();
            }
        }
        Some("waits") => {
            let _guard = init_or_disabled(config);
            std::thread::sleep(Duration::from_millis(150));
        }
        Some("shuts down") => {
            let _guard = init_or_disabled(config);
            thrivestack::shutdown();
        }
        Some("own clients") => {
            let config = config.unwrap();
            for _ in 0..3 {
                drop(Client::new(config.clone()).unwrap());
            }
        }
        other => panic!("{other:?}"),
    }
}
