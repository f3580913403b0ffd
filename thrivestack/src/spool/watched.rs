//! The machine's disk, which says what is done to it and stops answering when it is told to.

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use super::disk::{Disk, File, Listed, Lock, Unusable};
use super::real::Real;

#[derive(Clone, Default)]
pub(super) struct Watched(Arc<State>);

#[derive(Default)]
struct State {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) calls: u64,
    pub(super) opened: u64,
    pub(super) bytes_read: u64,
    /// Calls that wait for an answer.
    pub(super) waiting: u64,
    is_stuck: bool,
}

struct Handle {
    disk: Watched,
    file: Arc<dyn File>,
}

impl Watched {
    /// Answers no call, until this is taken back.
    pub(super) fn set_stuck(&self, is_stuck: bool) {
        self.0.seen.lock().unwrap().is_stuck = is_stuck;
        self.0.changed.notify_all();
    }

    pub(super) fn seen(&self) -> Seen {
        *self.0.seen.lock().unwrap()
    }

    /// Waits until a call waits for an answer.
    pub(super) fn wait_for_a_call(&self) {
        let seen = self.0.seen.lock().unwrap();
        drop(self.0.changed.wait_while(seen, |seen| seen.waiting == 0).unwrap());
    }

    fn call(&self, count: impl FnOnce(&mut Seen)) {
        let mut seen = self.0.seen.lock().unwrap();
        seen.calls += 1;
        count(&mut seen);
        seen.waiting += 1;
        self.0.changed.notify_all();
        seen = self.0.changed.wait_while(seen, |seen| seen.is_stuck).unwrap();
        seen.waiting -= 1;
    }

    fn watch(&self, file: io::Result<Arc<dyn File>>) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(Handle { disk: self.clone(), file: file? }))
    }
}

impl Disk for Watched {
    fn prepare(&self, dir: &Path) -> Result<bool, Unusable> {
        self.call(|_| {});
        Real.prepare(dir)
    }

    fn make_dir(&self, dir: &Path) -> io::Result<()> {
        self.call(|_| {});
        Real.make_dir(dir)
    }

    fn have_one_owner(&self, one: &Path, other: &Path) -> io::Result<bool> {
        self.call(|_| {});
        Real.have_one_owner(one, other)
    }

    fn directories(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.call(|_| {});
        Real.directories(dir)
    }

    fn files(&self, dir: &Path) -> io::Result<Vec<Listed>> {
        self.call(|_| {});
        Real.files(dir)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.call(|_| {});
        self.watch(Real.create(path))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.call(|seen| seen.opened += 1);
        self.watch(Real.open(path))
    }

    fn replace(&self, path: &Path, bytes: &[u8], is_synced: bool) -> io::Result<()> {
        self.call(|_| {});
        Real.replace(path, bytes, is_synced)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call(|_| {});
        Real.remove(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.call(|_| {});
        Real.remove_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.call(|_| {});
        Real.sync_dir(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        self.call(|_| {});
        Real.lock(path)
    }
}

impl File for Handle {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(offset, buffer)?;
        self.disk.call(|seen| seen.bytes_read += read as u64);
        Ok(read)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.disk.call(|_| {});
        self.file.write_at(offset, bytes)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.disk.call(|_| {});
        self.file.truncate(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.call(|_| {});
        self.file.sync()
    }
}
