//! Drafts that are used again, so that an event allocates nothing once a thread has sent a few.

use std::cell::RefCell;

use crate::client::Client;
use crate::wire::{Draft, Opening};

/// How many drafts a thread keeps: events nest when a value emits one, and live across an await in async code.
const MOST_KEPT: usize = 8;
/// A draft's buffer that one huge event enlarged is given back.
const LARGEST_KEPT: usize = 16 * 1024;

thread_local! {
    #[expect(clippy::vec_box, reason = "a sheet moves between the pool and its users as a pointer")]
    static POOL: RefCell<Vec<Box<Sheet>>> = const { RefCell::new(Vec::new()) };
}

/// A draft, and the client it is for if that is not the one of the process.
struct Sheet {
    draft: Draft,
    client: Option<Client>,
}

/// A sheet that goes back to the pool, or none where nobody listens. A pointer that is null then, which the compiler can
/// see through: an annotated function that emits nothing costs nothing for it.
pub(crate) struct Lease(Option<Box<Sheet>>);

impl Lease {
    #[inline]
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    pub(crate) fn take(opening: Opening<'_>, client: Option<&Client>) -> Self {
        let pooled = POOL.try_with(|pool| pool.try_borrow_mut().ok()?.pop());
        // A thread that is ending has no pool any more.
        let sheet = pooled.ok().flatten();
        let mut sheet = sheet.unwrap_or_else(|| Box::new(Sheet { draft: Draft::new(), client: None }));
        sheet.draft.reset(opening, LARGEST_KEPT);
        sheet.client = client.cloned();
        Self(Some(sheet))
    }

    #[inline]
    pub(crate) fn is_live(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn draft_mut(&mut self) -> Option<&mut Draft> {
        Some(&mut self.0.as_deref_mut()?.draft)
    }

    /// The draft, and the client that it is for if that is not the one of the process.
    pub(crate) fn parts(&mut self) -> Option<(&mut Draft, Option<&Client>)> {
        let Sheet { draft, client } = self.0.as_deref_mut()?;
        Some((draft, client.as_ref()))
    }
}

impl Drop for Lease {
    #[inline]
    fn drop(&mut self) {
        if let Some(sheet) = self.0.take() {
            give_back(sheet);
        }
    }
}

#[cold]
fn give_back(mut sheet: Box<Sheet>) {
    // The last client may end here, which has to happen outside the pool: its hooks may emit.
    sheet.client = None;
    let _ = POOL.try_with(|pool| {
        if let Ok(mut pool) = pool.try_borrow_mut()
            && pool.len() < MOST_KEPT
        {
            pool.push(sheet);
        }
    });
}
