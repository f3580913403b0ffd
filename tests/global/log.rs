//! What the crate logs. A process of its own, since the subscriber is the process's.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use thrivestack::{Client, Config};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use thrivestack_tests::{LONG, Reply, Scripted};

const KEY: &str = "7Hq+vASNFZ4mrze8BI0Vnia/N7wEjRWeJq83+Wd0Ztg=";

/// Keeps everything that is logged, at every level.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.lock().unwrap().push_str(&format!("{field}={value:?} "));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
        self.0.lock().unwrap().push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn logs_at_every_level_have_neither_the_key_nor_a_payload_and_speak_once() {
    let everything = Everything::default();
    // The worker logs from a thread of its own, so only a subscriber of the whole process sees it.
    tracing::subscriber::set_global_default(everything.clone()).unwrap();
    let server = Scripted::start(std::iter::repeat_n(Reply::status(429), 3).chain([
        Reply::status(200),
        Reply::with_body(400, "x: y", &format!("bad key {KEY}")),
        Reply::status(401),
    ]));
    let config = Config::new(KEY).endpoint(server.endpoint());
    let client = Client::new(config.flush_interval(Duration::from_millis(5))).unwrap();
    for (number, requests) in [(1, 4), (2, 5), (3, 6)] {
        client.track("signed_in").user_id(number).with("secret_of_a_user", "a-payload-of-this-test").send();
        server.wait_for(requests, LONG);
    }
    // The answer to the last request has been read when another key is tried.
    client.set_api_key("another").unwrap();
    assert!(client.flush(LONG));
    let logged = everything.0.lock().unwrap().clone();
    assert!(!logged.contains(&KEY[..20]), "{logged}");
    assert!(!logged.contains("a-payload-of-this-test"), "{logged}");
    for (message, times) in [
        ("cannot be delivered now", 1),
        ("were refused for good", 1),
        ("check the API key", 1),
        ("are delivered again", 2),
    ] {
        assert_eq!(logged.matches(message).count(), times, "{message} in {logged}");
    }
}
