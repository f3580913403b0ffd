//! Ends an event with its time and with what the current scope and the configuration say.

use std::time::SystemTime;

use crate::context::{self, Scope};
use crate::reasons::Rejected;
use crate::reentry::Held;
use crate::ticks;
use crate::wire::{self, Defaults, Draft, Millis};

/// Ends an event that happens now.
#[inline(always)]
pub(super) fn encode(draft: &mut Draft, defaults: &Defaults) -> Result<(), Rejected> {
    let now = draft.clock.millis(ticks::now, SystemTime::now);
    match context::current() {
        None => wire::encode(draft, None, defaults, now),
        Some(scope) => encode_in(&scope, draft, defaults, now),
    }
}

#[inline(never)]
fn encode_in(scope: &Scope, draft: &mut Draft, defaults: &Defaults, now: Millis) -> Result<(), Rejected> {
    let time = if draft.needs_time() { scope.next_time(now) } else { now };
    let says = Held::lock(|| scope.says());
    wire::encode(draft, Some(&says), defaults, time)
}
