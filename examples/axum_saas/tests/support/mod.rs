//! The nine flows of ThriveStack's documentation, and who drives them.

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use axum::response::Response;
use serde_json::{Value, json};

/// Something that takes requests: the router itself, or a server.
pub trait Product {
    async fn send(&self, request: Request<Body>) -> Response;

    /// Posts a body as whoever has the token. Gives the status and the JSON of the answer, or its text.
    async fn post(&self, path: &str, token: Option<&str>, body: Value) -> (u16, Value) {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let response = self.send(request.body(Body::from(body.to_string())).unwrap()).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into()))
    }

    async fn post_ok(&self, path: &str, token: Option<&str>, body: Value) -> Value {
        let (status, answer) = self.post(path, token, body).await;
        assert!((200..300).contains(&status), "{path}: {status}");
        answer
    }

    /// Logs somebody in, in whichever way, and gives the token.
    async fn enter(&self, path: &str, body: Value) -> String {
        self.post_ok(path, None, body).await["token"].as_str().expect("a token").to_owned()
    }

    /// Invites an address, and gives the path at which the invitation is accepted.
    async fn invite(&self, token: &str, email: &str) -> String {
        let invite = self.post_ok("/invites", Some(token), json!({"email": email})).await;
        format!("/invites/{}", invite["token"].as_str().expect("a token"))
    }
}

pub fn sign_up(name: &str, email: &str, company: Option<&str>) -> Value {
    json!({"name": name, "email": email, "password": "correct horse", "company": company})
}

pub fn accept(company: Option<&str>) -> Value {
    json!({"name": "Grace", "password": "correct horse", "company": company})
}

pub fn log_in(email: &str) -> Value {
    json!({"email": email, "password": "correct horse"})
}

/// What a flow emits, by ThriveStack's documentation.
pub type Flow = &'static [&'static str];

pub const SIGN_UP_NEW_ACCOUNT: Flow =
    &["identify", "group", "group", "signed_up", "account_created", "account_added_user"];
pub const SIGN_UP_NO_NEW_ACCOUNT: Flow = &["identify", "signed_up", "account_added_user"];
pub const LOGIN: Flow = &["identify", "group", "signed_in"];
pub const LOGOUT: Flow = &["signed_out"];
pub const INVITED_NEW_USER: Flow = &["identify", "signed_up", "account_added_user"];
pub const INVITED_NEW_USER_NEW_ACCOUNT: Flow =
    &["identify", "group", "signed_up", "account_created", "account_added_user"];
pub const INVITED_EXISTING_USER: Flow = &["identify", "group", "signed_in", "account_added_user"];
pub const INVITED_MEMBER: Flow = &[];
pub const PROVISIONING: Flow = &["account_added_user"];
