//! EU compliance: no e-mail address and no name of a user leaves the process, whichever way it came in.

mod ways;

use proptest::prelude::*;
use serde_json::{Value, json};
use thrivestack::{Client, Config, Context, Decision, testing};
use thrivestack_local::{LocalKey, LocalServer};
use thrivestack_tests::{LONG, config, start_with};

use ways::{EMAIL, NAME, everything};

const HASH: &str = "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72";

/// The e-mail address and the name of a user that nothing else is called.
fn user() -> impl Strategy<Value = (String, String)> {
    ("[A-Za-zäß0-9._+\"\\\\-]{4,12}@[a-zA-Z0-9.-]{4,12}", "Zz[A-Za-zäß'\" ]{4,12}[a-z]")
}

fn with_defaults(config: Config, email: &str, name: &str) -> Config {
    config.context("user_name", name).context("account_id", email).context("app_version", "1.0")
}

fn adding(config: Config, email: &str, name: &str) -> Config {
    let (email, name) = (email.to_owned(), name.to_owned());
    config.before_send(move |payload| {
        payload.properties_mut().insert("user_email".to_owned(), json!(email));
        payload
            .properties_mut()
            .insert("nested".to_owned(), json!([{ "user_name": name, "user_id": email }]));
        payload.context_mut().insert("account_domain".to_owned(), json!(email));
        payload.context_mut().insert("user_name".to_owned(), json!(name));
        Decision::Send
    })
}

