//! Events that were taken out of the queue and are not yet rewritten: by `before_send`, or for EU compliance. They are
//! rewritten a batch at a time, so that what they grow by finds room. Pure.

use crate::arena::{Arena, SEPARATOR, weight};
use crate::queue::Taken;
use crate::reasons::DropReason;
use crate::wire::Endpoint;

/// The events that were taken out at once, and how far they are rewritten.
pub(crate) struct Unseen {
    arena: Arena,
    first: u64,
    /// In the order of [`Endpoint::ALL`].
    next: [Next; 4],
}

/// The event of a lane that is rewritten next.
#[derive(Clone, Copy)]
struct Next {
    record: usize,
    byte: usize,
}

/// The number of bytes that are rewritten at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
    /// The bytes that the events may grow by, together. The last one may grow by more, since that is known afterwards.
    pub(crate) growth: usize,
    /// Set if no other event is held. One event is rewritten then, however much it grows.
    pub(crate) is_idle: bool,
}

/// Events that were rewritten together.
#[derive(Default)]
pub(crate) struct Piece {
    pub(crate) arena: Arena,
    /// The weight that the events in the arena had before.
    pub(crate) before: usize,
    /// The positions of events that are dropped, with the reason and the weight of each.
    pub(crate) dropped: Vec<(u64, DropReason, usize)>,
    events: usize,
    /// The weights of the event that was rewritten last.
    last: Change,
}

/// The weights of an event before and after it is rewritten.
#[derive(Default, Clone, Copy)]
struct Change {
    before: usize,
    after: usize,
}

impl Unseen {
    pub(crate) fn new(taken: Taken) -> Self {
        let Taken { arena, first, .. } = taken;
        // Before the first event of a lane is a bracket.
        Self { arena, first, next: [Next { record: 0, byte: 1 }; 4] }
    }

    /// The position of the first event in the queue that all events have.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// The lowest position of an event that is left.
    pub(crate) fn oldest(&self) -> Option<u64> {
        let offsets =
            Endpoint::ALL.iter().filter_map(|endpoint| self.peek(*endpoint).map(|(offset, _)| offset));
        offsets.min().map(|offset| self.first + u64::from(offset))
    }

    /// Returns the memory of the events for others.
    pub(crate) fn into_memory(mut self) -> Arena {
        self.arena.clear();
        self.arena
    }

    /// Rewrites the next events, in the order in which they are sent. `rewrite` returns an event anew, or the reason why
    /// it is dropped.
    pub(crate) fn rewrite_next(
        &mut self,
        bounds: Bounds,
        mut rewrite: impl FnMut(Endpoint, &[u8]) -> Result<Vec<u8>, DropReason>,
    ) -> Piece {
        let mut piece = Piece::default();
        for endpoint in Endpoint::ALL {
            while let Some((offset, event)) = self.peek(endpoint) {
                if !piece.has_room(bounds) {
                    return piece;
                }
                let len = event.len();
                let before = weight(len);
                match rewrite(endpoint, event) {
                    Ok(event) => piece.add(endpoint, offset, before, &event),
                    Err(reason) => piece.dropped.push((self.first + u64::from(offset), reason, before)),
                }
                let next = &mut self.next[endpoint as usize];
                *next = Next { record: next.record + 1, byte: next.byte + len + SEPARATOR.len() };
            }
        }
        piece
    }

    fn peek(&self, endpoint: Endpoint) -> Option<(u32, &[u8])> {
        let Next { record, byte } = self.next[endpoint as usize];
        self.arena.event(endpoint, record, byte)
    }
}

impl Piece {
    fn add(&mut self, endpoint: Endpoint, offset: u32, before: usize, event: &[u8]) {
        self.arena.place(endpoint, offset, event);
        self.before += before;
        self.events += 1;
        self.last = Change { before, after: weight(event.len()) };
    }

