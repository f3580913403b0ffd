//! EU compliance: no e-mail address and no name of a user leaves the process, whichever way it came in.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use thrivestack::{Client, Config, Context, Decision, Event, Group, Identify, track, track_event};
use thrivestack_tests::start_with;

const EMAIL: &str = "ada@example.com";
const NAME: &str = "Ada Lovelace";

#[derive(Serialize)]
struct Profile {
    user_email: &'static str,
    email: &'static str,
    city: &'static str,
}

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u32,
    #[identify(rename = "user_email")]
    email: &'static str,
    user_name: &'static str,
    #[identify(personal)]
    first_name: &'static str,
    #[identify(flatten, personal)]
    profile: Profile,
    role: &'static str,
}

#[derive(Group)]
#[group(group_type = "Account")]
struct Account {
    #[group(group_id)]
    id: u32,
    #[group(user_id)]
    owner: u32,
    user_email: &'static str,
    account_name: &'static str,
}

#[derive(Event)]
#[event("report_shared")]
struct ReportShared {
    #[event(user_id)]
    user: u32,
    #[event(flatten(prefix = "user_"))]
    contact: BTreeMap<&'static str, &'static str>,
    #[event(personal)]
    with: &'static str,
    pages: u32,
}

#[track_event("signed_in", user_id = 1, group_id = 2, client = client,
    properties(user_email = EMAIL, visits = visits, user_name = |name| *name, user_role = "admin", door = |name| name.len()),
    context(user_email = EMAIL))]
fn sign_in(client: &Client, visits: u8) -> Option<&'static str> {
    Some(NAME)
}

fn everything(client: &Client) {
    let user = User {
        id: 1,
        email: EMAIL,
        user_name: NAME,
        first_name: NAME,
        profile: Profile { user_email: EMAIL, email: EMAIL, city: NAME },
        role: "admin",
    };
    client.send(user.identify_call());
    client.send(Account { id: 2, owner: 1, user_email: EMAIL, account_name: "Acme" }.group_call());
    let contact = BTreeMap::from([("email", EMAIL), ("name", NAME), ("language", "en")]);
    client.send(ReportShared { user: 1, contact, with: NAME, pages: 3 }.track_call());
    sign_in(client, 7);
    track!("report_deleted", user_id = 1, client = client, properties(user_name = "Ada Lovelace", pages = 3));
    client.track("report_created").user_id(1).with("user_email", EMAIL).context("user_name", NAME).send();
    client.page("Home").user_id(1).with("user_name", NAME).send();
    Context::new().user_id(1).with("user_email", EMAIL).in_scope(|| client.track("report_opened").send());
}

fn defaults(config: Config) -> Config {
    config.context("user_name", NAME).context("app_version", "1.0")
}

#[test]
fn no_email_and_no_name_of_a_user_leaves() {
    let local = start_with(|config| {
        defaults(config).eu_compliance(true).before_send(|payload| {
            payload.properties_mut().insert("user_email".to_owned(), json!(EMAIL));
            Decision::Send
        })
    });
    everything(&local.client);
    let calls = local.calls();
    assert_eq!(calls.len(), 8);
    for call in &calls {
        let text = call.object().to_string();
        assert!(!text.contains("ada@") && !text.contains("Lovelace"), "{text}");
        assert_eq!(call.context("app_version"), Some(&json!("1.0")));
    }
    assert_eq!(calls[0].object()["traits"], json!({"role": "admin"}));
    assert_eq!(calls[2].object()["properties"], json!({"user_language": "en", "pages": 3}));
    let signed_in = json!({"user_role": "admin", "visits": 7, "door": NAME.len()});
    assert_eq!(calls[3].object()["properties"], signed_in, "what stands between what is stripped stays");
    assert_eq!(calls[1].property("account_name"), Some(&json!("Acme")), "the name of an account stays");
}

#[test]
fn without_it_everything_leaves() {
    let local = start_with(defaults);
    everything(&local.client);
    for call in local.calls() {
        let text = call.object().to_string();
        assert!(text.contains("ada@") || text.contains("Lovelace"), "{text}");
    }
}
