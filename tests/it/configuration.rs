//! What is wrong with a configuration is said once, clearly, and before anything starts.

use std::time::Duration;

use thrivestack::{Client, Config, ErrorKind};

fn kind(config: Config) -> ErrorKind {
    Client::new(config).expect_err("the configuration is wrong").kind()
}

#[test]
fn a_wrong_configuration_is_refused_with_its_kind() {
    let config = || Config::new("key").endpoint("http://127.0.0.1:9/api");
    for (config, expected) in [
        (Config::new(""), ErrorKind::MissingKey),
        (Config::new(" \t"), ErrorKind::MissingKey),
        (Config::new("two words"), ErrorKind::InvalidKey),
        (Config::new("line\nbreak"), ErrorKind::InvalidKey),
        (Config::with_key_file("/nonexistent/key"), ErrorKind::InvalidKey),
        (config().endpoint("not an address"), ErrorKind::InvalidEndpoint),
        (config().endpoint("ftp://host/api"), ErrorKind::InvalidEndpoint),
        (config().endpoint("http://api.app.thrivestack.ai/api"), ErrorKind::InsecureEndpoint),
        (config().max_batch_events(0), ErrorKind::InvalidLimit),
        (config().max_batch_events(1_001), ErrorKind::InvalidLimit),
        (config().max_batch_bytes(0), ErrorKind::InvalidLimit),
        (config().max_batch_bytes(2_000_001), ErrorKind::InvalidLimit),
        (config().queue_bytes(0), ErrorKind::InvalidLimit),
        (config().flush_interval(Duration::ZERO), ErrorKind::InvalidLimit),
        (config().request_timeout(Duration::ZERO), ErrorKind::InvalidLimit),
        (config().context("group_id", "a"), ErrorKind::InvalidContext),
        (config().context("f", std::collections::BTreeMap::from([((1, 2), 3)])), ErrorKind::InvalidContext),
    ] {
        let text = format!("{config:?}");
        assert_eq!(kind(config), expected, "{text}");
    }
    assert!(Client::new(config().max_batch_events(1_000).max_batch_bytes(2_000_000)).is_ok());
    assert!(Client::new(config().endpoint("http://example.invalid/api").danger_allow_http(true)).is_ok());
    assert!(Client::new(config().flush_interval(Duration::MAX).request_timeout(Duration::MAX)).is_ok());
}

#[test]
fn a_disabled_configuration_needs_no_key_and_refuses_nothing() {
    let client = Client::new(Config::new("").endpoint("nonsense").disabled(true)).unwrap();
    assert!(!client.is_enabled());
    client.set_enabled(true);
    assert!(!client.is_enabled());
    assert!(client.flush(Duration::ZERO) && client.shutdown());
    assert_eq!(client.set_api_key("key").unwrap_err().kind(), ErrorKind::NotRunning);
}

#[test]
fn a_key_that_cannot_be_sent_leaves_the_old_one() {
    let local = thrivestack_tests::start();
    for (key, expected) in [("", ErrorKind::MissingKey), ("a b", ErrorKind::InvalidKey)] {
        assert_eq!(local.client.set_api_key(key).unwrap_err().kind(), expected);
    }
    local.client.track("signed_in").user_id("u").send();
    assert_eq!(local.calls().len(), 1);
}

#[test]
fn every_message_says_what_to_do() {
    for (config, advice) in [
        (Config::new(""), "THRIVESTACK_API_KEY"),
        (Config::new("a b"), "copy it again"),
        (Config::new("key").endpoint("x"), "https://api.app.thrivestack.ai/api"),
        (Config::new("key").endpoint("http://example.com"), "danger_allow_http"),
        (Config::new("key").max_batch_events(5_000), "1000"),
    ] {
        let message = Client::new(config).unwrap_err().to_string();
        assert!(message.contains(advice), "{message}");
    }
}
