//! Every flow, and what it emits: captured, without a network.

mod support;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use axum_saas::{App, router};
use serde_json::json;
use support::*;
use thrivestack::testing::{Capture, capture};
use tower::ServiceExt;

struct InProcess(Router);

impl Product for InProcess {
    async fn send(&self, request: Request<Body>) -> Response {
        self.0.clone().oneshot(request).await.unwrap()
    }
}

/// A product with an account whose owner is Ada, and what happens from here on.
async fn product() -> (InProcess, String, Capture) {
    let product = InProcess(router(App::in_memory().unwrap()));
    let owner = product.enter("/sign-up", sign_up("Ada", "ada@acme.example", Some("Acme"))).await;
    (product, owner, capture())
}

#[tokio::test]
async fn sign_up_with_a_new_account() {
    let (product, _, events) = product().await;
    product.enter("/sign-up", sign_up("Bob", "bob@beta.example", Some("Beta"))).await;
    events.assert_order(SIGN_UP_NEW_ACCOUNT.iter().copied());

    let all = events.all();
    let user = all[0].user_id().unwrap();
    let (account, workspace) = (all[1].group_id().unwrap(), all[2].group_id().unwrap());
    events.assert_identified(user).with("user_email", "bob@beta.example").with("user_name", "Bob");
    events.assert_identified(user).without("password_hash").once();
    events.assert_grouped(account).user_id(user).with("group_type", "Account").with("account_name", "Beta");
    events.assert_grouped(workspace).user_id(user).with("group_type", "Workspace");
    for name in ["signed_up", "account_created", "account_added_user"] {
        events.assert_tracked(name).user_id(user).group_id(account).context("source", "product").once();
    }
    events.assert_tracked("account_created").with("account_name", "Beta");
    events.assert_tracked("account_added_user").with("join_method", "signup").with("is_first_user", true);
    assert!(all.windows(2).all(|pair| pair[0].timestamp() < pair[1].timestamp()));
}

#[tokio::test]
async fn sign_up_without_a_new_account() {
    let (product, _, events) = product().await;
    product.enter("/sign-up", sign_up("Bob", "bob@acme.example", None)).await;
    events.assert_order(SIGN_UP_NO_NEW_ACCOUNT.iter().copied());
    events.assert_tracked("account_added_user").with("account_name", "Acme").with("role", "member");
}

#[tokio::test]
async fn login_and_logout() {
    let (product, _, events) = product().await;
    let token = product.enter("/log-in", log_in("ada@acme.example")).await;
    events.assert_order(LOGIN.iter().copied());
    let signed_in = events.assert_tracked("signed_in").once();
    let (user, account) = (signed_in.user_id().unwrap(), signed_in.group_id().unwrap());
    events.assert_identified(user).group_id(account);
    events.assert_grouped(account).user_id(user).with("group_type", "Account").with("account_name", "Acme");

    events.clear();
    product.post_ok("/log-out", Some(&token), json!({})).await;
    events.assert_order(LOGOUT.iter().copied());
    let signed_out = events.assert_tracked("signed_out").user_id(user).group_id(account).once();
    assert_ne!(signed_out.session_id(), Some(token.as_str()), "the token stays here");

    events.clear();
    assert_eq!(product.post("/log-out", Some(&token), json!({})).await.0, 401);
    events.assert_nothing();
}

#[tokio::test]
async fn invited_as_a_new_user() {
    let (product, owner, events) = product().await;
    let invite = product.invite(&owner, "grace@navy.example").await;
    events.assert_order(["invite_sent"]);
    events.assert_tracked("invite_sent").with("invitee_email", "grace@navy.example");

    events.clear();
    product.enter(&invite, accept(None)).await;
    events.assert_order(INVITED_NEW_USER.iter().copied());
    events.assert_tracked("account_added_user").with("join_method", "invite").with("account_name", "Acme");
}

#[tokio::test]
async fn invited_as_a_new_user_with_a_new_account() {
    let (product, owner, events) = product().await;
    let invite = product.invite(&owner, "grace@navy.example").await;
    events.clear();
    product.enter(&invite, accept(Some("Navy"))).await;
    events.assert_order(INVITED_NEW_USER_NEW_ACCOUNT.iter().copied());
    events.assert_tracked("account_created").with("account_name", "Navy");
}

#[tokio::test]
async fn invited_as_an_existing_user() {
    let (product, owner, events) = product().await;
    product.enter("/sign-up", sign_up("Bob", "bob@beta.example", Some("Beta"))).await;
    let invite = product.invite(&owner, "bob@beta.example").await;
    events.clear();
    product.enter(&invite, accept(None)).await;
    events.assert_order(INVITED_EXISTING_USER.iter().copied());
    events.assert_tracked("account_added_user").with("account_name", "Acme");
}

#[tokio::test]
async fn invited_as_a_member() {
    let (product, owner, events) = product().await;
    let invite = product.invite(&owner, "ada@acme.example").await;
    events.clear();
    product.enter(&invite, accept(None)).await;
    events.assert_order(INVITED_MEMBER.iter().copied());
}

#[tokio::test]
async fn provisioned_by_an_administrator() {
    let (product, owner, events) = product().await;
    let member = json!({"name": "Bob", "email": "bob@acme.example"});
    product.post_ok("/members", Some(&owner), member).await;
    events.assert_order(PROVISIONING.iter().copied());
    events
        .assert_tracked("account_added_user")
        .with("join_method", "admin")
        .with("is_first_user", false)
        .once();
}

#[tokio::test]
async fn features() {
    let (product, owner, events) = product().await;
    let report = product.post_ok("/reports", Some(&owner), json!({"title": "Q3"})).await;
    events.assert_order(["onboarding_created_first_report_completed", "feature_used"]);
    events
        .assert_tracked("onboarding_created_first_report_completed")
        .with("step_index", 0)
        .with("total_steps", 1);
    let created = events.assert_tracked("feature_used").with("report_id", &report["id"]).once();

    events.clear();
    product.post_ok("/reports", Some(&owner), json!({"title": "Q4"})).await;
    events.assert_order(["feature_used"]);

    events.clear();
    let path = format!("/reports/{}/export", report["id"].as_str().unwrap());
    let csv = product.post_ok(&path, Some(&owner), json!({})).await;
    events
        .assert_tracked("feature_used")
        .with("feature_name", "report_exported")
        .with("bytes", csv.as_str().unwrap().len())
        .user_id(created.user_id().unwrap())
        .group_id(created.group_id().unwrap())
        .session_id(created.session_id().unwrap())
        .once();
}

#[tokio::test]
async fn what_fails_emits_nothing() {
    let (product, owner, events) = product().await;
    let wrong = json!({"email": "ada@acme.example", "password": "wrong"});
    for (path, token, body, status) in [
        ("/log-in", None, wrong, 401),
        ("/sign-up", None, sign_up("Ada", "ada@acme.example", Some("Acme")), 409),
        ("/sign-up", None, sign_up("Bob", "bob@nowhere.example", None), 404),
        ("/reports", None, json!({"title": "Q3"}), 401),
        ("/reports", Some(&owner), json!({}), 422),
        ("/invites/67e55044-10b1-426f-9247-bb680e5fe0c8", None, accept(None), 404),
        ("/reports/67e55044-10b1-426f-9247-bb680e5fe0c8/export", Some(&owner), json!({}), 404),
    ] {
        assert_eq!(product.post(path, token.map(String::as_str), body).await.0, status, "{path}");
        events.assert_nothing();
    }
}
