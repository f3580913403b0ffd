//! Every way by which a value comes into an event.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use thrivestack::{Client, Context, Event, Group, Identify, track, track_event};

pub(super) const EMAIL: &str = "ada@example.com";
pub(super) const NAME: &str = "Ada Lovelace";

/// The keys that are stripped because a derive marks them.
pub(super) const MARKED: [&str; 4] = ["first_name", "email", "city", "with"];

#[derive(Serialize)]
struct Profile<'a> {
    user_email: &'a str,
    email: &'a str,
    city: &'a str,
}

#[derive(Identify)]
struct User<'a> {
    #[identify(user_id)]
    id: &'a str,
    #[identify(rename = "user_email")]
    email: &'a str,
    user_name: &'a str,
    #[identify(personal)]
    first_name: &'a str,
    #[identify(flatten, personal)]
    profile: Profile<'a>,
    role: &'static str,
}

#[derive(Group)]
#[group(group_type = "Account")]
struct Account<'a> {
    #[group(group_id)]
    id: u32,
    #[group(user_id)]
    owner: u32,
    user_email: &'a str,
    account_name: &'static str,
    account_domain: &'a str,
}

#[derive(Event)]
#[event("report_shared")]
struct ReportShared<'a> {
    #[event(user_id)]
    user: u32,
    #[event(flatten(prefix = "user_"))]
    contact: BTreeMap<&'static str, &'a str>,
    #[event(personal)]
    with: &'a str,
    pages: u32,
}

#[track_event("signed_in", user_id = 1, group_id = 2, client = client,
    properties(user_email = email, visits = visits, user_name = |name| *name, user_role = "admin", door = |name| name.len()),
    context(user_email = email))]
fn sign_in<'a>(client: &Client, visits: u8, email: &str, name: &'a str) -> Option<&'a str> {
    Some(name)
}

/// Sends an event for every way. Returns how many there are.
pub(super) fn everything(client: &Client, email: &str, name: &str) -> usize {
    let profile = Profile { user_email: email, email, city: name };
    let user = User { id: email, email, user_name: name, first_name: name, profile, role: "admin" };
    client.send(user.identify_call());
    let account = Account { id: 2, owner: 1, user_email: email, account_name: "Acme", account_domain: email };
    client.send(account.group_call());
    let contact = BTreeMap::from([("email", email), ("name", name), ("language", "en")]);
    client.send(ReportShared { user: 1, contact, with: name, pages: 3 }.track_call());
    sign_in(client, 7, email, name);
    track!("report_deleted", user_id = email, client = client, properties(user_name = name, account_domain = ?email, pages = 3));
    client.track("report_created").user_id(1).with("user_email", email).context("user_name", name).send();
    client.page("Home").user_id(email).group_id(email).with("account_name", name).send();
    Context::new()
        .user_id(email)
        .with("invitee_email", email)
        .in_scope(|| client.track("report_opened").send());
    let nested =
        json!({"people": [{"user_name": name, "more": {"user_email": [email], "account_id": [email]}}]});
    client
        .track("report_exported")
        .user_id(1)
        .with("nested", &nested)
        .context("nested", nested.clone())
        .send();
    let raw = format!(
        r#"{{"people":[ {{"user_\u006eame":{} ,"id":1}}, {{"user_id":{}}}],"big":1e40}}"#,
        json!(name),
        json!(email)
    );
    let raw = RawValue::from_string(raw).unwrap();
    client.track("report_imported").user_id(1).with("raw", &raw).send();
    client.track("invite_sent").user_id(1).with("invitee_email", email).with("invitee_role", "admin").send();
    // A product without accounts of companies.
    let b2c = client.group(email).user_id(email).group_type("Account");
    b2c.with("account_name", name).with("account_domain", email).with("account_id", email).send();
    12
}
