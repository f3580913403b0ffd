//! The events that are rewritten before their first attempt.

use std::time::Instant;

use super::Worker;
use crate::hooks::Rewrite;
use crate::queue::Taken;
use crate::unseen::{Bounds, Piece, Unseen};

impl Worker {
    /// Rewrites as many events as make a batch and find room, and makes batches of them.
    pub(super) fn rewrite_next(&mut self, now: Instant, rewrite: &Rewrite) {
        let mut unseen = self.unseen.take().unwrap_or_else(|| Unseen::new(self.take_out()));
        let growth_bytes = self.settings.growth_bytes;
        let most_used = self.settings.queue.queue_bytes + growth_bytes;
        let bounds = Bounds {
            events: self.settings.batch.events,
            bytes: self.outbox.batch_bytes(),
            growth: most_used.saturating_sub(self.shared.queue.used()).min(growth_bytes),
            is_idle: self.outbox.oldest().is_none(),
        };
        let Piece { arena, before, dropped, .. } =
            unseen.rewrite_next(bounds, |endpoint, event| rewrite.event(endpoint, event));
        // All at once, since what is settled is written to the spool's cursor.
        self.shared.settle(dropped.iter().map(|(position, ..)| *position), |queue| {
            for (_, reason, weight) in &dropped {
                queue.dropped(*reason, 1, *weight);
            }
        });
        self.shared.queue.reweigh(before, arena.weight());
        let is_stuck = arena.weight() == 0 && dropped.is_empty();
        self.load(Taken { arena, first: unseen.first(), overflowed: 0 });
        if unseen.oldest().is_none() {
            self.spare = unseen.into_memory();
            return;
        }
        self.unseen = Some(unseen);
        self.is_full = is_stuck;
        if !is_stuck {
            self.look_at = now;
        }
    }
}
