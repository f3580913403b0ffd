//! When the queue refuses an event, ends an arena or wakes its worker, and how much it takes before it has to decide. Pure:
//! no lock, no events.

/// The most bytes of an arena, and so the most that the worker takes out at once: making bodies of it costs little memory,
/// and no growing buffer is copied while callers wait.
const LARGEST_ARENA: usize = 2 * 1024 * 1024;

/// What the configuration allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The most bytes that wait, are in flight or wait for a retry, together.
    pub(crate) queue_bytes: usize,
    pub(crate) batch_events: usize,
    pub(crate) batch_bytes: usize,
}

/// What there is in a queue.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Load {
    /// The bytes that the arena holds which is being filled.
    pub(crate) arena: usize,
    /// The bytes that wait in all arenas.
    pub(crate) waiting: usize,
    /// The bytes that the worker has taken out and not yet settled.
    pub(crate) held: usize,
    /// The bytes that wait on disk instead.
    pub(crate) spooled: u64,
    /// How many events wait, on disk or in the arena that is being filled.
    pub(crate) events: u64,
    /// Whether there is an arena that was ended.
    pub(crate) has_full_arena: bool,
    /// Whether the worker knows that there is something to do.
    pub(crate) is_announced: bool,
}

/// What is accepted without another look, as long as nothing else happens to the queue.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Room {
    events: u64,
    bytes: usize,
}

impl Limits {
    /// Whether an event of this weight finds no place.
    pub(crate) fn is_full(&self, load: &Load, weight: usize) -> bool {
        load.waiting + load.held + weight > self.queue_bytes
    }

    /// Whether an event of this weight goes to another arena.
    pub(crate) fn ends_arena(&self, load: &Load, weight: usize) -> bool {
        load.arena + weight > LARGEST_ARENA
    }

    /// Whether enough waits for the worker to look before its time.
    pub(crate) fn is_batch(&self, load: &Load) -> bool {
        let missing = self.missing(load);
        load.has_full_arena || missing.events == 0 || missing.bytes == 0
    }

    /// What is accepted before an event is refused, ends the arena, or wakes the worker.
    pub(crate) fn room(&self, load: &Load) -> Room {
        let before_full = self.queue_bytes.saturating_sub(load.waiting + load.held);
        let bytes = before_full.min(LARGEST_ARENA.saturating_sub(load.arena));
        if load.is_announced {
            return Room { events: u64::MAX, bytes };
        }
        let missing = self.missing(load);
        Room { events: missing.events.saturating_sub(1), bytes: bytes.min(missing.bytes.saturating_sub(1)) }
    }

    /// What is missing for a batch.
    fn missing(&self, load: &Load) -> Room {
        let batch_bytes = self.batch_bytes.min(self.queue_bytes / 2) as u64;
        Room {
            events: (self.batch_events as u64).saturating_sub(load.events),
            bytes: batch_bytes.saturating_sub(load.waiting as u64 + load.spooled) as usize,
        }
    }
}

impl Room {
    /// Takes the room for an event of this weight, if there is any.
    #[inline]
    pub(crate) fn takes(&mut self, weight: usize) -> bool {
        let is_enough = self.events > 0 && self.bytes >= weight;
        if is_enough {
            self.events -= 1;
            self.bytes -= weight;
        }
        is_enough
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limits() -> impl Strategy<Value = Limits> {
        let bytes = || prop_oneof![1..500_usize, LARGEST_ARENA - 500..LARGEST_ARENA + 500];
        (bytes(), 1..20_usize, bytes()).prop_map(|(queue_bytes, batch_events, batch_bytes)| Limits {
            queue_bytes,
            batch_events,
            batch_bytes,
        })
    }

    fn load() -> impl Strategy<Value = Load> {
        let bytes = || prop_oneof![4 => 0..300_usize, 1 => LARGEST_ARENA - 300..LARGEST_ARENA];
        (bytes(), 0..300_usize, 0..300_usize, 0..100_u64, 0..20_u64, any::<bool>()).prop_map(
            |(arena, ended, held, spooled, events, is_announced)| Load {
                arena,
                waiting: arena + ended,
                held,
                spooled,
                events,
                has_full_arena: ended > 0,
                is_announced,
            },
        )
    }

    proptest! {
        #[test]
        fn room_is_there_exactly_while_there_is_nothing_to_decide(
            limits in limits(),
            load in load(),
            weights in prop::collection::vec(1..60_usize, 1..30),
        ) {
            let mut load = load;
            prop_assume!(load.is_announced || !limits.is_batch(&load));
            let mut room = limits.room(&load);
            for weight in weights {
                let is_refused = limits.is_full(&load, weight);
                let ends_arena = limits.ends_arena(&load, weight);
                load.arena += weight;
                load.waiting += weight;
                load.events += 1;
                let wakes = !load.is_announced && limits.is_batch(&load);
                let is_taken = room.takes(weight);
                prop_assert_eq!(is_taken, !is_refused && !ends_arena && !wakes, "{:?}", load);
                if !is_taken {
                    break;
                }
            }
        }
    }
}
