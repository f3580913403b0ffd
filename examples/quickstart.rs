//! The main job, from start to end: configure the key, sign a user up with an account, use features, shut down.
//!
//! `cargo run --example quickstart` starts a ThriveStack on loopback and shows what it took. With THRIVESTACK_API_KEY
//! set, `cargo run --example quickstart -- --live` sends the same to the real service instead.

use std::error::Error;
use std::time::{Duration, SystemTime};

use thrivestack::{Client, Config, Context, Identify, Report, track_event};
use thrivestack_local::{LocalKey, LocalServer};

/// A user of the product. Deriving `Identify` says which fields are ids, which are traits, and what must never leave.
#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    #[identify(rename = "user_email")]
    email: String,
    #[identify(rename = "user_name")]
    name: String,
    role: &'static str,
    #[identify(skip)]
    password_hash: String,
}

struct Account {
    id: u64,
    name: String,
}

#[derive(Debug)]
struct Forbidden;

/// The event leaves when the function has returned, so the ids can be taken from what it returns.
///
/// ThriveStack wants to know the user and the account before the events that name them: `identify` comes from the
/// derive, and the group call from a builder, which says what no annotation could.
#[track_event("signed_up", user_id = |new| new.0.id, group_id = |new| new.1.id, properties(utm_source = "newsletter"))]
fn sign_up(name: &str, email: &str, password: &str, company: &str) -> (User, Account) {
    let user = User {
        id: 4711,
        email: email.to_owned(),
        name: name.to_owned(),
        role: "owner",
        password_hash: format!("argon2id${}", password.len()),
    };
    assert!(!user.password_hash.is_empty(), "a real product stores it");
    user.identify();
    let account = Account { id: 42, name: company.to_owned() };
    tell_of(&account, &user);
    (user, account)
}

fn tell_of(account: &Account, user: &User) {
    thrivestack::group(account.id)
        .user_id(user.id)
        .group_type("Account")
        .with("account_name", &account.name)
        .with("plan_name", "trial")
        .send();
}

/// On every login, ThriveStack is told of the user and the account again.
#[track_event("signed_in", user_id = user.id, group_id = account.id, properties(user_role = user.role))]
fn log_in(user: &User, account: &Account) {
    user.identify();
    tell_of(account, user);
}

#[track_event("account_created", user_id = owner.id, group_id = account.id,
    properties(account_name = account.name, plan_name = "trial"))]
fn provision(account: &Account, owner: &User) {
    // Here the product makes room for what the account will own.
    let _ = (account, owner);
}

#[track_event("account_added_user", user_id = user.id, group_id = account.id,
    properties(role = user.role, join_method = "signup", is_first_user = true))]
fn add_member(account: &Account, user: &User) {
    // Here the product writes the membership into its database.
    let _ = (account, user);
}

/// Deep below the handler, who did it and for which account comes from the context of the request.
#[track_event("feature_used", properties(feature_name = "report_exported", feature_type = "core", pages = |pages| *pages))]
async fn export_report(is_allowed: bool) -> Result<usize, Forbidden> {
    if is_allowed { Ok(12) } else { Err(Forbidden) }
}

/// One handler of the product: everything in its scope is in order, a millisecond apart at least.
fn handle_sign_up() -> (User, Account) {
    Context::new().session_id("s-1").in_scope(|| {
        let (user, account) =
            sign_up("Ada Lovelace", "ada@example.com", "correct horse", "Analytical Engines");
        provision(&account, &user);
        add_member(&account, &user);
        (user, account)
    })
}

/// Other handlers, a moment later.
async fn handle_login_and_exports(user: &User, account: &Account) {
    tokio::time::sleep(Duration::from_millis(20)).await;
    Context::new().session_id("s-2").in_scope(|| log_in(user, account));
    tokio::time::sleep(Duration::from_millis(20)).await;
    let request = Context::new().user_id(user.id).group_id(account.id);
    request
        .scope(async {
            let pages = export_report(true).await;
            println!("   exported {pages:?}: the function succeeded, so the event leaves");
            let refused = export_report(false).await;
            println!("   exported {refused:?}: the function failed, so there is no event");
        })
        .await;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().any(|argument| argument == "--live") {
        return live().await;
    }

    println!("1. A ThriveStack on this machine, with two keys of which one has expired");
    let key = LocalKey::new("production").scope("telemetry_apis");
    let expired = LocalKey::new("last-year").scope("telemetry_apis").expires_at(SystemTime::UNIX_EPOCH);
    let server = LocalServer::builder().key(key.clone()).key(expired.clone()).start()?;
    println!("   listens at {}", server.endpoint());

    println!("2. The product starts, signs a user up, logs her in and lets her export a report");
    let config = Config::new(key.secret()).endpoint(server.endpoint()).context("app_version", "1.0.0");
    let guard = thrivestack::init(config)?;
    let (user, account) = handle_sign_up();
    handle_login_and_exports(&user, &account).await;

    println!("3. The same with keys that the server does not take");
    for (what, refused) in [("a wrong key", "not-a-key-of-this-server"), ("an expired key", expired.secret())]
    {
        show_refusal(what, Config::new(refused).endpoint(server.endpoint()))?;
    }

    println!("4. The product ends: the guard delivers what is queued");
    drop(guard);
    let stats = thrivestack::stats();
    println!(
        "   accepted {}, delivered {}, pending {}, dropped {}, in {} requests",
        stats.accepted(),
        stats.delivered(),
        stats.pending(),
        stats.dropped_total(),
        stats.requests(),
    );

    println!("5. What the server took, in order");
    for call in server.calls() {
        println!(
            "   {:8} {:18} user {:4} group {:2} {}",
            call.endpoint().to_string(),
            call.event_name().unwrap_or_default(),
            call.user_id().unwrap_or("-"),
            call.group_id().unwrap_or("-"),
            call.timestamp().unwrap_or_default(),
        );
        let details = call.object().get("properties").or_else(|| call.object().get("traits"));
        println!("            {}", details.map(ToString::to_string).unwrap_or_default());
    }
    Ok(())
}

/// Sends one event with a client of its own, and prints what the server said to it.
fn show_refusal(what: &'static str, config: Config) -> Result<(), thrivestack::Error> {
    let client = Client::new(config.on_report(move |report| print_report(what, report)))?;
    client.track("signed_in").user_id(4711).group_id(42).send();
    let delivered = client.shutdown();
    println!("   {what}: delivered: {delivered}, and counted: {:?}", client.stats().dropped_total());
    Ok(())
}

fn print_report(what: &str, report: &Report) {
    let status = report.status().map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    println!("   {what}: {status}, {}", report.message().unwrap_or("no message"));
}

/// Sends the same to the real service.
async fn live() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env()?.on_report(|report| {
        print_report(report.endpoint().as_str(), report);
        for warning in report.warnings() {
            println!("   warning: {warning}");
        }
    });
    let guard = thrivestack::init(config)?;
    let (user, account) = handle_sign_up();
    handle_login_and_exports(&user, &account).await;
    let delivered = thrivestack::flush_async(Duration::from_secs(15)).await;
    println!("everything settled: {delivered}; {:?}", thrivestack::stats());
    drop(guard);
    Ok(())
}
