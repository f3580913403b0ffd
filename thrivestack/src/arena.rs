//! Events in memory, laid out so that those of one request lie in one piece and are sent from where they lie.

use bytes::Bytes;

use crate::wire::Endpoint;

/// What stands behind every event. Where one request ends and the next begins, the batcher makes `][` of it.
pub(crate) const SEPARATOR: [u8; 2] = *b", ";

/// Events that follow one another in the queue, those of each call in a lane of their own.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    /// In the order of [`Endpoint::ALL`].
    lanes: [Lane; 4],
    /// How many positions of the queue it covers.
    len: u32,
    weight: usize,
}

/// The events of one call, in the order in which they were accepted.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// `[event, event, `, or nothing.
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: Vec<Record>,
}

/// One event of a lane: they lie one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    /// How many positions its arena has before it.
    pub(crate) offset: u32,
    pub(crate) len: u32,
}

/// What an event of so many bytes takes of `queue_bytes`: the bytes, what stands behind them, and the record that says
/// where they are.
pub(crate) fn weight(len: usize) -> usize {
    len + SEPARATOR.len() + size_of::<Record>()
}

impl Arena {
    /// Adds an event at the next position.
    #[inline]
    pub(crate) fn push(&mut self, endpoint: Endpoint, event: &[u8]) {
        self.add(endpoint, self.len, event);
        self.len += 1;
    }

    /// Adds an event behind the others of its call, at a position that is none of theirs.
    pub(crate) fn place(&mut self, endpoint: Endpoint, offset: u32, event: &[u8]) {
        self.add(endpoint, offset, event);
        self.skip(offset);
    }

    #[inline]
    fn add(&mut self, endpoint: Endpoint, offset: u32, event: &[u8]) {
        let lane = &mut self.lanes[endpoint as usize];
        if lane.bytes.is_empty() {
            lane.bytes.push(b'[');
        }
        lane.bytes.extend_from_slice(event);
        lane.bytes.extend_from_slice(&SEPARATOR);
        lane.records.push(Record { offset, len: event.len() as u32 });
        self.weight += weight(event.len());
    }

    /// Leaves a position without an event.
    pub(crate) fn skip(&mut self, offset: u32) {
        self.len = self.len.max(offset + 1);
    }

    /// How many positions of the queue it covers, with those that have no event any more.
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// What all of its events take of `queue_bytes`.
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }

    /// The events of one call.
    #[cfg(test)]
    pub(crate) fn events(&self, endpoint: Endpoint) -> impl Iterator<Item = (Record, &[u8])> {
        let lane = &self.lanes[endpoint as usize];
        let mut start = 1;
        lane.records.iter().map(move |record| {
            let event = &lane.bytes[start..start + record.len as usize];
            start += event.len() + SEPARATOR.len();
            (*record, event)
        })
    }

    /// Returns the offset and the bytes of a record that begins at `start` in the lane of a call.
    pub(crate) fn event(&self, endpoint: Endpoint, record: usize, start: usize) -> Option<(u32, &[u8])> {
        let lane = &self.lanes[endpoint as usize];
        let record = lane.records.get(record)?;
        Some((record.offset, lane.bytes.get(start..start + record.len as usize)?))
    }

    pub(crate) fn lane(&mut self, endpoint: Endpoint) -> &mut Lane {
        &mut self.lanes[endpoint as usize]
    }

    /// Forgets the events and keeps their memory.
    pub(crate) fn clear(&mut self) {
        for lane in &mut self.lanes {
            lane.bytes.clear();
            lane.records.clear();
        }
        self.len = 0;
        self.weight = 0;
    }

    /// Has room for what `other` holds, so that no large buffer is copied to grow.
    pub(crate) fn reserve_as(&mut self, other: &Self) {
        for (lane, other) in self.lanes.iter_mut().zip(&other.lanes) {
            lane.bytes.reserve_exact(other.bytes.len());
            lane.records.reserve_exact(other.records.len());
        }
    }

    /// Gives half of the memory back that the last events did not need.
    pub(crate) fn shrink(&mut self) {
        for lane in &mut self.lanes {
            lane.bytes.shrink_to(lane.bytes.capacity() / 2);
            lane.records.shrink_to(lane.records.capacity() / 2);
        }
    }

    /// Takes the memory of events back that were sent, if nothing else needs it and it is more than there is.
    pub(crate) fn recycle(&mut self, endpoint: Endpoint, body: Bytes) {
        let Ok(mut body) = body.try_into_mut() else { return };
        // What is in it would be moved to the buffer's beginning.
        body.clear();
        let buffer = Vec::from(body);
        let lane = &mut self.lanes[endpoint as usize];
        if lane.bytes.is_empty() && lane.bytes.capacity() < buffer.capacity() {
            lane.bytes = buffer;
        }
    }
}

impl Lane {
    /// Gives the bytes away, without copying them. If they are but a small part of their buffer, they are copied, since
    /// they may be kept for long.
    pub(crate) fn freeze(&mut self) -> Bytes {
        if self.bytes.len() < self.bytes.capacity() / 4 {
            Bytes::copy_from_slice(&self.bytes)
        } else {
            std::mem::take(&mut self.bytes).into()
        }
    }
}
