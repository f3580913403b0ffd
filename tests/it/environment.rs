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
