//! What a handler answers when something is wrong.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Why a request failed. A function that returns it as an `Err` emits nothing.
#[derive(Debug)]
pub enum Error {
    /// Nobody is logged in, or the password is wrong.
    Unauthorized,
    /// Whoever is logged in may not do this.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// It exists already.
    Conflict,
    /// Not the client's fault.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// The result of whatever may fail here.
pub type Result<T> = std::result::Result<T, Error>;

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Internal(error) => {
                eprintln!("{error}");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
        .into_response()
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self::Internal(Box::new(error))
    }
}
