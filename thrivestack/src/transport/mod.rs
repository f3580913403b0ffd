//! How a request's body leaves the process.

mod connections;
mod http;
mod print;
mod proxy;
mod tls;

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::key::ApiKey;
use crate::panics;
use crate::retry::Outcome;
use crate::wire::Endpoint;

pub(crate) use http::{Address, Http};
pub(crate) use print::Print;

/// Where events go. Clones share their connections.
#[derive(Clone)]
pub(crate) enum Transport {
    /// To ThriveStack.
    Http(Http),
    /// To the standard error of the process, for debugging.
    Print(Print),
}

impl Transport {
    /// Sends one request, and always ends: by an answer, an error or the configured time.
    ///
    /// When `hurried` resolves, a request that waits for an answer on a connection that was used before is sent once more, on a
    /// new one: the old one may have gone silent.
    pub(crate) async fn send(
        &self,
        endpoint: Endpoint,
        body: Bytes,
        key: Option<&ApiKey>,
        hurried: oneshot::Receiver<()>,
    ) -> Outcome {
        match (self, key) {
            (Self::Http(http), Some(key)) => http.post(endpoint, body, key, hurried).await,
            (Self::Http(_), None) => Outcome::Failed("there is no API key".to_owned()),
            (Self::Print(print), _) => print.write(endpoint, &body),
        }
    }

    /// Makes new connections where the old ones were idle for long, also while the machine was suspended. Reads the system's
    /// roots again when it is time, and uses them for new connections. Roots that cannot be read leave those in use.
    pub(crate) fn renew(&mut self) {
        if let Self::Http(http) = self
            && http.begin_renewal()
        {
            self.start_over();
        }
    }

    /// Returns whether events are printed instead of being sent.
    pub(crate) fn is_print(&self) -> bool {
        matches!(self, Self::Print(_))
    }

    /// Makes new connections after a panic in the HTTP library, which leaves locks behind that it does not take again.
    pub(crate) fn start_over(&mut self) {
        if let Self::Http(http) = self {
            let _ = panics::catch(|| http.start_over().map(|new| *http = new));
        }
    }
}
