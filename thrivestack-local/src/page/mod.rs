//! The live page: what the server took, for a person to look at. Its files are served from the program itself, and
//! its data only to a browser that asked for this machine by a name of loopback.

mod background;
mod feed;
mod host;
mod rows;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, Request},
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{self, HOST},
    },
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::json;

use self::{background::in_background, host::is_loopback};
use crate::{http::discard, ledger::Ledger, review::flow};

/// The files of the page. They are part of the program, so there is nothing to build or to find at run time.
const FILES: [(&str, &str, &str); 9] = [
    ("/", "text/html; charset=utf-8", include_str!("index.html")),
    ("/page/style.css", "text/css; charset=utf-8", include_str!("style.css")),
    ("/page/icon.svg", "image/svg+xml", include_str!("icon.svg")),
    ("/page/main.js", JAVASCRIPT, include_str!("main.js")),
    ("/page/dom.js", JAVASCRIPT, include_str!("dom.js")),
    ("/page/list.js", JAVASCRIPT, include_str!("list.js")),
    ("/page/detail.js", JAVASCRIPT, include_str!("detail.js")),
    ("/page/panels.js", JAVASCRIPT, include_str!("panels.js")),
    ("/page/flow.js", JAVASCRIPT, include_str!("flow.js")),
];
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Events hold whatever an application's users wrote. The page shows it as text only, and with these headers a browser
/// runs nothing else even if that were wrong.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The most flows that the page lists, and the most steps that it shows of one.
const MAX_FLOWS: usize = 200;
const MAX_STEPS: usize = 1_000;

pub(super) fn router(ledger: &Arc<Ledger>) -> Router {
    let files = FILES.into_iter().fold(Router::new(), |router, (path, content_type, text)| {
        router.route(path, get(move || async move { ([(header::CONTENT_TYPE, content_type)], text) }))
    });
    let [for_feed, for_call, for_flows, for_flow] = [(); 4].map(|()| Arc::clone(ledger));
    let run = feed::new_run();
    files
        .route("/page/feed", get(move |request: Request| feed::feed(for_feed, run, request)))
        .route("/page/call/{number}", get(move |Path(number): Path<u64>| call(for_call, number)))
        .route("/page/flows", get(move |query: Query<User>| flows(for_flows, query)))
        .route("/page/flow", get(move |query: Query<User>| one_flow(for_flow, query)))
        .route_layer(from_fn(guard))
}

/// Lets a request through that was made to this machine by a name of its own, and only to look.
async fn guard(request: Request, next: Next) -> Response {
    let refusal = if !is_made_to_loopback(&request) {
        let message = "the page answers only to `localhost`, `127.0.0.1` and `[::1]`: another name may be another \
                       site's that points here";
        Some((StatusCode::FORBIDDEN, message))
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        Some((StatusCode::METHOD_NOT_ALLOWED, "this path is a part of the page: use GET"))
    } else {
        None
    };
    let mut response = match refusal {
        None => next.run(request).await,
        Some((status, message)) => {
            discard(request.into_body());
            refuse(status, message)
        }
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

/// A request may name the host twice, in its line and in a header; a browser cannot be made to contradict itself, but
/// each of them has to be right.
fn is_made_to_loopback(request: &Request) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter().map(HeaderValue::as_bytes).peekable();
    let in_line = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    (hosts.peek().is_some() || in_line.is_some()) && hosts.chain(in_line).all(is_loopback)
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"success": false, "message": message}))).into_response()
}

async fn call(ledger: Arc<Ledger>, number: u64) -> Response {
    match ledger.call(number) {
        Some(call) => Json(rows::detail(&call)).into_response(),
        None => refuse(StatusCode::NOT_FOUND, "this call is not kept any more, or never came"),
    }
}

#[derive(Debug, Deserialize)]
struct User {
    #[serde(default)]
    user: String,
}

/// The users whose id contains what was asked for.
async fn flows(ledger: Arc<Ledger>, Query(User { user }): Query<User>) -> Response {
    answer(move || {
        let (calls, forgotten) = ledger.history();
        let flows = flow::flows(&calls, &forgotten);
        let with_breaches = flows.iter().filter(|flow| flow.breaches() > 0).count();
        let listed: Vec<_> = flows
            .iter()
            .filter(|flow| flow.user_id.contains(&user))
            .take(MAX_FLOWS)
            .map(|flow| {
                json!({"user": flow.user_id, "calls": flow.steps.len(), "breaches": flow.breaches(),
                             "hints": flow.hints()})
            })
            .collect();
        json!({"users": flows.len(), "with_breaches": with_breaches, "flows": listed})
    })
    .await
}

async fn one_flow(ledger: Arc<Ledger>, Query(User { user }): Query<User>) -> Response {
    answer(move || {
        let (calls, forgotten) = ledger.history();
        let flows = flow::flows(&calls, &forgotten);
        let steps = flows.iter().find(|flow| flow.user_id == user).map_or(&[][..], |flow| &flow.steps);
        let left_out = steps.len().saturating_sub(MAX_STEPS);
        let shown: Vec<_> = steps[left_out..].iter().map(rows::step).collect();
        json!({"user": user, "left_out": left_out, "steps": shown})
    })
    .await
}

async fn answer(work: impl FnOnce() -> serde_json::Value + Send + 'static) -> Response {
    match in_background(work).await {
        Some(value) => Json(value).into_response(),
        None => refuse(StatusCode::INTERNAL_SERVER_ERROR, "the flows could not be worked out"),
    }
}
