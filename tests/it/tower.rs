//! The layer that gives every request its context.

use std::convert::Infallible;
use std::future::{Future, Ready, poll_fn, ready};
use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, Request, StatusCode, header, request::Parts};
use axum::routing::{Router, get};
use serde_json::json;
use thrivestack::testing::capture;
use thrivestack::tower::{ContextLayer, cookie, user_agent};
use thrivestack::{Context, track};
use tower_layer::Layer;
use tower_service::Service;

/// The user of the `x-user` header acts for the account of the path's first segment.
fn context(parts: &Parts) -> Context {
    let user = parts.headers.get("x-user").and_then(|user| user.to_str().ok());
    Context::new()
        .maybe_user_id(user)
        .maybe_group_id(parts.uri.path().split('/').find(|segment| !segment.is_empty()))
        .maybe_session_id(cookie(&parts.headers, "visitor"))
        .with("user_agent", user_agent(&parts.headers))
}

fn request(path: &str, user: &str) -> Request<Body> {
    Request::get(path).header("x-user", user).body(Body::empty()).unwrap()
}

async fn status(mut app: Router, request: Request<Body>) -> StatusCode {
    poll_fn(|context| Service::<Request<Body>>::poll_ready(&mut app, context)).await.unwrap();
    app.call(request).await.unwrap().status()
}

#[tokio::test]
async fn a_handler_emits_in_the_context_of_its_request() {
    let app = Router::new()
        .route(
            "/acme/reports",
            get(async || {
                track!("report_created");
                tokio::task::yield_now().await;
                let export = async { track!("report_exported", properties(format = "pdf")) };
                tokio::spawn(Context::current().scope(export)).await.unwrap();
            }),
        )
        .layer(thrivestack::ContextLayer::new(context));
    let events = capture();
    let request = Request::get("/acme/reports")
        .header("x-user", "17")
        .header(header::COOKIE, "theme=dark; visitor=v-1")
        .header(header::USER_AGENT, "curl/8")
        .body(Body::empty());
    assert_eq!(status(app.clone(), request.unwrap()).await, StatusCode::OK);
    events.assert_order(["report_created", "report_exported"]);
    for event in events.all() {
        let who = (event.user_id(), event.group_id(), event.session_id());
        assert_eq!(who, (Some("17"), Some("acme"), Some("v-1")));
        assert_eq!(event.context("user_agent"), Some(&json!("curl/8")));
    }
    assert!(events.all()[0].timestamp() < events.all()[1].timestamp());

    // The next request knows nothing of this one.
    events.clear();
    let anonymous = Request::get("/acme/reports").body(Body::empty()).unwrap();
    assert_eq!(status(app, anonymous).await, StatusCode::OK);
    assert!(events.all().is_empty());
    assert_eq!(events.refused().len(), 2);
}

#[tokio::test]
async fn one_value_in_another_encoding_costs_no_other_value_of_a_request() {
    let report = get(async || {
        track!("report_created");
    });
    let app = Router::new().route("/acme/reports", report).layer(ContextLayer::new(context));
    for (cookies, agent, session, user_agent) in [
        (&b"name=Ren\xc3\xa9; visitor=v-1"[..], &b"Caf\xc3\xa9/1"[..], Some("v-1"), Some("Caf\u{e9}/1")),
        (b"name=Ren\xe9; visitor=v-1", b"Caf\xe9/1", Some("v-1"), None),
        (b"visitor=Ren\xe9", b"curl/8", None, Some("curl/8")),
    ] {
        let events = capture();
        let mut request = request("/acme/reports", "17");
        for (name, value) in [(header::COOKIE, cookies), (header::USER_AGENT, agent)] {
            request.headers_mut().insert(name, HeaderValue::from_bytes(value).unwrap());
        }
        assert_eq!(status(app.clone(), request).await, StatusCode::OK);
        let event = &events.all()[0];
        assert_eq!(event.session_id(), session);
        assert_eq!(event.context("user_agent").and_then(serde_json::Value::as_str), user_agent);
    }
}

/// Emits before it returns its future.
struct Eager;

impl Service<Request<()>> for Eager {
    type Response = ();
    type Error = Infallible;
    type Future = Ready<Result<(), Infallible>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        track!("report_created");
        ready(Ok(()))
    }
}

#[test]
fn a_service_that_does_its_work_before_it_returns_a_future_is_in_the_context_too() {
    let events = capture();
    let mut service = ContextLayer::new(context).layer(Eager);
    let request = Request::get("/acme").header("x-user", "17").body(()).unwrap();
    let future = pin!(service.call(request));
    events.assert_tracked("report_created").user_id(17).group_id("acme").once();
    let mut waker = TaskContext::from_waker(Waker::noop());
    assert!(future.poll(&mut waker).is_ready());
    assert_eq!(track_outside(), Err(thrivestack::Rejected::NoUserId));
}

fn track_outside() -> Result<(), thrivestack::Rejected> {
    thrivestack::track("outside").try_send()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousands_of_interleaved_requests_do_not_see_each_other() {
    let app = Router::new()
        .route(
            "/{account}/reports",
            get(async |Path(account): Path<String>| {
                for step in 0..3_u32 {
                    tokio::task::yield_now().await;
                    track!("report_created", properties(account, step));
                }
            }),
        )
        .layer(ContextLayer::new(context));
    let events = capture();
    let mut requests = tokio::task::JoinSet::new();
    for number in 0..2_000_u32 {
        let request = request(&format!("/{number}/reports"), &number.to_string());
        requests.spawn(events.scope(status(app.clone(), request)));
    }
    while let Some(result) = requests.join_next().await {
        assert_eq!(result.unwrap(), StatusCode::OK);
    }
    let all = events.all();
    assert_eq!(all.len(), 6_000);
    for event in &all {
        let account = event.property("account").and_then(serde_json::Value::as_str);
        assert!(account.is_some());
        assert_eq!((event.user_id(), event.group_id()), (account, account));
    }
}
