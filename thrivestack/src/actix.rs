//! A [`Context`] for every request of an actix-web application: feature `actix`.
//!
//! ```
//! use actix_web::dev::ServiceRequest;
//! use actix_web::{App, HttpMessage, HttpResponse, web};
//! use thrivestack::actix::{ContextMiddleware, cookie, user_agent};
//! use thrivestack::{Context, track_event};
//!
//! /// What the authentication puts into the extensions of the request.
//! struct Session {
//!     user_id: u64,
//!     account_id: u64,
//! }
//!
//! // The handler names no ids, and what it calls need not either.
//! #[track_event("report_created", properties(kind = "monthly"), when = |response| response.status().is_success())]
//! async fn create_report() -> HttpResponse {
//!     HttpResponse::Created().finish()
//! }
//!
//! let app = App::new()
//!     .wrap(ContextMiddleware::new(|request: &ServiceRequest| {
//!         let extensions = request.extensions();
//!         let session = extensions.get::<Session>();
//!         Context::new()
//!             .maybe_user_id(session.map(|session| session.user_id))
//!             .maybe_group_id(session.map(|session| session.account_id))
//!             .maybe_session_id(cookie(request.headers(), "visitor"))
//!             .with("user_agent", user_agent(request.headers()))
//!     }))
//!     .route("/reports", web::post().to(create_report));
//! # drop(app);
//! ```
//!
//! The middleware goes inside of the one that authenticates, which in actix-web is the one that is added later. What is
//! known only in the handler is added there by [`Context::update`]. A body that is streamed after the handler has
//! returned is outside of the scope.

use std::fmt;
use std::future::{Ready, ready};
use std::task::{self, Poll};

use actix_web::dev::{Service, ServiceRequest, Transform};
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue, USER_AGENT};

use crate::context::{Context, Scoped};
use crate::cookies;

/// Runs every request in the [`Context`] that a function makes of it. See the [module](self) for an example.
#[derive(Clone, Copy)]
#[must_use = "a middleware does nothing until an application is wrapped in it"]
pub struct ContextMiddleware<F> {
    context: F,
}

/// A service whose requests run in a [`Context`], made by [`ContextMiddleware`].
pub struct ContextService<S, F> {
    inner: S,
    context: F,
}

impl<F> ContextMiddleware<F> {
    /// Takes the function that makes the context of a request. It runs for every request, before the service.
    pub fn new(context: F) -> Self
    where
        F: Fn(&ServiceRequest) -> Context,
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
    cookies::find(headers.get_all(COOKIE).map(HeaderValue::as_bytes), name)
}

/// Returns the name that the browser or program gives itself, for [`Context::with`]. `None` if it is no UTF-8.
#[must_use]
pub fn user_agent(headers: &HeaderMap) -> Option<&str> {
    cookies::text(headers.get(USER_AGENT)?.as_bytes())
}

impl<S, F> Transform<S, ServiceRequest> for ContextMiddleware<F>
where
    S: Service<ServiceRequest>,
    F: Fn(&ServiceRequest) -> Context + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Transform = ContextService<S, F>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(ContextService { inner, context: self.context.clone() }))
    }
}

impl<S, F> Service<ServiceRequest> for ContextService<S, F>
where
    S: Service<ServiceRequest>,
    F: Fn(&ServiceRequest) -> Context,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Scoped<S::Future>;

    fn poll_ready(&self, context: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        (self.context)(&request).scope_of(|| self.inner.call(request))
    }
}

impl<F> fmt::Debug for ContextMiddleware<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextMiddleware").finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, F> fmt::Debug for ContextService<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
