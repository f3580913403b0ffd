//! What was read and is not settled yet, and the cursors that say what is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::cursor::Settled;
use super::disk::{Disk, Lock};
use super::log::Log;
use super::record::Header;
use super::recover::Known;
use super::segment::SegmentId;
use super::{CURSOR, LOCK, NEW_CURSOR, OWN, lock};

/// The worker's side of the spool.
pub(super) struct Ledger {
    /// The header that all segments have but those that were begun since the key changed.
    pub(super) stamped: Header,
    pub(super) stores: BTreeMap<u32, Store>,
    /// The directories that were there at the start, until they are looked at.
    pub(super) listed: Option<Vec<String>>,
    /// Directories that have nothing for this client.
    pub(super) known: Known,
    /// By the position of the first record.
    taken: BTreeMap<u64, Taken>,
}

/// A directory of segments whose lock is ours.
pub(super) struct Store {
    pub(super) dir: PathBuf,
    pub(super) settled: Settled,
    /// Whether it knows more than its file.
    pub(super) is_dirty: bool,
    /// Whether there are segments in it that are not ours to deliver.
    pub(super) has_others: bool,
    /// Set if there is a file in the place of its cursor that is not ours. Then there is none.
    pub(super) has_foreign_cursor: bool,
    /// Ours until this is dropped.
    pub(super) _lock: Box<dyn Lock>,
}

/// Records that were read together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub(super) store: u32,
    pub(super) sequence: u64,
    pub(super) position: u64,
    pub(super) count: u64,
    /// How many of them are not settled.
    pub(super) left: u64,
}

impl Ledger {
    pub(super) fn new(own: Store, stamped: Header, listed: Option<Vec<String>>) -> Self {
        Self {
            stamped,
            listed,
            stores: BTreeMap::from([(OWN, own)]),
            known: Known::default(),
            taken: BTreeMap::new(),
        }
    }

    pub(super) fn take(&mut self, taken: impl IntoIterator<Item = Taken>) {
        self.taken.extend(taken.into_iter().map(|taken| (taken.position, taken)));
    }

    /// Forgets the events at these positions, as far as they came from the disk. Returns how many did.
    pub(super) fn settle(
        &mut self,
        disk: &dyn Disk,
        log: &Mutex<Log>,
        positions: impl Iterator<Item = u64>,
    ) -> u64 {
        let settled: Vec<(u32, u64)> = positions.filter_map(|position| self.settle_one(position)).collect();
        let count = settled.len() as u64;
        if count == 0 {
            return 0;
        }
        let mut guard = lock(log);
        guard.unsettled = guard.unsettled.saturating_sub(count);
        for (store, sequence) in settled {
            if store == OWN {
                guard.unsynced.settle(sequence);
            }
            if let Some(segment) = guard.segment_of(store, sequence) {
                segment.unsettled = segment.unsettled.saturating_sub(1);
            }
        }
        let removable = guard.settled_segments();
        drop(guard);
        self.clean(disk, log, removable);
        count
    }

    /// Writes the cursors, and removes these segments and what is empty without them.
    pub(super) fn clean(&mut self, disk: &dyn Disk, log: &Mutex<Log>, removable: Vec<(SegmentId, PathBuf)>) {
        let emptied: BTreeSet<u32> = removable.iter().map(|(id, _)| id.store).collect();
        for (id, store) in &mut self.stores {
            store.write_cursor(disk, emptied.contains(id));
        }
        for (id, path) in removable {
            // What its cursor does not say would be sent again if the file came back with the machine.
            let is_told = self.stores.get(&id.store).is_some_and(|store| !store.is_dirty);
            if is_told && is_gone(disk, &path) {
                lock(log).remove(id);
            }
        }
        let held: BTreeSet<u32> = lock(log).segments.keys().map(|id| id.store).collect();
        let finished: Vec<u32> =
            self.stores.keys().copied().filter(|id| *id != OWN && !held.contains(id)).collect();
        for id in finished {
            if let Some(store) = self.stores.remove(&id) {
                store.finish(disk);
            }
        }
    }

    /// Releases all directories, and removes what is empty.
    pub(super) fn close(&mut self, disk: &dyn Disk, log: &Mutex<Log>) {
        let removable = lock(log).settled_segments();
        self.clean(disk, log, removable);
        let is_empty = !lock(log).segments.keys().any(|id| id.store == OWN);
        for (id, store) in std::mem::take(&mut self.stores) {
            if id == OWN && is_empty {
                store.finish(disk);
            }
        }
        self.taken.clear();
    }

    fn settle_one(&mut self, position: u64) -> Option<(u32, u64)> {
        let (first, taken) = self.taken.range_mut(..=position).next_back()?;
        let nth = position - taken.position;
        if nth >= taken.count {
            return None;
        }
        let (first, store_id, sequence) = (*first, taken.store, taken.sequence + nth);
        let store = self.stores.get_mut(&store_id)?;
        if store.settled.is_settled(sequence) {
            return None;
        }
        store.settled.settle(sequence);
        store.is_dirty = true;
        taken.left -= 1;
        if taken.left == 0 {
            self.taken.remove(&first);
        }
        Some((store_id, sequence))
    }
}

impl Store {
    /// A new directory.
    pub(super) fn own(dir: PathBuf, lock: Box<dyn Lock>) -> Self {
        Self {
            dir,
            settled: Settled::default(),
            is_dirty: false,
            has_others: false,
            has_foreign_cursor: false,
            _lock: lock,
        }
    }

    /// Writes the cursor if there is news. Another batch tries again if it fails; until then, the news is kept here.
    fn write_cursor(&mut self, disk: &dyn Disk, is_synced: bool) {
        if self.has_foreign_cursor {
            self.is_dirty = false;
        } else if self.is_dirty || is_synced {
            let mut bytes = Vec::new();
            self.settled.write(&mut bytes);
            let path = self.dir.join(CURSOR);
            self.is_dirty = disk.replace(&path, &bytes, is_synced).is_err();
            if self.is_dirty && is_synced {
                // What the machine may lose, the process' end does not.
                let _ = disk.replace(&path, &bytes, false);
            }
        }
    }

    /// Removes a directory without segments, unless there is something in it that is not ours to remove.
    pub(super) fn finish(self, disk: &dyn Disk) {
        if !self.has_others && !self.has_foreign_cursor {
            remove_empty(disk, &self.dir);
        }
        // The lock is released last, with the rest of this.
    }
}

/// Removes what a directory without segments still has. What fails is found by a later start.
pub(super) fn remove_empty(disk: &dyn Disk, dir: &Path) {
    // The lock is the last one: without it, a directory is empty.
    if [NEW_CURSOR, CURSOR, LOCK].iter().all(|name| is_gone(disk, &dir.join(name))) {
        let _ = disk.remove_dir(dir);
    }
}

fn is_gone(disk: &dyn Disk, path: &Path) -> bool {
    match disk.remove(path) {
        Ok(()) => true,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}
