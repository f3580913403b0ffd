//! The events that are rewritten before their first attempt.

use std::time::Instant;

use super::Worker;
use crate::hooks::Rewrite;
use crate::queue::Taken;
use crate::unseen::{Bounds, Piece, Unseen};

impl Worker {
    /// Rewrites as many events as make a batch and find room, and makes batches of them.
    pub(super) async fn rewrite_next(&mut self, now: Instant, rewrite: &Rewrite) {
        let mut unseen = match self.unseen.take() {
            Some(unseen) => unseen,
            None => match self.take_out().await {
                Some(taken) => Unseen::new(taken),
                None => return,
            },
        };
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
        let is_stuck = arena.weight() == 0 && dropped.is_empty();
        // All at once, since what is settled is written to the spool's cursor.
        if !dropped.is_empty() {
            self.on_disk(move |shared| {
                let kept = shared.settle(dropped.iter().map(|(position, ..)| *position));
                for (_, reason, weight) in dropped {
                    shared.queue.dropped(reason, 1, weight, u64::from(kept > 0));
                }
            })
            .await;
        }
        self.shared.queue.reweigh(before, arena.weight());
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
