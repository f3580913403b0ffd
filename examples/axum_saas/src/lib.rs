//! A small B2B product on axum and SQLite, instrumented in full with `thrivestack`.
//!
//! People sign up with a company or join that of their colleagues, invite others, create reports and export them.
//! What ThriveStack asks of a backend is here:
//!
//! | what | where |
//! | --- | --- |
//! | the key from the environment | `main.rs` |
//! | identify, group, `signed_up`, `account_created`, `account_added_user` | [`entry`] |
//! | `signed_in`, `signed_out` | [`session`] |
//! | `invite_sent` | [`invites`] |
//! | `feature_used`, `onboarding_created_first_report_completed` | [`reports`] |
//! | who did it | the layer in [`router`] |
//!
//! `tests/flows.rs` drives every flow and captures what it emits; `tests/end_to_end.rs` does so over HTTP, against a
//! ThriveStack on loopback.

pub mod accounts;
mod db;
pub mod entry;
mod error;
pub mod invites;
pub mod reports;
pub mod session;
pub mod users;

use axum::http::request::Parts;
use axum::middleware::from_fn_with_state;
use axum::routing::{Router, post};
use thrivestack::{Context, ContextLayer};

pub use db::App;
pub use error::{Error, Result};
use session::Session;

/// The product's API.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/sign-up", post(entry::sign_up))
        .route("/members", post(entry::add_member))
        .route("/log-in", post(session::log_in))
        .route("/log-out", post(session::log_out))
        .route("/invites", post(invites::send))
        .route("/invites/{token}", post(invites::accept))
        .route("/reports", post(reports::create))
        .route("/reports/{id}/export", post(reports::export))
        // Who is logged in holds for every event of the request, however deep below the handler.
        .layer(ContextLayer::new(|parts: &Parts| match parts.extensions.get::<Session>() {
            Some(session) => {
                Context::new().user_id(session.user_id).group_id(session.account_id).session_id(session.id)
            }
            None => Context::new(),
        }))
        // What is added later runs earlier: the session is there when the context is made.
        .layer(from_fn_with_state(app.clone(), session::authenticate))
        .with_state(app)
}
