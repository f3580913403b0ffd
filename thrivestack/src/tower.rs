//! A [`Context`] for every request of a tower service, such as axum's and tonic's: feature `tower`.
//!
//! ```
//! use axum::{Router, routing::post};
//! use thrivestack::tower::{ContextLayer, cookie, user_agent};
//! use thrivestack::{Context, track_event};
//!
//! /// What the authentication puts into the extensions of the request.
//! #[derive(Clone)]
//! struct Session {
//!     user_id: u64,
//!     account_id: u64,
//! }
//!
//! // The handler names no ids, and what it calls need not either.
//! #[track_event("report_created", properties(kind = "monthly"))]
//! async fn create_report() {}
//!
//! let app: Router = Router::new()
//!     .route("/reports", post(create_report))
//!     .layer(ContextLayer::new(|parts: &http::request::Parts| {
//!         let session = parts.extensions.get::<Session>();
//!         Context::new()
//!             .maybe_user_id(session.map(|session| session.user_id))
//!             .maybe_group_id(session.map(|session| session.account_id))
//!             .maybe_session_id(cookie(&parts.headers, "visitor"))
//!             .with("user_agent", user_agent(&parts.headers))
//!     }));
//! # drop(app);
//! ```
//!
//! The layer goes inside of the one that authenticates, which in axum is the one that is added later. What is known only
//! in the handler is added there by [`Context::update`]. A body that is streamed after the handler has returned is
//! outside of the scope.

use std::fmt;
use std::task::{self, Poll};

use http::header::{COOKIE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request};
use tower_layer::Layer;
use tower_service::Service;

use crate::context::{Context, Scoped};
use crate::cookies;

/// Runs every request in the [`Context`] that a function makes of its parts. See the [module](self) for an example.
#[derive(Clone, Copy)]
#[must_use = "a layer does nothing until it is added to a service"]
pub struct ContextLayer<F> {
    context: F,
}

/// A service whose requests run in a [`Context`], made by [`ContextLayer`].
#[derive(Clone, Copy)]
pub struct ContextService<S, F> {
    inner: S,
    context: F,
}

impl<F> ContextLayer<F> {
    /// Takes the function that makes the context of a request. It runs for every request, before the service.
    pub fn new(context: F) -> Self
    where
        F: Fn(&Parts) -> Context,
    {
        Self { context }
    }
}

/// Returns the value of a cookie, for [`Context::session_id`]. Other cookies may be in any encoding.
///
/// Who has the value of a cookie that authenticates is logged in: do not send that one, but what the session is called
/// where it is kept.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    cookies::find(headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes), name)
}

/// Returns the name that the browser or program gives itself, for [`Context::with`]. `None` if it is no UTF-8.
#[must_use]
pub fn user_agent(headers: &HeaderMap) -> Option<&str> {
    cookies::text(headers.get(USER_AGENT)?.as_bytes())
}

impl<S, F: Clone> Layer<S> for ContextLayer<F> {
    type Service = ContextService<S, F>;

    fn layer(&self, inner: S) -> Self::Service {
        ContextService { inner, context: self.context.clone() }
    }
}

impl<S, F, B> Service<Request<B>> for ContextService<S, F>
where
    S: Service<Request<B>>,
    F: Fn(&Parts) -> Context,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Scoped<S::Future>;

    fn poll_ready(&mut self, context: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (parts, body) = request.into_parts();
        (self.context)(&parts).scope_of(|| self.inner.call(Request::from_parts(parts, body)))
    }
}

impl<F> fmt::Debug for ContextLayer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextLayer").finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, F> fmt::Debug for ContextService<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
