//! Every key of `#[derive(Identify)]`, `#[derive(Group)]` and `#[derive(Event)]`.
//!
//! `cargo run --example derives` shows what a ThriveStack on loopback took.

mod local;

use std::time::Duration;

use serde::Serialize;
use thrivestack::{Context, Event, Group, Identify};

#[derive(Identify)]
struct User {
    /// Whom the call is about: anything that is `Display`.
    #[identify(user_id)]
    id: u64,
    /// Goes into the context, if there is one.
    #[identify(group_id)]
    account_id: Option<&'static str>,
    /// ThriveStack's name for it. EU compliance strips this trait.
    #[identify(rename = "user_email")]
    email: String,
    /// EU compliance strips what is marked.
    #[identify(personal)]
    phone: Option<String>,
    /// Stays here. A field whose name looks like a credential does not compile without `skip` or `include`.
    #[identify(skip)]
    password_hash: String,
    /// Looks like a credential, and is none.
    #[identify(include)]
    has_pin: bool,
    /// Left out where the function says so.
    #[identify(skip_if = Vec::is_empty)]
    tags: Vec<String>,
    /// Sent as what the function makes of it.
    #[identify(rename = "trial_seconds", with = Duration::as_secs)]
    trial: Duration,
    /// Every field of it becomes a trait, with the prefix before its name.
    #[identify(flatten(prefix = "billing_"))]
    billing: Billing,
}

#[derive(Serialize)]
struct Billing {
    plan: &'static str,
    seats: u32,
}

#[derive(Group)]
#[group(group_type = "Account")]
struct Account {
    #[group(group_id)]
    id: &'static str,
    /// Who created it; without such a field, the builder or the context says it.
    #[group(user_id)]
    owner_id: u64,
    #[group(rename = "account_name")]
    name: &'static str,
}

/// An event whose properties are the fields of a struct.
#[derive(Event)]
#[event("feature_used")]
struct FeatureUsed {
    #[event(user_id)]
    by: u64,
    #[event(group_id)]
    account_id: &'static str,
    feature_name: &'static str,
    feature_type: &'static str,
}

/// `rename_all` knows serde's styles. Without ids of its own, the event takes those of the context.
#[derive(Event)]
#[event("report_scheduled", rename_all = "camelCase")]
struct ReportScheduled {
    report_id: u32,
    every_days: u32,
}

fn main() -> Result<(), thrivestack::Error> {
    let (server, config) = local::start();
    let guard = thrivestack::init(config)?;

    let user = User {
        id: 17,
        account_id: Some("acme"),
        email: "ada@example.com".to_owned(),
        phone: None,
        password_hash: "argon2id$…".to_owned(),
        has_pin: true,
        tags: Vec::new(),
        trial: Duration::from_secs(14 * 86_400),
        billing: Billing { plan: "pro", seats: 5 },
    };
    assert!(!user.password_hash.is_empty());
    user.identify();
    // The builder, to add to it or to send it with a client of one's own.
    user.identify_call().with("last_seen_version", "1.2.0").send();
    Account { id: "acme", owner_id: user.id, name: "Acme" }.group();
    FeatureUsed { by: user.id, account_id: "acme", feature_name: "report_exported", feature_type: "core" }
        .track();
    Context::new()
        .user_id(17)
        .group_id("acme")
        .in_scope(|| ReportScheduled { report_id: 3, every_days: 7 }.track());

    drop(guard);
    local::print(&server);
    Ok(())
}
