//! The same over HTTP, with the client of the process, against a ThriveStack on loopback.

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use axum_saas::{App, router};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use support::*;
use thrivestack::Config;
use thrivestack_local::{LocalCall, LocalKey, LocalServer};

const LONG: Duration = Duration::from_secs(30);

struct OverHttp {
    client: Client<HttpConnector, Body>,
    address: SocketAddr,
}

impl Product for OverHttp {
    async fn send(&self, mut request: Request<Body>) -> Response {
        *request.uri_mut() = format!("http://{}{}", self.address, request.uri()).parse().unwrap();
        self.client.request(request).await.unwrap().into_response()
    }
}

/// ThriveStack, and how much of what it took was looked at.
struct ThriveStack {
    server: LocalServer,
    seen: usize,
}

impl ThriveStack {
    /// Everything that arrived since the last call, in the order of arrival.
    async fn arrived(&mut self) -> Vec<LocalCall> {
        assert!(thrivestack::flush_async(LONG).await);
        let calls = self.server.calls().split_off(self.seen);
        self.seen += calls.len();
        calls
    }

    async fn assert_arrived(&mut self, expected: Flow) {
        let calls = self.arrived().await;
        let name = |call: &LocalCall| {
            call.event_name().map_or_else(|| call.endpoint().to_string(), ToOwned::to_owned)
        };
        let arrived: Vec<String> = calls.iter().map(name).collect();
        assert_eq!(arrived, expected);
        assert_eq!(calls.iter().flat_map(LocalCall::warnings).collect::<Vec<_>>(), [""; 0]);
        assert_eq!(self.server.breaches(), [""; 0]);
        assert_eq!(self.server.hints(), [""; 0]);
    }
}

#[tokio::test]
async fn every_flow_arrives_in_the_documented_order() {
    let key = LocalKey::new("production").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().unwrap();
    let guard = thrivestack::init(Config::new(key.secret()).endpoint(server.endpoint())).unwrap();
    let mut thrivestack = ThriveStack { server, seen: 0 };

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(axum::serve(listener, router(App::in_memory().unwrap())).into_future());
    let product = OverHttp { client: Client::builder(TokioExecutor::new()).build_http(), address };

    let owner = product.enter("/sign-up", sign_up("Ada", "ada@acme.example", Some("Acme"))).await;
    thrivestack.assert_arrived(SIGN_UP_NEW_ACCOUNT).await;
    product.enter("/sign-up", sign_up("Bob", "bob@acme.example", None)).await;
    thrivestack.assert_arrived(SIGN_UP_NO_NEW_ACCOUNT).await;
    let bob = product.enter("/log-in", log_in("bob@acme.example")).await;
    thrivestack.assert_arrived(LOGIN).await;
    product.post_ok("/log-out", Some(&bob), json!({})).await;
    thrivestack.assert_arrived(LOGOUT).await;

    let invite = product.invite(&owner, "carol@navy.example").await;
    thrivestack.assert_arrived(&["invite_sent"]).await;
    product.enter(&invite, accept(None)).await;
    thrivestack.assert_arrived(INVITED_NEW_USER).await;
    let invite = product.invite(&owner, "dora@delta.example").await;
    thrivestack.assert_arrived(&["invite_sent"]).await;
    product.enter(&invite, accept(Some("Delta"))).await;
    thrivestack.assert_arrived(INVITED_NEW_USER_NEW_ACCOUNT).await;
    let invite = product.invite(&owner, "dora@delta.example").await;
    thrivestack.assert_arrived(&["invite_sent"]).await;
    product.enter(&invite, accept(None)).await;
    thrivestack.assert_arrived(INVITED_EXISTING_USER).await;
    let invite = product.invite(&owner, "dora@delta.example").await;
    thrivestack.assert_arrived(&["invite_sent"]).await;
    product.enter(&invite, accept(None)).await;
    thrivestack.assert_arrived(INVITED_MEMBER).await;
    let member = json!({"name": "Eve", "email": "eve@acme.example"});
    product.post_ok("/members", Some(&owner), member).await;
    thrivestack.assert_arrived(PROVISIONING).await;

    let report = product.post_ok("/reports", Some(&owner), json!({"title": "Q3"})).await;
    thrivestack.assert_arrived(&["onboarding_created_first_report_completed", "feature_used"]).await;
    let path = format!("/reports/{}/export", report["id"].as_str().unwrap());
    product.post_ok(&path, Some(&owner), json!({})).await;
    thrivestack.assert_arrived(&["feature_used"]).await;

    serving.abort();
    drop(guard);
    let stats = thrivestack::stats();
    assert_eq!(stats.delivered(), stats.accepted());
    assert_eq!(stats.accepted(), thrivestack.seen as u64);
}
