//! What the derives send.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::json;
use thrivestack::{Call, Event, Group, Identify, TrackCall};
use thrivestack_local::{Endpoint, LocalCall};
use thrivestack_tests::{Local, start, start_with};

/// What a server gets of one call.
pub(super) fn sent(local: &Local, call: impl Into<Call>) -> LocalCall {
    local.client.try_send(call).unwrap();
    local.calls().pop().unwrap()
}

/// The traits or properties of a call.
pub(super) fn values(call: &LocalCall) -> serde_json::Value {
    let object = call.object();
    object.get("traits").or_else(|| object.get("properties")).cloned().unwrap_or_default()
}

#[derive(Serialize)]
struct Profile {
    city: &'static str,
    language: Option<&'static str>,
    api_key: &'static str,
}

const PROFILE: Profile = Profile { city: "Kyiv", language: None, api_key: "not to be sent" };

#[test]
fn identify_sends_every_field_in_its_place() {
    #[derive(Identify)]
    struct User {
        #[identify(user_id)]
        id: u64,
        #[identify(group_id)]
        account_id: Option<u64>,
        #[identify(rename = "user_email")]
        email: &'static str,
        #[identify(skip)]
        #[expect(dead_code, reason = "skipped")]
        password_hash: &'static str,
        plan: Option<&'static str>,
        r#type: &'static str,
        roles: Vec<&'static str>,
    }
    let local = start();
    let user = User {
        id: 7,
        account_id: Some(42),
        email: "a@example.com",
        password_hash: "x",
        plan: None,
        r#type: "human",
        roles: vec!["admin"],
    };
    let call = sent(&local, user.identify_call());
    assert_eq!(call.endpoint(), Endpoint::Identify);
    assert_eq!(call.user_id(), Some("7"));
    assert_eq!(call.context("group_id"), Some(&json!("42")));
    assert_eq!(values(&call), json!({ "user_email": "a@example.com", "type": "human", "roles": ["admin"] }));
}

#[test]
fn a_missing_group_is_left_out() {
    #[derive(Identify)]
    struct User<'a> {
        #[identify(user_id)]
        id: &'a str,
        #[identify(group_id)]
        account_id: &'a Option<u64>,
    }
    let local = start();
    let call = sent(&local, User { id: "u7", account_id: &None }.identify_call());
    assert_eq!(call.user_id(), Some("u7"));
    assert_eq!(call.context("group_id"), None);
}

#[test]
fn the_builder_can_add_to_a_derived_call() {
    #[derive(Identify)]
    struct User {
        #[identify(user_id)]
        id: u64,
    }
    let local = start();
    let call = sent(&local, User { id: 7 }.identify_call().group_id(42).with("plan", "pro"));
    assert_eq!(call.context("group_id"), Some(&json!("42")));
    assert_eq!(values(&call), json!({ "plan": "pro" }));
}

#[test]
fn an_included_credential_is_sent() {
    #[derive(Identify)]
    struct User {
        #[identify(user_id)]
        id: u64,
        #[identify(include)]
        has_secret: bool,
        #[identify(include, rename = "last_token")]
        last: u8,
    }
    let local = start();
    let call = sent(&local, User { id: 7, has_secret: true, last: 9 }.identify_call());
    assert_eq!(values(&call), json!({ "has_secret": true, "last_token": 9 }));
}

#[test]
fn flattened_values_bring_their_own_keys() {
    #[derive(Identify)]
    struct User {
        #[identify(user_id)]
        id: u64,
        #[identify(flatten)]
        profile: Profile,
        #[identify(flatten(prefix = "billing_"))]
        billing: Option<Profile>,
        #[identify(flatten(prefix = "shipping_"))]
        shipping: Option<Profile>,
        #[identify(flatten, skip_if = BTreeMap::is_empty)]
        extra: BTreeMap<&'static str, u8>,
    }
    let local = start();
    let user = User {
        id: 7,
        profile: PROFILE,
        billing: Some(PROFILE),
        shipping: None,
        extra: BTreeMap::from([("seats", 3)]),
    };
    let call = sent(&local, user.identify_call());
    assert_eq!(values(&call), json!({ "city": "Kyiv", "billing_city": "Kyiv", "seats": 3 }));
}

#[test]
fn skip_if_and_with_decide_on_the_value() {
    fn initial(email: &&'static str) -> char {
        email.chars().next().unwrap()
    }
    #[expect(clippy::ptr_arg, reason = "what `with` takes")]
    fn first(names: &Vec<String>) -> &str {
        &names[0]
    }
    #[derive(Identify)]
    struct User {
        #[identify(user_id)]
        id: u64,
        #[identify(with = initial)]
        email: &'static str,
        #[identify(skip_if = Vec::is_empty)]
        roles: Vec<u8>,
        #[identify(skip_if = Vec::is_empty, with = first)]
        nickname: Vec<String>,
        // `first` would panic if it were called.
        #[identify(skip_if = Vec::is_empty, with = first)]
        other_name: Vec<String>,
        #[identify(with = Duration::as_secs_f64, rename = "trial_seconds")]
        trial: Duration,
        #[identify(with = Option::as_ref)]
        plan: Option<u8>,
        #[identify(flatten, with = Option::as_ref)]
        profile: Option<Profile>,
    }
    let local = start();
    let user = User {
        id: 7,
        email: "a@example.com",
        roles: vec![],
        nickname: vec!["Ann".to_owned()],
        other_name: vec![],
        trial: Duration::from_millis(1_500),
        plan: None,
        profile: Some(PROFILE),
    };
    let expected = json!({ "email": "a", "nickname": "Ann", "trial_seconds": 1.5, "city": "Kyiv" });
    assert_eq!(values(&sent(&local, user.identify_call())), expected);
}