/// Returns whether one of the texts of a document contains this one, in any case of its letters.
fn has_text(value: &Value, text: &str) -> bool {
    let is_it = |found: &str| found.to_lowercase().contains(&text.trim().to_lowercase());
    match value {
        Value::String(found) => is_it(found),
        Value::Array(items) => items.iter().any(|item| has_text(item, text)),
        Value::Object(members) => members.iter().any(|(key, item)| is_it(key) || has_text(item, text)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn no_address_and_no_name_of_any_user_leaves_whichever_way_it_came_in((email, name) in user()) {
        let local = start_with(|config| {
            adding(with_defaults(config, &email, &name), &email, &name).eu_compliance(true)
        });
        let sent = everything(&local.client, &email, &name);
        let calls = local.calls();
        prop_assert_eq!(calls.len(), sent);
        for call in &calls {
            prop_assert!(!has_text(call.object(), &email) && !has_text(call.object(), &name), "{}", call.object());
            prop_assert_eq!(call.context("app_version"), Some(&json!("1.0")));
        }
    }
}

#[test]
fn what_is_nobody_s_address_or_name_stays() {
    let local = start_with(|config| with_defaults(config, EMAIL, NAME).eu_compliance(true));
    everything(&local.client, EMAIL, NAME);
    let calls = local.calls();
    let (identify, rest) = calls.split_at(1);
    assert_eq!(identify[0].object()["traits"], json!({"role": "admin"}));
    assert_eq!(rest[0].property("account_name"), Some(&json!("Acme")), "the name of an account stays in B2B");
    let by_name = |name: &str| calls.iter().find(|call| call.event_name() == Some(name)).unwrap();
    assert_eq!(by_name("report_shared").object()["properties"], json!({"user_language": "en", "pages": 3}));
    let signed_in = json!({"user_role": "admin", "visits": 7, "door": NAME.len()});
    assert_eq!(
        by_name("signed_in").object()["properties"],
        signed_in,
        "what stands between what is stripped stays"
    );
    let raw = by_name("report_imported").property("raw").unwrap();
    assert_eq!(raw, &json!({"people": [{"id": 1}, {"user_id": HASH}], "big": 1e40}));
}

#[test]
fn without_it_everything_leaves() {
    let local = start_with(|config| with_defaults(config, EMAIL, NAME));
    everything(&local.client, EMAIL, NAME);
    for call in local.calls() {
        assert!(has_text(call.object(), EMAIL) || has_text(call.object(), NAME), "{}", call.object());
    }
}

#[test]
fn an_id_that_is_an_address_is_the_same_hash_everywhere() {
    let local = start_with(|config| config.eu_compliance(true));
    let client = &local.client;
    client.identify(" Ada@Example.com ").group_id(EMAIL).send();
    client.group(EMAIL).user_id(EMAIL).group_type("Account").with("account_id", EMAIL).send();
    client.track("signed_in").user_id(EMAIL).group_id(EMAIL).with("account_id", "ADA@example.com").send();
    client.page("Home").user_id(EMAIL).context("account_id", EMAIL).send();
    client.track("signed_in").user_id("ada at example").group_id("a b@c").session_id(EMAIL).send();
    let calls = local.calls();
    for call in &calls[..2] {
        assert_eq!((call.user_id(), call.group_id()), (Some(HASH), Some(HASH)));
    }
    assert_eq!(calls[1].object()["group_id"], HASH);
    assert_eq!(calls[1].property("account_id"), Some(&json!(HASH)));
    assert_eq!((calls[2].user_id(), calls[2].property("account_id")), (Some(HASH), Some(&json!(HASH))));
    assert_eq!(
        (calls[3].user_id(), calls[3].group_id()),
        (Some("ada at example"), Some("a b@c")),
        "no addresses"
    );
    assert_eq!((calls[4].user_id(), calls[4].context("account_id")), (Some(HASH), Some(&json!(HASH))));
}

#[test]
fn a_call_is_b2c_by_the_ids_that_are_sent() {
    let local = start_with(|config| config.eu_compliance(true));
    let client = &local.client;
    let send = |user: &str, group: &str| {
        client.group(group).user_id(user).group_type("Account").with("account_name", NAME).send();
    };
    send("u1", "u1");
    send("u1", "a1");
    // The user is joined from the scope.
    Context::new().user_id("u2").in_scope(|| {
        client.group("u2").group_type("Account").with("account_name", NAME).send();
    });
    // What the builder says is stronger than the scope.
    Context::new().user_id("u3").group_id("u3").in_scope(|| {
        client.track("account_renamed").group_id("a3").with("account_name", "Acme").send();
        client
            .track("account_renamed")
            .with("account_name", NAME)
            .context("account_domain", "x.example")
            .send();
    });
    send(EMAIL, EMAIL);
    let names: Vec<_> = local.calls().iter().map(|call| call.property("account_name").is_some()).collect();
    assert_eq!(names, [false, true, false, false, true, false]);
    assert!(!local.calls().iter().any(|call| call.context("account_domain").is_some()));
}

#[test]
fn what_was_spooled_while_the_mode_was_off_is_filtered_when_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let key = LocalKey::new("test").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().unwrap();
    let spooled = |config: Config| with_defaults(config, EMAIL, NAME).spool(folder.path());
    let nobody = Config::new(key.secret()).endpoint("http://127.0.0.1:9/api").shutdown_timeout(LONG / 300);
    let client = Client::new(spooled(nobody)).unwrap();
    let sent = everything(&client, EMAIL, NAME);
    drop(client);
    let client = Client::new(spooled(config(&server, &key)).eu_compliance(true)).unwrap();
    assert!(client.flush(LONG));
    let calls = server.calls();
    assert_eq!(calls.len(), sent, "{:?}", client.stats());
    for call in &calls {
        // What a derive marks is known to the process that emits.
        let mut object = call.object().clone();
        for key in ["traits", "properties"] {
            if let Some(marked) = object.get_mut(key).and_then(Value::as_object_mut) {
                marked.retain(|key, _| !ways::MARKED.contains(&key.as_str()));
            }
        }
        assert!(!has_text(&object, EMAIL) && !has_text(&object, NAME), "{object}");
    }
}

#[test]
fn a_capture_shows_what_would_be_sent() {
    let events = testing::capture_with(&with_defaults(Config::new(""), EMAIL, NAME).eu_compliance(true));
    thrivestack::track("invite_sent").user_id(EMAIL).with("invitee_email", EMAIL).with("seats", 3).send();
    let all = events.all();
    assert_eq!(all[0].user_id(), Some(HASH));
    assert_eq!(all[0].object()["properties"], json!({"seats": 3}));
    assert!(!all[0].to_string().contains(EMAIL));
}
