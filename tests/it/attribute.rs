//! What `#[track_event]` and `track!` send, and what they cost where nobody listens.

use std::cell::Cell;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::json;
use thrivestack::{Client, track, track_event};
use thrivestack_tests::{Local, start};

struct User {
    id: u64,
    account_id: Option<String>,
}

#[derive(Debug)]
struct Invite {
    id: u64,
    token: String,
}

fn user() -> User {
    User { id: 7, account_id: Some("acme".to_owned()) }
}

#[track_event(
    "invite_sent",
    user_id = inviter.id,
    group_id = inviter.account_id,
    session_id = |invite| &invite.token[..2],
    client = client,
    properties(invitee_email = email, invitee_role = %role, invite_id = |invite| invite.id),
    context(org_id = 3, "any key" = |invite| invite.token.len()),
)]
async fn send_invite(client: &Client, inviter: &User, email: &str, role: char) -> Result<Invite, String> {
    tokio::task::yield_now().await;
    if !email.contains('@') {
        return Err("no address".to_owned());
    }
    Ok(Invite { id: 40 + u64::from(role.is_lowercase()), token: "token".to_owned() })
}

#[tokio::test]
async fn every_value_goes_to_its_place() {
    let local = start();
    send_invite(&local.client, &user(), "nobody", 'a').await.unwrap_err();
    send_invite(&local.client, &user(), "a@b.c", 'a').await.unwrap();
    let call = local.only_call();
    assert_eq!(call.event_name(), Some("invite_sent"));
    assert_eq!(call.user_id(), Some("7"));
    assert_eq!(call.group_id(), Some("acme"));
    assert_eq!(
        call.object()["properties"],
        json!({ "invitee_email": "a@b.c", "invitee_role": "a", "invite_id": 41 })
    );
    assert_eq!(call.context("session_id"), Some(&json!("to")));
    assert_eq!(call.context("org_id"), Some(&json!(3)));
    assert_eq!(call.context("any key"), Some(&json!(5)));
    assert_eq!(call.context("source"), Some(&json!("product")));
}

#[test]
fn a_function_sends_with_any_handle_of_a_client() {
    struct Service {
        client: Arc<Client>,
        user: User,
    }
    impl Service {
        #[track_event("report_exported", user_id = self.user.id, client = self.client)]
        fn shared(&self) {}
        #[track_event("report_exported", user_id = self.user.id, client = Client::clone(&self.client))]
        fn cloned(&self) {}
        #[track_event("report_exported", user_id = self.user.id, client = &*self.client)]
        fn borrowed(&self) {}
        #[track_event("report_exported", user_id = 7, client = client)]
        fn moved(client: Client) {
            drop(client);
        }
        #[track_event("report_exported", user_id = 7, client)]
        fn by_name(client: &Client) {}
    }
    let local = start();
    let service = Service { client: Arc::new(local.client.clone()), user: user() };
    service.shared();
    service.cloned();
    service.borrowed();
    Service::moved(local.client.clone());
    Service::by_name(&local.client);
    assert_eq!(local.calls().len(), 5);
}

#[test]
fn ids_are_displayed_and_may_be_missing() {
    let local = start();
    #[track_event("report_exported", client = client, user_id, group_id, device_id = device, source = origin)]
    fn export(client: &Client, user_id: u128, group_id: &Option<String>, device: Option<&str>, origin: &str) {
    }
    export(&local.client, u128::MAX, &Some("acme".to_owned()), None, "marketing");
    export(&local.client, 1, &None, Some("phone"), "product");
    let calls = local.calls();
    assert_eq!(calls[0].user_id(), Some(u128::MAX.to_string().as_str()));
    assert_eq!((calls[0].group_id(), calls[0].context("device_id")), (Some("acme"), None));
    assert_eq!(calls[0].context("source"), Some(&json!("marketing")));
    assert_eq!((calls[1].group_id(), calls[1].context("device_id")), (None, Some(&json!("phone"))));
}

#[test]
fn an_id_of_any_length_is_sent_and_not_remembered() {
    let local = start();
    let client = &local.client;
    for length in [1, 2_000, 40_000, 2] {
        let (user, group) = ("u\"".repeat(length), "g".repeat(length));
        track!("report_exported", user_id = user, group_id = group, client = client, properties(length));
        track!("report_exported", user_id = 1, client = client);
    }
    let calls = local.calls();
    for (index, length) in [1, 2_000, 40_000, 2].into_iter().enumerate() {
        let call = &calls[2 * index];
        assert_eq!(call.user_id(), Some("u\"".repeat(length).as_str()));
        assert_eq!(call.group_id(), Some("g".repeat(length).as_str()));
        assert_eq!(call.property("length"), Some(&json!(length)));
        let next = &calls[2 * index + 1];
        assert_eq!((next.user_id(), next.group_id()), (Some("1"), None));
    }
}

