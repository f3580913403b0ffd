//! Drafts that are used again, so that an event allocates nothing once a thread has sent a few.

use std::cell::{Cell, RefCell};

use crate::client::Client;
use crate::reentry::{self, Inside};
use crate::wire::Draft;

/// How many drafts a thread keeps: events nest when a value emits one, and live across an await in async code.
const MOST_KEPT: usize = 8;
/// A draft's buffer that one huge event enlarged is given back.
const LARGEST_KEPT: usize = 16 * 1024;

thread_local! {
    static POOL: Pool = const { Pool { first: Cell::new(None), others: RefCell::new(Vec::new()) } };
}

/// Drafts that nobody uses.
struct Pool {
    /// The only one that is needed, as long as events do not overlap.
    first: Cell<Option<Box<Pooled>>>,
    #[expect(clippy::vec_box, reason = "a draft moves between the pool and its users as a pointer")]
    others: RefCell<Vec<Box<Pooled>>>,
}

/// A draft, and the client it is for if that is not the one of the process.
struct Pooled {
    draft: Draft,
    client: Option<Client>,
}

/// A draft that goes back to the pool, or none where nobody listens. A pointer that is null then, which the compiler can
/// see through: an annotated function that emits nothing costs nothing for it.
pub(crate) struct Lease(Option<Box<Pooled>>);

impl Lease {
    #[inline]
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// A draft that is empty, for the client.
    #[inline(always)]
    pub(crate) fn take(client: Option<&Client>) -> Self {
        // A thread that is ending has no pool any more.
        let pooled = POOL.try_with(|pool| pool.first.take()).ok().flatten();
        let Some(mut pooled) = pooled.or_else(take_another) else { return Self::none() };
        pooled.draft.reset(LARGEST_KEPT);
        if let Some(client) = client {
            pooled.client = Some(client.clone());
        }
        Self(Some(pooled))
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
        let Pooled { draft, client } = self.0.as_deref_mut()?;
        Some((draft, client.as_ref()))
    }
}

impl Drop for Lease {
    #[inline]
    fn drop(&mut self) {
        if let Some(pooled) = self.0.take() {
            give_back(pooled);
        }
    }
}

/// Forgets the drafts that this thread keeps.
pub(crate) fn clear() {
    // They are dropped outside of the pool.
    let _ = POOL.try_with(|pool| (pool.first.take(), pool.others.take()));
}

#[cold]
fn take_another() -> Option<Box<Pooled>> {
    let pooled = POOL.try_with(|pool| pool.others.try_borrow_mut().ok()?.pop());
    pooled.ok().flatten().or_else(|| {
        // An allocator that emits would ask for another one, and so on.
        let _inside = (!reentry::is_inside()).then(Inside::enter)?;
        Some(Box::new(Pooled { draft: Draft::new(), client: None }))
    })
}

#[inline(never)]
fn give_back(mut pooled: Box<Pooled>) {
    // The last client may end here, which has to happen outside the pool: its hooks may emit.
    pooled.client = None;
    let _ = POOL.try_with(|pool| {
        if let Some(other) = pool.first.replace(Some(pooled)) {
            keep(pool, other);
        }
    });
}

#[cold]
fn keep(pool: &Pool, pooled: Box<Pooled>) {
    if let Ok(mut others) = pool.others.try_borrow_mut()
        && others.len() + 1 < MOST_KEPT
    {
        others.push(pooled);
    }
}
