//! A client in trouble, and what holds for it whatever the trouble is.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, Once};
use std::time::Duration;

use thrivestack::{Client, Config, Report};
use thrivestack_tests::{LONG, Request};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

pub(crate) const KEY: &str = "7Hq+vASNFZ4mrze8BI0Vnia/N7wEjRWeJq83+Wd0Ztg=";

/// Whether the key, or much of it, was in a message of any crate or in a panic of this process.
static WAS_SEEN: AtomicBool = AtomicBool::new(false);

/// A client that is watched.
pub(crate) struct Case {
    pub(crate) client: Client,
    reports: Mutex<Receiver<Report>>,
}

impl Case {
    pub(crate) fn new(endpoint: impl Into<String>) -> Self {
        Self::with(endpoint, |config| config)
    }

    pub(crate) fn with(endpoint: impl Into<String>, configure: impl FnOnce(Config) -> Config) -> Self {
        Self::of(configure(quick(Config::new(KEY)).endpoint(endpoint)))
    }

    /// A configuration of its own.
    pub(crate) fn of(config: Config) -> Self {
        watch();
        let (sender, reports) = channel();
        let sender = Mutex::new(sender);
        let config = config.on_report(move |report| {
            see(&format!("{report:?}"));
            // A test that has seen enough takes no more.
            let _ = sender.lock().unwrap().send(report.clone());
        });
        see(&format!("{config:?}"));
        Self { client: Client::new(config).unwrap(), reports: Mutex::new(reports) }
    }

    /// Emits so many events, numbered from 0.
    pub(crate) fn emit(&self, events: u64) {
        self.emit_with(events, "");
    }

    /// Emits so many events that carry this text.
    pub(crate) fn emit_with(&self, events: u64, text: &str) {
        for number in 0..events {
            let call = self.client.track("report_created").user_id("u").with("number", number);
            call.with("text", text).send();
            self.check();
        }
    }

    /// Waits for the next report.
    pub(crate) fn report(&self) -> Report {
        self.check();
        self.reports.lock().unwrap().recv_timeout(LONG).expect("a report")
    }

    /// Waits until everything is delivered.
    pub(crate) fn deliver(&self) {
        assert!(self.client.flush(LONG), "{:?}", self.client.stats());
        let stats = self.client.stats();
        assert_eq!((stats.delivered(), stats.pending()), (stats.accepted(), 0), "{stats:?}");
        self.check();
    }

    /// What always holds.
    pub(crate) fn check(&self) {
        let stats = self.client.stats();
        assert_eq!(
            stats.accepted(),
            stats.delivered() + stats.pending() + stats.dropped_total(),
            "{stats:?}"
        );
        see(&format!("{:?}", self.client));
        assert!(!WAS_SEEN.load(Ordering::Relaxed), "the key was in a message, a panic or a `Debug`");
    }
}

/// Looks at the queue often, and gives up at the end without waiting.
pub(crate) fn quick(config: Config) -> Config {
    config.flush_interval(Duration::from_millis(10)).shutdown_timeout(Duration::ZERO)
}

/// The numbers of the events of some requests, in the order of their arrival.
pub(crate) fn numbers(requests: &[Request]) -> Vec<u64> {
    let events = requests.iter().flat_map(Request::events);
    events.map(|event| event["properties"]["number"].as_u64().expect("a number")).collect()
}

fn see(text: &str) {
    if text.contains(&KEY[..20]) || text.contains(&KEY[20..]) {
        WAS_SEEN.store(true, Ordering::Relaxed);
    }
}

/// Reads everything that is logged and every panic of the process.
fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // The worker logs from a thread of its own, so only a subscriber of the whole process sees it.
        tracing::subscriber::set_global_default(Watch).unwrap();
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            see(&panic.to_string());
            tell(panic);
        }));
    });
}

struct Watch;

struct Look;

impl Visit for Look {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        see(&format!("{value:?}"));
    }
}

impl Subscriber for Watch {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Look);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Look);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Look);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