#[test]
fn an_id_of_any_type_is_the_text_of_its_display() {
    struct Account<'a>(&'a str);
    impl AsRef<str> for Account<'_> {
        fn as_ref(&self) -> &str {
            "not what is displayed"
        }
    }
    impl std::fmt::Display for Account<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "account \"{}\"", self.0)
        }
    }
    fn export<T: std::fmt::Display>(client: &Client, generic: T) {
        track!("report_exported", user_id = generic, client = client);
    }
    let local = start();
    let client = &local.client;
    track!("report_exported", user_id = Account("a"), client = client);
    track!("report_exported", user_id = Some(&Account("a")), client = client);
    track!("report_exported", user_id = std::borrow::Cow::Borrowed("a\"b"), client = client);
    track!("report_exported", user_id = Some(Some(i8::MIN)), client = client);
    track!("report_exported", user_id = u64::MAX, client = client);
    track!("report_exported", user_id = usize::MAX, client = client);
    track!("report_exported", user_id = 17, client = client);
    track!("report_exported", user_id = 1.5, client = client);
    track!("report_exported", user_id = 'c', client = client);
    export(client, Account("a"));
    export(client, "a");
    let calls = local.calls();
    let ids: Vec<_> = calls.iter().map(|call| call.user_id().unwrap()).collect();
    let max = u64::MAX.to_string();
    let displayed = r#"account "a""#;
    assert_eq!(ids, [displayed, displayed, "a\"b", "-128", &max, &max, "17", "1.5", "c", displayed, "a"]);
}

#[test]
fn a_name_from_a_constant_comes_with_literals_and_values() {
    const EXPORTED: &str = "report_exported";
    let local = start();
    let pages = 3;
    track!(EXPORTED, user_id = 1, client = local.client, properties(format = "pdf", pages, shared = true));
    let call = local.only_call();
    assert_eq!(call.object()["event_name"], json!("report_exported"));
    for (key, value) in [("format", json!("pdf")), ("pages", json!(3)), ("shared", json!(true))] {
        assert_eq!(call.property(key), Some(&value), "{key}");
    }
}

#[test]
fn the_id_of_a_new_user_comes_from_the_value() {
    let local = start();
    #[track_event("signed_up", client = client, user_id = |user| user.id, group_id = |user| &user.account_id)]
    fn sign_up(client: &Client) -> Result<User, ()> {
        Ok(user())
    }
    sign_up(&local.client).unwrap();
    let call = local.only_call();
    assert_eq!((call.user_id(), call.group_id()), (Some("7"), Some("acme")));
}

#[test]
fn a_timestamp_is_the_given_one() {
    let local = start();
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
    #[track_event("report_exported", client = client, user_id = 1, timestamp = at)]
    fn before(client: &Client, at: SystemTime) {}
    #[track_event("report_exported", client = client, user_id = 1, timestamp = |at| *at)]
    fn after(client: &Client, at: SystemTime) -> SystemTime {
        at
    }
    before(&local.client, at);
    after(&local.client, at);
    track!("report_exported", client = local.client, user_id = 1, timestamp = at);
    let calls = local.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|call| call.timestamp() == Some("2023-11-14T22:13:20.123Z")), "{calls:?}");
}

#[test]
fn literals_arrive_as_serde_would_write_them() {
    let local = start();
    let client = &local.client;
    track!(
        "report_exported",
        client,
        user_id = 1,
        properties(
            text = "quote \" back \\ tab \t nul \0 é 🙂",
            character = '\u{7f}',
            negative = -12,
            hex = 0xff_u8,
            float = 2.50,
            truth = false,
            raw = r#"a"b"#,
            large = 18_446_744_073_709_551_615_u64,
        )
    );
    assert_eq!(
        local.only_call().object()["properties"],
        json!({
            "text": "quote \" back \\ tab \t nul \0 é 🙂", "character": '\u{7f}', "negative": -12, "hex": 0xff_u8,
            "float": 2.50, "truth": false, "raw": r#"a"b"#, "large": u64::MAX,
        })
    );
}

#[test]
fn a_statement_has_the_grammar_of_the_attribute() {
    const EXPORTED: &str = "report_exported";
    let local = start();
    let (client, user, rows, format) = (&local.client, user(), 12, "csv");
    for send in [false, true] {
        track!(
            EXPORTED,
            client = client,
            user_id = user.id,
            group_id = user.account_id,
            when = send,
            properties(rows, %format, debug = ?format, "in words" = format!("{rows} rows")),
            context(version = env!("CARGO_PKG_VERSION")),
        );
    }
    let call = local.only_call();
    assert_eq!(call.event_name(), Some("report_exported"));
    assert_eq!(
        call.object()["properties"],
        json!({ "rows": 12, "format": "csv", "debug": "\"csv\"", "in words": "12 rows" })
    );
    assert_eq!(call.context("version"), Some(&json!(env!("CARGO_PKG_VERSION"))));
    drop(user);
}

