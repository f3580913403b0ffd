//! Room for bodies while they are read.

use tokio::sync::{Semaphore, SemaphorePermit};

use thrivestack_core::calls::MAX_REQUEST_BYTES as MAX_BODY_BYTES;

/// The most bytes of bodies that are read at once.
const BYTES: usize = 8 * MAX_BODY_BYTES;

static BODIES: Semaphore = Semaphore::const_new(BYTES);

/// Room for one body, until it is dropped.
pub(super) struct Room(
    #[expect(dead_code, reason = "its drop gives the room back")] Option<SemaphorePermit<'static>>,
);

impl Room {
    /// Waits for room for a body of this length, or of any that is allowed. A body over the limit is refused unread.
    pub(super) async fn take(length: Option<u64>) -> Self {
        let length = length.and_then(|length| u32::try_from(length).ok()).unwrap_or(u32::MAX);
        let length = length.min(MAX_BODY_BYTES as u32);
        // It is never closed.
        Self(BODIES.acquire_many(length).await.ok())
    }
}