    /// Returns true if the next event may be rewritten, which is expected to be like the last one.
    fn has_room(&self, bounds: Bounds) -> bool {
        if self.events == 0 && self.dropped.is_empty() {
            return bounds.is_idle || bounds.growth > 0;
        }
        let after = self.arena.weight() + self.last.after;
        let growth = after.saturating_sub(self.before + self.last.before);
        self.events < bounds.events && after <= bounds.bytes && growth <= bounds.growth
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Events of these endpoints, each its position.
    fn unseen(endpoints: &[usize]) -> Unseen {
        let mut arena = Arena::default();
        for (position, endpoint) in endpoints.iter().enumerate() {
            arena.push(Endpoint::ALL[*endpoint], position.to_string().as_bytes());
        }
        Unseen::new(Taken { arena, first: 100, overflowed: 0 })
    }

    fn events(arena: &Arena) -> Vec<(Endpoint, u32, String)> {
        let of = |endpoint| {
            let events = arena.events(endpoint);
            events.map(move |(record, event)| {
                (endpoint, record.offset, String::from_utf8(event.to_vec()).unwrap())
            })
        };
        Endpoint::ALL.into_iter().flat_map(of).collect()
    }

    const WIDE: Bounds = Bounds { events: 1_000, bytes: 1_000_000, growth: 1_000_000, is_idle: true };

    proptest! {
        #[test]
        fn every_event_is_rewritten_once_in_the_order_of_sending_and_within_the_bounds(
            endpoints in prop::collection::vec(0..4_usize, 0..60),
            growth in 0..50_usize,
            grows_to in 1..60_usize,
            most_events in 1..20_usize,
        ) {
            let mut unseen = unseen(&endpoints);
            let mut seen = Vec::new();
            let mut before = 0;
            let expected = {
                let mut all: Vec<_> = (0_u32..).zip(&endpoints).map(|(at, endpoint)| (*endpoint, at)).collect();
                all.sort_unstable();
                all
            };
            while let Some(oldest) = unseen.oldest() {
                let left = expected[seen.len()..].iter().map(|(_, offset)| *offset).min().unwrap();
                prop_assert_eq!(oldest, 100 + u64::from(left));
                let bounds = Bounds { events: most_events, growth, ..WIDE };
                let mut grown = Vec::new();
                let piece = unseen.rewrite_next(bounds, |_, event| {
                    if event.ends_with(b"7") {
                        return Err(DropReason::Hook);
                    }
                    let rewritten = [event, " ".repeat(grows_to).as_bytes()].concat();
                    grown.push(rewritten.len() - event.len());
                    Ok(rewritten)
                });
                before += piece.before;
                grown.pop();
                prop_assert!(grown.iter().sum::<usize>() <= growth, "all but the last one fit");
                prop_assert!(piece.events <= most_events);
                let mut all: Vec<_> = events(&piece.arena)
                    .into_iter()
                    .map(|(endpoint, offset, event)| {
                        assert_eq!(event.trim_end(), offset.to_string());
                        (endpoint as usize, offset)
                    })
                    .collect();
                for (position, reason, weight) in &piece.dropped {
                    prop_assert_eq!(*reason, DropReason::Hook);
                    before += weight;
                    let offset = u32::try_from(position - 100).unwrap();
                    all.push((endpoints[offset as usize], offset));
                }
                all.sort_unstable();
                prop_assert!(!all.is_empty(), "where nothing else is held, there is progress");
                seen.extend(all);
            }
            prop_assert_eq!(seen, expected);
            prop_assert_eq!(before, unseen.arena.weight());
        }
    }

    #[test]
    fn without_room_nothing_is_rewritten_unless_nothing_else_is_held() {
        let mut unseen = unseen(&[2, 2, 2]);
        let same = |_, event: &[u8]| Ok(event.to_vec());
        let piece = unseen.rewrite_next(Bounds { growth: 0, is_idle: false, ..WIDE }, same);
        assert_eq!((piece.events, unseen.oldest()), (0, Some(100)));
        let piece = unseen.rewrite_next(Bounds { growth: 0, ..WIDE }, same);
        assert_eq!((piece.events, unseen.oldest()), (3, None), "what does not grow needs no room");
    }
}