#[test]
fn a_statement_is_a_value_of_no_type() {
    let local = start();
    let client = &local.client;
    for rows in 0..3 {
        match rows {
            0 => track!("report_opened", client, user_id = 1),
            _ => track!("report_exported", client, user_id = 1),
        }
    }
    assert_eq!(local.calls().len(), 3);
}

/// Counts how often it is evaluated.
struct Counter(Cell<u32>);

impl Counter {
    fn value(&self) -> u32 {
        self.0.set(self.0.get() + 1);
        self.0.get()
    }
}

#[test]
fn nothing_is_evaluated_or_allocated_for_a_disabled_client() {
    #[track_event("report_exported", client = client, user_id = counter.value(), when = counter.value() > 0,
        properties(a = counter.value(), b = String::from("x"), c = |_| counter.value()))]
    fn plain(client: &Client, counter: &Counter) -> Result<u32, ()> {
        Ok(counter.0.get())
    }
    #[track_event("report_exported", client = client, user_id = counter.value(), when = |_| counter.value() > 0,
        properties(a = counter.value(), c = |_| counter.value()))]
    async fn awaited(client: &Client, counter: &Counter) -> Option<u32> {
        Some(counter.0.get())
    }
    fn statement(client: &Client, counter: &Counter) {
        track!(
            "report_exported",
            client,
            user_id = counter.value(),
            when = counter.value() > 0,
            properties(a = counter.value())
        );
    }
    let local = start();
    local.client.set_enabled(false);
    let counter = Counter(Cell::new(0));
    let run = || {
        plain(&local.client, &counter).unwrap();
        poll(awaited(&local.client, &counter)).unwrap();
        statement(&local.client, &counter);
    };
    let measured = allocation_counter::measure(run);
    assert_eq!((measured.count_total, counter.0.get()), (0, 0));
    local.client.set_enabled(true);
    run();
    assert_eq!((local.calls().len(), counter.0.get()), (3, 11));
}

#[test]
fn nothing_after_the_body_is_evaluated_without_a_success() {
    #[track_event("report_exported", client = client, user_id = 1, when = |_| counter.value() > 0,
        properties(c = |_| counter.value()))]
    fn fails(client: &Client, counter: &Counter) -> Result<u32, ()> {
        Err(())
    }
    #[track_event("report_exported", client = client, user_id = 1, when = |_| counter.value() > 1,
        properties(c = |_| counter.value()))]
    fn succeeds(client: &Client, counter: &Counter) -> Result<u32, ()> {
        Ok(1)
    }
    let local = start();
    let counter = Counter(Cell::new(0));
    fails(&local.client, &counter).unwrap_err();
    assert_eq!(counter.0.get(), 0);
    succeeds(&local.client, &counter).unwrap();
    assert_eq!(counter.0.get(), 1, "the condition comes first, and the rest not at all");
    succeeds(&local.client, &counter).unwrap();
    assert_eq!(local.only_call().property("c"), Some(&json!(3)));
}

#[test]
fn a_client_that_is_switched_off_meanwhile_does_not_disturb_the_function() {
    #[track_event("report_exported", client = client, user_id = 1, properties(a = |n| *n))]
    fn switches(client: &Client) -> u8 {
        client.set_enabled(false);
        3
    }
    let local = start();
    assert_eq!(switches(&local.client), 3);
}

#[test]
fn futures_stay_send_and_about_as_large() {
    #[track_event("report_exported", client = client, user_id = 1, properties(a = text, b = |n| *n))]
    async fn tracked(client: &Client, text: String) -> Result<usize, ()> {
        let buffer = [0_u8; 1024];
        tokio::task::yield_now().await;
        Ok(text.len() + buffer.len())
    }
    async fn bare(_client: &Client, text: String) -> Result<usize, ()> {
        let buffer = [0_u8; 1024];
        tokio::task::yield_now().await;
        Ok(text.len() + buffer.len())
    }
    fn sized<F: Future + Send>(future: &F) -> usize {
        size_of_val(future)
    }
    let Local { client, .. } = &start();
    let (tracked, bare) = (sized(&tracked(client, String::new())), sized(&bare(client, String::new())));
    println!("{tracked} bytes, {bare} without the attribute");
    assert!(tracked <= bare + 128, "{tracked} bytes, {bare} without the attribute");
}

/// The value of a future that is ready at once, without a runtime, which allocates.
fn poll<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => unreachable!("the future is ready"),
    }
}
