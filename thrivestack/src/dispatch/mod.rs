//! Decides where a call goes: to an outlet of the current scope, to the client that was named for it, to the client of the
//! process, or to nobody. Adds what the scope and the configuration say, and hands the event over.

mod encode;
mod fork;
mod pool;

use std::panic::Location;
use std::sync::atomic::Ordering;

use self::encode::encode;
pub use self::fork::after_fork;
pub(crate) use self::pool::Lease;
use crate::client::{Client, any_client_enabled};
#[cfg(feature = "testing")]
use crate::context::{self, Outlet};
use crate::global;
use crate::reasons::Rejected;
use crate::reentry::{self, Inside};
use crate::shared::Shared;
use crate::spool::{Durable, Place};
use crate::wire::Draft;

/// Returns whether the client of the process takes events at the moment.
#[inline]
#[must_use]
pub fn is_enabled() -> bool {
    let is_enabled = global::is_switched_on();
    #[cfg(feature = "testing")]
    let is_enabled = is_enabled || context::outlet().is_some();
    is_enabled
}

/// Returns whether a call that names no client may find one that takes it.
pub(crate) fn may_find_taker() -> bool {
    #[cfg(feature = "testing")]
    if context::outlet().is_some() {
        return true;
    }
    any_client_enabled()
}

/// Hands an event to the client that was named for it, or else to that of the process. There is no draft if the call was
/// begun while nobody would have taken it.
#[inline(never)]
pub(crate) fn submit(
    named: Option<&Client>,
    draft: Option<&mut Draft>,
    caller: &'static Location<'static>,
) -> Result<(), Rejected> {
    #[cfg(feature = "testing")]
    if let Some(outlet) = context::outlet() {
        return divert(&*outlet, named, draft);
    }
    named
        .or_else(global::client)
        .map_or(Err(Rejected::Disabled), |client| hand_over(client, draft, caller).map(drop))
}

/// Does the same as [`submit`], and tells when the event is on disk. An event that an outlet takes counts as being there.
pub(crate) fn submit_durable(
    named: Option<&Client>,
    draft: Option<&mut Draft>,
    caller: &'static Location<'static>,
) -> Durable {
    #[cfg(feature = "testing")]
    if let Some(outlet) = context::outlet() {
        return Durable::known(divert(&*outlet, named, draft));
    }
    let Some(client) = named.or_else(global::client) else { return Durable::known(Err(Rejected::Disabled)) };
    match (hand_over(client, draft, caller), client.shared()) {
        (Ok(place), Some(shared)) => shared.durable(place),
        (result, _) => Durable::known(result.map(drop)),
    }
}

/// Gives an event to an outlet in the place of a client.
#[cfg(feature = "testing")]
fn divert(outlet: &dyn Outlet, named: Option<&Client>, draft: Option<&mut Draft>) -> Result<(), Rejected> {
    let draft = draft.ok_or(Rejected::Disabled)?;
    let shared = named.and_then(Client::shared);
    let result = match shared.filter(|shared| !shared.is_enabled()) {
        Some(shared) => Err(shared.refusal()),
        None => encode(draft, shared.map_or(outlet.defaults(), |shared| &shared.defaults)),
    };
    outlet.keep(draft, result);
    result
}

/// Gives an event to a client, which counts it.
#[inline(always)]
fn hand_over(
    client: &Client,
    mut draft: Option<&mut Draft>,
    caller: &'static Location<'static>,
) -> Result<Place, Rejected> {
    let Some(shared) = client.shared() else { return Err(Rejected::Disabled) };
    let result = match &mut draft {
        _ if reentry::is_inside() => Err(Rejected::Reentrant),
        Some(draft) if shared.is_enabled() => append(shared, draft),
        _ => Err(shared.refusal()),
    };
    if let Err(reason) = result {
        reject(shared, reason, draft.as_deref(), caller);
    }
    result
}

/// Counts a call that was rejected. The worker says it.
#[cold]
#[inline(never)]
fn reject(shared: &Shared, reason: Rejected, draft: Option<&Draft>, caller: &'static Location<'static>) {
    shared.tallies.reject(reason);
    if let Some(draft) = draft {
        shared.rejections.count(draft.endpoint(), reason, caller, || draft.name_text());
    }
}

#[inline(always)]
fn append(shared: &Shared, draft: &mut Draft) -> Result<Place, Rejected> {
    // The event is written before the lock of the queue is taken, which is held for a copy only.
    encode(draft, &shared.defaults)?;
    let inside = Inside::enter();
    let place = shared.accept(draft.endpoint(), draft.bytes())?;
    drop(inside);
    if draft.left_out() > 0 {
        shared.tallies.left_out.fetch_add(draft.left_out(), Ordering::Relaxed);
    }
    Ok(place)
}
