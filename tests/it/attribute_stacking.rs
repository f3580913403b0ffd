//! Other attributes above and below.

use serde_json::json;
use thrivestack::{Client, track_event};
use thrivestack_tests::start;

#[tracing::instrument(skip(client))]
#[track_event("report_exported", client, user_id, properties(a = |n| *n))]
fn instrumented_above(client: &Client, user_id: u8) -> Result<u8, String> {
    Ok(user_id)
}

#[track_event("report_exported", client, user_id, properties(a = |n| *n))]
#[tracing::instrument(skip(client), err)]
fn instrumented_below(client: &Client, user_id: u8) -> Result<u8, String> {
    Ok(user_id)
}

#[tracing::instrument(skip(client))]
#[track_event("report_exported", client, user_id, properties(a = |n| *n))]
async fn instrumented_above_async(client: &Client, user_id: u8) -> Result<u8, String> {
    tokio::task::yield_now().await;
    Ok(user_id)
}

#[track_event("report_exported", client, user_id, properties(a = |n| *n))]
#[tracing::instrument(skip(client))]
async fn instrumented_below_async(client: &Client, user_id: u8) -> Result<u8, String> {
    tokio::task::yield_now().await;
    Ok(user_id)
}

#[track_event("report_exported", client, user_id = 1, properties(a = |n| *n))]
#[track_event("report_printed", client, user_id, properties(a = |n| n + 1))]
#[cfg_attr(all(), track_event("report_opened", client, user_id, properties(a = |n| n + 2)))]
fn tracked_three_times(client: &Client, user_id: u8) -> Option<u8> {
    Some(user_id)
}

#[track_event("report_printed", client, user_id = id, properties(id, after = |_| id))]
#[tracing::instrument(skip_all, fields(id = id))]
#[track_event("report_opened", client, user_id = id, properties(id, after = |_| id))]
fn destructured(client: &Client, (id, name): (u8, String)) -> String {
    format!("{id} {name}")
}

#[test]
fn every_attribute_sees_what_a_pattern_binds() {
    let local = start();
    assert_eq!(destructured(&local.client, (3, "x".to_owned())), "3 x");
    let calls = local.calls();
    assert_eq!(calls.len(), 2);
    assert!(
        calls.iter().all(|call| call.object()["properties"] == json!({ "id": 3, "after": 3 })),
        "{calls:?}"
    );
}

#[tokio::test]
async fn attributes_of_others_and_of_ours_stack() {
    let local = start();
    let client = &local.client;
    instrumented_above(client, 1).unwrap();
    instrumented_below(client, 2).unwrap();
    instrumented_above_async(client, 3).await.unwrap();
    instrumented_below_async(client, 4).await.unwrap();
    tracked_three_times(client, 5).unwrap();
    let sent: Vec<_> = local
        .calls()
        .iter()
        .map(|call| (call.event_name().unwrap().to_owned(), call.property("a").cloned()))
        .collect();
    let mut expected: Vec<_> = (1..=4).map(|n| ("report_exported".to_owned(), Some(json!(n)))).collect();
    for (name, a) in [("report_exported", 5), ("report_printed", 6), ("report_opened", 7)] {
        expected.push((name.to_owned(), Some(json!(a))));
    }
    assert_eq!(sent, expected);
}

#[async_trait::async_trait]
trait Exporter: Sync {
    async fn export(&self, client: &Client, rows: u8) -> Result<u8, String>;

    #[track_event("report_opened", client, user_id = 1, properties(rows, total = |n| n + rows))]
    async fn open(&self, client: &Client, mut rows: u8) -> Result<u8, String> {
        tokio::task::yield_now().await;
        rows += 1;
        Ok(rows)
    }

    #[track_event("report_closed", client, user_id = 1)]
    async fn close(client: &Client, (fails, _reason): (bool, &str)) -> Result<(), String>
    where
        Self: Sized,
    {
        if fails { Err("stays open".to_owned()) } else { Ok(()) }
    }
}

struct Csv {
    id: u64,
}

#[async_trait::async_trait]
impl Exporter for Csv {
    #[track_event("report_exported", client, user_id = self.id, properties(rows, total = |n| n + rows, id = |_| self.id))]
    async fn export(&self, client: &Client, mut rows: u8) -> Result<u8, String> {
        tokio::task::yield_now().await;
        if rows == 0 {
            return Err(format!("nothing in {}", self.id));
        }
        rows += 1;
        Ok(rows)
    }
}

#[tokio::test]
async fn methods_of_async_trait_are_tracked_when_they_finish() {
    let local = start();
    let client = &local.client;
    let exporter: &dyn Exporter = &Csv { id: 9 };
    exporter.export(client, 0).await.unwrap_err();
    exporter.export(client, 3).await.unwrap();
    drop(exporter.export(client, 3));
    exporter.open(client, 5).await.unwrap();
    Csv::close(client, (true, "")).await.unwrap_err();
    Csv::close(client, (false, "")).await.unwrap();
    let calls = local.calls();
    let sent: Vec<_> =
        calls.iter().map(|call| (call.event_name().unwrap(), call.object()["properties"].clone())).collect();
    assert_eq!(
        sent,
        [
            ("report_exported", json!({ "rows": 3, "total": 7, "id": 9 })),
            ("report_opened", json!({ "rows": 5, "total": 11 })),
            ("report_closed", json!({})),
        ]
    );
    assert_eq!(calls[0].user_id(), Some("9"));
}

