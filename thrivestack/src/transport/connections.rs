//! Connections that the HTTP client makes, and those that it loses before an answer.

use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::ClientBuilder;
use tower_layer::Layer;
use tower_service::Service;

use super::tls::causes;

/// The time after which a connection that had nothing to do is not used again. Load balancers and NAT forget one after a
/// minute or more, not always with a word to its ends.
const LONGEST_IDLE: Duration = Duration::from_secs(30);
/// The pause after which the system asks whether the other end of a quiet connection is still there, and between such questions.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// The connections of one HTTP client. Clones count together.
#[derive(Clone, Default)]
pub(super) struct Connections {
    /// The number of connections that were begun, as the connector layer sees it.
    begun: Arc<AtomicU64>,
    /// When a request was sent last, in milliseconds by the wall clock, or 0. Other clocks stand still while a machine is
    /// suspended.
    used_at: Arc<AtomicU64>,
}

impl Connections {
    /// Counts the connections of a client, and gives up those that are silent. `user_timeout` is the longest time for which
    /// sent data stays unacknowledged.
    pub(super) fn watch(&self, builder: ClientBuilder, user_timeout: Duration) -> ClientBuilder {
        let builder = builder
            .connector_layer(self.clone())
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(LONGEST_IDLE)
            .tcp_keepalive(KEEPALIVE)
            .tcp_keepalive_interval(KEEPALIVE);
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        let builder = builder.tcp_user_timeout(user_timeout);
        #[cfg(not(any(target_os = "android", target_os = "fuchsia", target_os = "linux")))]
        let _ = user_timeout;
        builder
    }

    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Records that a connection is used.
    pub(super) fn used(&self, now: SystemTime) {
        self.used_at.store(millis(now), Ordering::Relaxed);
    }

    /// Returns true if a connection was idle for so long that it is not used again, by a clock that goes on while the machine
    /// is suspended.
    pub(super) fn are_stale(&self, now: SystemTime) -> bool {
        let used_at = self.used_at.load(Ordering::Relaxed);
        used_at > 0 && millis(now).saturating_sub(used_at) > LONGEST_IDLE.as_millis() as u64
    }
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(u64::MAX)
}

/// Returns true if a connection ended before the head of an answer. If it was used before, the server or something in between
/// has closed it, most likely before the request came.
pub(super) fn is_lost(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        let is_incomplete =
            cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message);
        let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        is_incomplete
            || matches!(
                kind,
                Some(
                    ErrorKind::ConnectionReset
                        | ErrorKind::ConnectionAborted
                        | ErrorKind::BrokenPipe
                        | ErrorKind::NotConnected
                        | ErrorKind::UnexpectedEof
                        // Sent data was not acknowledged.
                        | ErrorKind::TimedOut
                )
            )
    })
}

/// Returns the result of `first`, or `None` if `limit` ends before.
pub(super) async fn before<T>(
    mut first: Pin<&mut impl Future<Output = T>>,
    limit: impl Future<Output = ()>,
) -> Option<T> {
    let mut limit = pin!(limit);
    std::future::poll_fn(|context| match first.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => limit.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Returns the success that comes first, or else the error that comes last.
pub(super) async fn first_success<T, E>(
    mut one: Pin<&mut impl Future<Output = Result<T, E>>>,
    other: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut other = pin!(other);
    let (mut one_failed, mut other_failed) = (false, false);
    std::future::poll_fn(|context| {
        if !one_failed && let Poll::Ready(result) = one.as_mut().poll(context) {
            one_failed = true;
            if result.is_ok() || other_failed {
                return Poll::Ready(result);
            }
        }
        if !other_failed && let Poll::Ready(result) = other.as_mut().poll(context) {
            other_failed = true;
            if result.is_ok() || one_failed {
                return Poll::Ready(result);
            }
        }
        Poll::Pending
    })
    .await
}

impl<S> Layer<S> for Connections {
    type Service = Counted<S>;

    fn layer(&self, connector: S) -> Counted<S> {
        Counted { connector, connections: self.clone() }
    }
}

/// A connector whose connections are counted when they are begun.
#[derive(Clone)]
pub(super) struct Counted<S> {
    connector: S,
    connections: Connections,
}

impl<S: Service<R>, R> Service<R> for Counted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.connections.begun.fetch_add(1, Ordering::Relaxed);
        self.connector.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_stale_by_the_wall_clock() {
        let connections = Connections::default();
        let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(1_785_585_600 + seconds);
        assert!(!connections.are_stale(at(0)), "none was used");
        connections.used(at(0));
        assert!(!connections.are_stale(at(30)));
        assert!(connections.are_stale(at(31)));
        assert!(!connections.are_stale(UNIX_EPOCH), "the clock was set back");
        connections.used(at(31));
        assert!(!connections.are_stale(at(60)));
    }
}
