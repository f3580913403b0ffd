//! A logger of `log` that keeps messages, for tests that are a process of their own: the logger is the process's.

use std::sync::Mutex;
use std::time::Instant;

use log::{Level, LevelFilter, Metadata, Record};

use crate::LONG;

/// Keeps what the crate logs, and nothing of others.
pub struct Logger(Mutex<Vec<(Level, String)>>);

static LOGGER: Logger = Logger(Mutex::new(Vec::new()));

impl Logger {
    /// Makes it the logger of the process, for every level.
    pub fn install() -> &'static Self {
        log::set_logger(&LOGGER).expect("the first logger of the process");
        log::set_max_level(LevelFilter::Trace);
        &LOGGER
    }

    /// The messages so far that have this text in them.
    pub fn messages(&self, part: &str) -> Vec<(Level, String)> {
        let kept = self.0.lock().unwrap();
        kept.iter().filter(|(_, message)| message.contains(part)).cloned().collect()
    }

    /// Waits until there are so many of them.
    pub fn wait_for(&self, count: usize, part: &str) -> Vec<(Level, String)> {
        let start = Instant::now();
        while self.messages(part).len() < count {
            assert!(start.elapsed() < LONG, "not {count} times {part:?}: {:?}", self.messages(""));
            std::thread::yield_now();
        }
        self.messages(part)
    }
}

impl log::Log for Logger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if record.target().starts_with("thrivestack") {
            assert_eq!(record.target(), "thrivestack");
            self.0.lock().unwrap().push((record.level(), record.args().to_string()));
        }
    }

    fn flush(&self) {}
}