#[axum::debug_handler]
#[track_event("report_exported", client, user_id, properties(id, status = |answer| answer.1.len()))]
async fn handler_above(
    axum::extract::State(client): axum::extract::State<Client>,
    axum::extract::Path((user_id, id)): axum::extract::Path<(u8, u8)>,
    body: String,
) -> Result<(axum::http::StatusCode, String), axum::http::StatusCode> {
    if id == 0 {
        return Err(axum::http::StatusCode::NOT_FOUND);
    }
    Ok((axum::http::StatusCode::OK, format!("{user_id} {id} {body}")))
}

#[track_event("report_opened", client, user_id, when = |answer| answer.status().is_success())]
#[axum::debug_handler]
async fn handler_below(
    axum::extract::State(client): axum::extract::State<Client>,
    axum::extract::Path((user_id, _id)): axum::extract::Path<(u8, u8)>,
) -> axum::response::Response {
    axum::response::IntoResponse::into_response(
        axum::http::StatusCode::from_u16(200 + 200 * u16::from(user_id)).unwrap(),
    )
}

#[tokio::test]
async fn handlers_of_axum_are_functions_too() {
    use axum::extract::{Path, State};

    fn is_handler<T, H: axum::handler::Handler<T, Client>>(_: H) {}
    is_handler(handler_above);
    is_handler(handler_below);
    let local = start();
    let state = || State(local.client.clone());
    handler_above(state(), Path((1, 0)), String::new()).await.unwrap_err();
    handler_above(state(), Path((1, 2)), "x".to_owned()).await.unwrap();
    handler_below(state(), Path((1, 2))).await;
    handler_below(state(), Path((0, 2))).await;
    let calls = local.calls();
    let sent: Vec<_> =
        calls.iter().map(|call| (call.event_name().unwrap(), call.object()["properties"].clone())).collect();
    assert_eq!(sent, [("report_exported", json!({ "id": 2, "status": 5 })), ("report_opened", json!({}))]);
}

#[test]
#[should_panic(expected = "on purpose")]
#[track_event("report_exported", user_id = 1)]
fn a_test_may_panic() {
    panic!("on purpose");
}

#[track_event("report_exported", user_id = 1)]
#[tokio::test]
async fn a_test_may_be_async_below() -> Result<(), String> {
    tokio::task::yield_now().await;
    Ok(())
}

#[tokio::test]
#[track_event("report_exported", user_id = 1)]
async fn a_test_may_be_async_above() -> Result<(), String> {
    tokio::task::yield_now().await;
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "a runtime may own what it runs")]
#[track_event("report_exported", client = client, user_id = 1)]
#[tokio::main(flavor = "current_thread")]
async fn main_below(client: Client) -> Result<u8, String> {
    tokio::task::yield_now().await;
    Ok(3)
}

#[expect(clippy::needless_pass_by_value, reason = "a runtime may own what it runs")]
#[tokio::main(flavor = "current_thread")]
#[track_event("report_exported", client = client, user_id = 1)]
async fn main_above(client: Client) -> Result<u8, String> {
    tokio::task::yield_now().await;
    Ok(3)
}

#[test]
fn a_runtime_may_be_around_or_inside() {
    let local = start();
    main_below(local.client.clone()).unwrap();
    main_above(local.client.clone()).unwrap();
    assert_eq!(local.calls().len(), 2);
}

#[test]
fn deep_recursion_and_nesting_compile() {
    #[track_event("report_exported", client = client, user_id = depth)]
    async fn down(client: &Client, depth: u8) -> Result<u8, String> {
        if depth == 0 {
            return Ok(0);
        }
        Ok(Box::pin(down(client, depth - 1)).await? + 1)
    }
    let local = start();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(down(&local.client, 20)), Ok(20));
    assert_eq!(local.calls().len(), 21);
}

struct User {
    name: String,
    _rows: Vec<u8>,
}

#[track_event("report_exported", client, user_id = name)]
#[tracing::instrument(skip_all, fields(user = %name))]
fn pattern_read_below(User { name, .. }: User, client: &Client) -> usize {
    name.len()
}

#[track_event("report_exported", client, user_id = name)]
#[tracing::instrument(skip_all, fields(user = %name))]
async fn pattern_read_below_async(User { mut name, .. }: User, client: &Client) -> usize {
    name.push('x');
    tokio::task::yield_now().await;
    name.len()
}

#[rstest::rstest]
#[case("ab", 2)]
#[track_event("report_exported", user_id = 1)]
#[case("abc", 3)]
fn cases_above_and_below(#[case] text: String, #[case] expected: usize) {
    assert_eq!(text.len(), expected);
}

#[track_event("report_exported", user_id = text)]
#[rstest::rstest]
#[case("ab", 2)]
fn attributes_of_arguments_reach_a_macro_below(
    #[case]
    #[allow(unused_mut)]
    mut text: String,
    #[case] expected: usize,
) {
    assert_eq!(text.len(), expected);
}

#[tokio::test]
async fn a_pattern_survives_for_an_attribute_below() {
    let local = start();
    let user = |name: &str| User { name: name.to_owned(), _rows: Vec::new() };
    assert_eq!(pattern_read_below(user("ada"), &local.client), 3);
    assert_eq!(pattern_read_below_async(user("bob"), &local.client).await, 4);
    let users: Vec<_> = local.calls().iter().map(|call| call.user_id().map(str::to_owned)).collect();
    assert_eq!(users, [Some("ada".to_owned()), Some("bob".to_owned())]);
}
