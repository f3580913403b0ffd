//! The messages to a host that has a logger of `log` and no subscriber of `tracing`. A process of its own, since the logger is
//! the process's.

use std::time::Duration;

use log::Level;
use thrivestack::{Client, Config, Identify, Rejected, track, track_event};
use thrivestack_tests::{LONG, Logger, Reply, Scripted};

const KEY: &str = "7Hq+vASNFZ4mrze8BI0Vnia/N7wEjRWeJq83+Wd0Ztg=";

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: &'static str,
}

struct Unserializable;

impl serde::Serialize for Unserializable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("in a `Serialize`")
    }
}

#[rustfmt::skip]
mod places {
    use super::*;

    pub(crate) const ATTRIBUTE: u32 = line!() + 2;

    #[track_event("report_created", user_id = user)]
    pub(crate) fn create_report(user: &str) -> Option<()> {
        (user.len() < 9).then_some(())
    }
}

/// Refuses what is `bad`, and finds something missing in everything else.
fn server() -> Scripted {
    Scripted::answering(|request| {
        let body = String::from_utf8_lossy(&request.body);
        if body.contains("refused_event") {
            let words = format!(r#"{{"message": "no such\nfield: trial {KEY}{}"}}"#, "x".repeat(10_000));
            return Reply::with_body(400, "x: y", &words);
        }
        let warnings = ["utm_source", "utm_medium", "utm_term"].map(|key| {
            format!(r#""property `{key}` is missing on `signed_up`: reports will be incomplete""#)
        });
        let warnings = warnings.join(",");
        let other = r#""event `login` is called `signed_in`""#;
        Reply::with_body(200, "x: y", &format!(r#"{{"success": true, "warnings": [{warnings},{other}]}}"#))
    })
}

#[test]
fn a_host_without_a_subscriber_hears_everything_through_log() {
    let logger = Logger::install();
    let server = server();
    let config = Config::new(KEY).endpoint(server.endpoint()).flush_interval(Duration::from_millis(10));
    let guard = thrivestack::init(config.clone()).unwrap();
    let on = logger.messages("telemetry is on ");
    assert_eq!(on, [(Level::Info, format!("telemetry is on destination={}", server.endpoint()))]);

    rejected_calls_are_said_once_a_place_and_reason(logger);
    assert!(logger.messages("the server").is_empty());

    // Accepted, and not as the server would have it.
    for _ in 0..3 {
        thrivestack::track("signed_up").user_id("u1").send();
        assert!(thrivestack::flush(LONG));
    }
    let missing = logger.wait_for(1, "missing on `signed_up`");
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(missing[0].0, Level::Info);
    for part in ["event=signed_up", "utm_source", "utm_medium", "utm_term"] {
        assert!(missing[0].1.contains(part), "{missing:?}");
    }
    let other = logger.messages("is called `signed_in`");
    assert_eq!(other.iter().map(|(level, _)| *level).collect::<Vec<_>>(), [Level::Warn], "{other:?}");

    thrivestack::track("refused_event").user_id("u1").send();
    assert!(thrivestack::flush(LONG));
    let refused = logger.messages("refused for good");
    assert_eq!(refused.len(), 1, "{refused:?}");
    let expected = "the server answered 400: no such field: trial [API key]xxx";
    assert!(refused[0].1.contains(expected) && refused[0].1.len() < 1_000, "{refused:?}");

    a_full_queue_is_said_once_an_episode(logger, &config);

    thrivestack::set_enabled(false);
    thrivestack::track("signed_in").send();
    thrivestack::set_enabled(true);
    drop(guard);
    let before = logger.messages("").len();
    thrivestack::track("signed_in").send();
    assert_eq!(thrivestack::track("signed_in").try_send(), Err(Rejected::ShutDown));
    let after = logger.messages("");
    assert_eq!(after.len(), before, "{after:?}");
    assert!(
        after.iter().all(|(_, message)| !message.contains(&KEY[..20]) && !message.contains('\n')),
        "{after:?}"
    );
}

fn rejected_calls_are_said_once_a_place_and_reason(logger: &Logger) {
    let file = file!();
    let line = line!() + 2;
    for _ in 0..100 {
        thrivestack::track("invite_sent").send();
    }
    let said = logger.wait_for(3, "event=invite_sent");
    for ((level, message), times) in said.iter().zip([1, 10, 100]) {
        let (start, end) = (format!("at={file}:{line} times={times}"), "the call has no user id");
        assert!(*level == Level::Warn && message.contains(end) && message.ends_with(&start), "{message}");
    }
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(thrivestack::stats().rejected(Rejected::NoUserId), 100);

    let _ = places::create_report("");
    let attribute = logger.wait_for(1, "event=report_created");
    assert!(attribute[0].1.contains(&format!("at={file}:{}", places::ATTRIBUTE)), "{attribute:?}");

    let line = line!() + 1;
    track!("signed_in");
    let statement = logger.wait_for(1, "event=signed_in");
    assert!(statement[0].1.contains(&format!("at={file}:{line}")), "{statement:?}");

    let line = line!() + 1;
    User { id: "" }.identify();
    let derived = logger.wait_for(1, "event=identify");
    assert!(derived[0].1.contains(&format!("at={file}:{line}")), "{derived:?}");

    let client = Client::new(Config::new(KEY).endpoint("http://127.0.0.1:1/")).unwrap();
    for (call, part) in [
        (client.group("a1").user_id("u1").into(), "no group type"),
        (client.group("").user_id("u1").group_type("Account").into(), "no group id"),
        (client.page("Home\nPage").into(), "event=Home Page"),
        (client.track("key").user_id("u1").context("source", "x").into(), "a method of its own"),
        (client.track("size").user_id("u1").with("text", "x".repeat(2_000_000)).into(), "event=size"),
        (client.track("panics").user_id("u1").with("value", Unserializable).into(), "event=panics"),
    ] as [(thrivestack::Call, &str); 6]
    {
        client.send(call);
        let _ = client.flush(Duration::ZERO);
        assert_eq!(logger.wait_for(1, part).len(), 1);
    }
    assert_eq!(client.stats().rejected_total(), 6);
}

fn a_full_queue_is_said_once_an_episode(logger: &Logger, config: &Config) {
    let client = Client::new(config.clone().queue_bytes(1_000)).unwrap();
    for _ in 0..100 {
        client.track("signed_in").user_id("u1").send();
    }
    assert!(client.stats().rejected(Rejected::QueueFull) > 0);
    assert_eq!(logger.wait_for(1, "the queue is full").len(), 1);
    assert!(logger.messages("the queue is full: the service").is_empty(), "not by the call");
}
