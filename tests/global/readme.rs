//! The functions of the README, run against a ThriveStack on loopback: what they send is as ThriveStack documents it. They use
//! the client of the process, so they are a process of their own.

use snippets::{User, export_report, handle, signed_up};
use thrivestack::{Config, Context};
use thrivestack_local::{Endpoint, LocalCall, LocalKey, LocalServer};
use thrivestack_tests::{LONG, block_on};

/// The functions as the README has them, letter by letter.
#[rustfmt::skip]
mod snippets {
use thrivestack::Identify;

#[derive(Identify)]
pub(crate) struct User {
    #[identify(user_id)]
    pub(crate) id: u64,
    #[identify(group_id)]
    pub(crate) account_id: Option<u64>,
    #[identify(rename = "user_email")]
    pub(crate) email: String,
    #[identify(skip)]
    pub(crate) password_hash: String,
    pub(crate) plan: Option<String>,
}

pub(crate) fn signed_up(user: &User, account_id: u64, account_name: &str) {
    user.identify();
    thrivestack::group(account_id)
        .user_id(user.id)
        .group_type("Account")
        .with("account_name", account_name)
        .send();
}

use thrivestack::track_event;

#[track_event("feature_used", user_id, group_id = account,
    properties(feature_name = "report_exported", feature_type = "core", format = %format, pages = |pages| *pages))]
pub(crate) fn export_report(user_id: u64, account: u64, format: std::fmt::Arguments<'_>) -> Option<usize> {
    Some(format.to_string().len())
}

use thrivestack::{Context, track};

pub(crate) async fn handle(user_id: u64, account_id: u64) {
    Context::new().user_id(user_id).group_id(account_id).scope(async {
        track!("report_deleted", properties(reason = "outdated"));
    }).await;
}
}

#[test]
fn what_the_readme_shows_is_sent_as_documented() {
    let readme = include_str!("../../README.md");
    let source = include_str!("readme.rs");
    let shown = source.split("mod snippets {").nth(1).and_then(|rest| rest.split("\n}\n}\n").next()).unwrap();
    for line in shown.lines().map(|line| line.replace("pub(crate) ", "")) {
        assert!(readme.contains(&line), "the README has no such line any more: {line}");
    }

    let key = LocalKey::new("test").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().unwrap();
    let _guard = thrivestack::init(Config::new(key.secret()).endpoint(server.endpoint())).unwrap();
    let user = User {
        id: 17,
        account_id: Some(42),
        email: "ada@example.com".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        plan: None,
    };
    assert!(user.password_hash.starts_with('$'), "it is read here only");
    // A handler runs in a scope, so that its events have timestamps of their own.
    Context::new().in_scope(|| {
        signed_up(&user, 42, "Acme");
        export_report(17, 42, format_args!("pdf")).unwrap();
        block_on(handle(17, 42));
    });
    assert!(thrivestack::flush(LONG));

    let calls = server.calls();
    let endpoints: Vec<_> = calls.iter().map(LocalCall::endpoint).collect();
    assert_eq!(endpoints, [Endpoint::Identify, Endpoint::Group, Endpoint::Track, Endpoint::Track]);
    let events: Vec<_> = calls.iter().filter_map(LocalCall::event_name).collect();
    assert_eq!(events, ["feature_used", "report_deleted"]);
    for call in &calls {
        assert!(call.warnings().is_empty(), "{call:?}");
    }
    assert_eq!((server.breaches(), server.hints()), (Vec::new(), Vec::new()));
}
