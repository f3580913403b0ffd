//! Work for the page beside the server's thread, which has requests to answer.

use tokio::sync::Semaphore;

/// One at a time: what is worked out needs memory, and pages may wait for one another.
static TURN: Semaphore = Semaphore::const_new(1);

/// Runs `work` on another thread when it is its turn. Returns `None` if it panics.
pub(super) async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let turn = TURN.acquire().await.ok()?;
    let done = tokio::task::spawn_blocking(work).await.ok();
    drop(turn);
    done
}