#[test]
fn personal_traits_stay_in_europe() {
    #[derive(Identify)]
    struct User {
        #[identify(user_id)]
        id: u64,
        #[identify(personal)]
        phone: &'static str,
        #[identify(flatten(prefix = "home_"))]
        #[identify(personal)]
        home: Profile,
        #[identify(rename = "user_name")]
        name: &'static str,
        plan: &'static str,
    }
    let user = User { id: 7, phone: "123", home: PROFILE, name: "Ann", plan: "pro" };
    let everywhere = start();
    let all = json!({ "phone": "123", "home_city": "Kyiv", "user_name": "Ann", "plan": "pro" });
    assert_eq!(values(&sent(&everywhere, user.identify_call())), all);
    let europe = start_with(|config| config.eu_compliance(true));
    assert_eq!(values(&sent(&europe, user.identify_call())), json!({ "plan": "pro" }));
}

#[test]
fn group_sends_its_type_and_both_ids() {
    #[derive(Group)]
    #[group(group_type = "Account", rename_all = "camelCase")]
    struct Account {
        #[group(group_id)]
        id: u64,
        #[group(user_id)]
        owner: Option<u64>,
        seats_used: u8,
        #[group(rename = "account_name")]
        name: &'static str,
    }
    let local = start();
    let account = Account { id: 42, owner: Some(7), seats_used: 3, name: "Example" };
    let call = sent(&local, account.group_call());
    assert_eq!(call.endpoint(), Endpoint::Group);
    assert_eq!((call.group_id(), call.user_id()), (Some("42"), Some("7")));
    assert_eq!(call.context("group_id"), Some(&json!("42")));
    assert_eq!(call.context("group_type"), Some(&json!("Account")));
    assert_eq!(values(&call), json!({ "group_type": "Account", "seatsUsed": 3, "account_name": "Example" }));
}

#[test]
fn the_builder_brings_what_a_group_leaves_open() {
    #[derive(Group)]
    #[group(group_type = "Workspace")]
    struct Space {
        #[group(group_id)]
        id: u64,
    }
    let local = start();
    let call = sent(&local, Space { id: 9 }.group_call().user_id(7).group_type("Team"));
    assert_eq!((call.group_id(), call.user_id()), (Some("9"), Some("7")));
    assert_eq!(call.context("group_type"), Some(&json!("Team")));
}

#[test]
fn event_sends_its_name_ids_and_time() {
    #[derive(Event)]
    #[event("invite_sent")]
    struct InviteSent {
        #[event(user_id)]
        inviter: Option<u64>,
        #[event(group_id)]
        account: u64,
        #[event(session_id)]
        session: &'static str,
        #[event(device_id)]
        device: Option<&'static str>,
        #[event(timestamp)]
        at: SystemTime,
        invitee_email: &'static str,
    }
    let local = start();
    let event = InviteSent {
        inviter: Some(7),
        account: 42,
        session: "s1",
        device: None,
        at: SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123),
        invitee_email: "a@example.com",
    };
    let call = sent(&local, event.track_call());
    assert_eq!(call.event_name(), Some("invite_sent"));
    assert_eq!((call.user_id(), call.group_id()), (Some("7"), Some("42")));
    assert_eq!(call.context("session_id"), Some(&json!("s1")));
    assert_eq!(call.context("device_id"), None);
    assert_eq!(call.timestamp(), Some("2023-11-14T22:13:20.123Z"));
    assert_eq!(values(&call), json!({ "invitee_email": "a@example.com" }));
}

#[test]
fn an_event_may_be_named_by_a_constant_or_against_the_rules() {
    const REPORT_EXPORTED: &str = "report_exported";
    #[derive(Event)]
    #[event(REPORT_EXPORTED)]
    struct ReportExported {}
    #[derive(Event)]
    #[event(allow(event_name), "ExportReport")]
    struct ExportReport {}
    #[derive(Event)]
    #[event("feature_used", allow(missing_properties))]
    struct FeatureUsed {}
    #[derive(Event)]
    #[event("feature_used")]
    struct Flattened {
        #[event(flatten)]
        properties: BTreeMap<&'static str, &'static str>,
    }
    let local = start();
    let name = |call: TrackCall| sent(&local, call.user_id(7)).event_name().map(str::to_owned);
    assert_eq!(name(ReportExported {}.track_call()).as_deref(), Some("report_exported"));
    assert_eq!(name(ExportReport {}.track_call()).as_deref(), Some("ExportReport"));
    assert_eq!(name(FeatureUsed {}.track_call()).as_deref(), Some("feature_used"));
    let properties = BTreeMap::from([("feature_name", "report_exported")]);
    let call = sent(&local, Flattened { properties }.track_call().user_id(7));
    assert_eq!(call.property("feature_name"), Some(&json!("report_exported")));
}

#[test]
fn two_derives_read_their_own_attributes() {
    #[derive(Identify, Group)]
    #[identify(rename_all = "SCREAMING-KEBAB-CASE")]
    #[group(group_type = "Account")]
    #[group(rename_all = "PascalCase")]
    struct Freelancer {
        #[identify(user_id)]
        #[group(group_id)]
        id: u64,
        #[identify(skip)]
        #[group(user_id)]
        owner: u64,
        plan_name: &'static str,
    }
    let freelancer = Freelancer { id: 7, owner: 8, plan_name: "solo" };
    let local = start();
    assert_eq!(values(&sent(&local, freelancer.identify_call())), json!({ "PLAN-NAME": "solo" }));
    let call = sent(&local, freelancer.group_call());
    assert_eq!((call.group_id(), call.user_id()), (Some("7"), Some("8")));
    assert_eq!(values(&call), json!({ "group_type": "Account", "PlanName": "solo" }));
}
