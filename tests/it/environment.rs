//! The environment of the process, in processes of their own.

use std::process::Command;

use serde_json::{Value, json};
use thrivestack_local::{LocalKey, LocalServer};

/// What the program wrote: on the standard output, and on the standard error.
fn run(variables: &[(&str, &str)]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_from_environment"))
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{variables:?}: {output:?}");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}

fn server() -> (LocalServer, LocalKey) {
    let key = LocalKey::new("test").scope("telemetry_apis");
    (LocalServer::builder().key(key.clone()).start().unwrap(), key)
}

#[test]
fn key_and_endpoint_are_enough() {
    let (server, key) = server();
    let variables = [("THRIVESTACK_API_KEY", key.secret()), ("THRIVESTACK_ENDPOINT", &server.endpoint())];
    let (output, error) = run(&variables);
    assert_eq!(output, "enabled: true\nresult: Some(42)\ndelivered: 1\n");
    assert_eq!(error, "");
    let call = &server.calls()[0];
    assert_eq!((call.user_id(), call.context("source")), (Some("21"), Some(&json!("product"))));
    assert_eq!(call.object()["properties"], json!({"user_email": "ada@example.com", "pages": 42}));
}

#[test]
fn source_and_eu_compliance_come_from_the_environment_too() {
    let (server, key) = server();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}\n", key.secret())).unwrap();
    let variables = [
        ("THRIVESTACK_API_KEY_FILE", file.path().to_str().unwrap()),
        ("THRIVESTACK_ENDPOINT", &server.endpoint()),
        ("THRIVESTACK_SOURCE", "marketing"),
        ("THRIVESTACK_EU_COMPLIANCE", "1"),
    ];
    run(&variables);
    let call = &server.calls()[0];
    assert_eq!(call.context("source"), Some(&json!("marketing")));
    assert_eq!(call.object()["properties"], json!({"pages": 42}));
}

#[test]
fn debug_prints_every_event_and_sends_none() {
    let (server, _) = server();
    let (output, error) = run(&[("THRIVESTACK_DEBUG", "1"), ("THRIVESTACK_ENDPOINT", &server.endpoint())]);
    assert!(output.starts_with("enabled: true\nresult: Some(42)\n"), "{output}");
    let event = error.strip_prefix("thrivestack track ").expect("a line an event");
    let event: Value = serde_json::from_str(event).unwrap();
    assert_eq!((&event["event_name"], &event["user_id"]), (&json!("report_created"), &json!("21")));
    assert!(server.requests().is_empty());
}

#[test]
fn a_service_starts_without_its_key_and_with_a_wrong_environment() {
    let off = "enabled: false\nresult: Some(42)\ndelivered: 0\n";
    assert_eq!(run(&[("THRIVESTACK_DISABLED", "true")]).0, off);
    for (variables, advice) in [
        (&[][..], "set THRIVESTACK_API_KEY"),
        (&[("THRIVESTACK_API_KEY", "")], "set THRIVESTACK_API_KEY"),
        (&[("THRIVESTACK_API_KEY", "k"), ("THRIVESTACK_DEBUG", "perhaps")], "write 1, true, yes or on"),
        (&[("THRIVESTACK_API_KEY", "k"), ("THRIVESTACK_API_KEY_FILE", "/k")], "keep one of them"),
    ] {
        let (output, _) = run(variables);
        let message = output.strip_suffix(off).unwrap_or_else(|| panic!("{variables:?}: {output}"));
        assert!(message.contains(advice), "{variables:?}: {message}");
    }
}

#[test]
fn a_missing_key_is_one_line_on_the_standard_error_where_nobody_listens() {
    for (variables, part) in [
        (&[][..], "thrivestack: telemetry is off: there is no API key: set THRIVESTACK_API_KEY"),
        (&[("THRIVESTACK_API_KEY", "\"k\"")], "thrivestack: telemetry is off: the API key is in quotes"),
    ] {
        let (_, error) = run(variables);
        assert!(error.starts_with(part) && error.lines().count() == 1, "{error}");
    }
    for variables in [("THRIVESTACK_DISABLED", "1"), ("THRIVESTACK_API_KEY", "k")] {
        let endpoint = ("THRIVESTACK_ENDPOINT", "http://127.0.0.1:1/");
        assert_eq!(run(&[variables, endpoint]).1, "", "it is not missing");
    }
}

/// Returns the standard error of a host that logs by `log`, with its guard as told.
fn run_guard(what: &str, variables: &[(&str, &str)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_guard"))
        .arg(what)
        .env_clear()
        .envs(variables.iter().copied())
        .env("THRIVESTACK_API_KEY", "k")
        .env("THRIVESTACK_ENDPOINT", "http://127.0.0.1:1/")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{what}: {output:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[test]
fn a_guard_that_is_dropped_at_once_says_so() {
    let on = "INFO telemetry is on destination=http://127.0.0.1:1/\n";
    let warning = "WARN the guard was dropped right after the start, which ends telemetry";
    // A machine may be too busy for the process to get there in time.
    let said = |what| (0..5).map(|_| run_guard(what, &[])).find(|error| error.contains(warning));
    let error = said("underscore").expect("it is said");
    let rest = error.strip_prefix(on).unwrap_or_else(|| panic!("{error}"));
    assert!(rest.starts_with(warning) && rest.lines().count() == 1, "{error}");

    let error = said("underscore, twice").expect("it is said");
    assert!(error.starts_with(on), "{error}");
    assert_eq!(error.matches(warning).count(), 1, "{error}");
    assert!(error.contains("ERROR this start changes nothing error=thrivestack was already"), "{error}");

    for what in ["emits", "rejects", "waits", "shuts down"] {
        let error = run_guard(what, &[]);
        assert!(error.starts_with(on) && !error.contains(warning), "{what}: {error}");
    }
    assert_eq!(run_guard("own clients", &[]), on, "no guard, and only the first one is news");
}

#[test]
fn debug_prints_every_rejected_call() {
    let error = run_guard("rejects", &[("THRIVESTACK_DEBUG", "True")]);
    let line = error
        .lines()
        .find(|line| line.starts_with("thrivestack rejected"))
        .unwrap_or_else(|| panic!("{error}"));
    assert!(line.starts_with("thrivestack rejected track \"signed_in\" at "), "{line}");
    assert!(line.contains("guard.rs:") && line.contains("the call has no user id"), "{line}");
    assert_eq!(error.matches("thrivestack rejected").count(), 3, "each of them: {error}");
}
