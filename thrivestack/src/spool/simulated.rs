//! A file system in memory that forgets in a crash what it was not asked to keep, and fails when it is told to.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::disk::{Disk, File, Listed, Lock, Unusable};

#[derive(Clone, Default)]
pub(super) struct Simulated(Arc<Mutex<State>>);

/// What goes wrong until it is taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Faults {
    /// Writes stop half-way, and nothing new can be made.
    pub(super) is_full: bool,
    /// What was written half-way cannot be taken back.
    pub(super) keeps_halves: bool,
    /// The disk does not confirm what was written, and forgets that it was to.
    pub(super) loses_writes: bool,
}

#[derive(Default)]
struct State {
    dirs: BTreeSet<PathBuf>,
    /// The names as the process sees them, and as they are after a crash.
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    inodes: Vec<Inode>,
    locks: BTreeMap<usize, u64>,
    locked: u64,
    faults: Faults,
}

#[derive(Default, Clone)]
struct Inode {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    /// What was written since it was last asked to keep it.
    dirty: Vec<(usize, usize)>,
}

struct Handle {
    disk: Simulated,
    inode: usize,
}

struct Held {
    disk: Simulated,
    inode: usize,
    token: u64,
}

impl Simulated {
    pub(super) fn set_faults(&self, faults: Faults) {
        self.0.lock().unwrap().faults = faults;
    }

    /// Ends every process: nobody has a lock any more.
    pub(super) fn kill(&self) {
        self.0.lock().unwrap().locks.clear();
    }

    /// Ends the machine. `survives` decides of every name and byte that need not be there whether it is.
    pub(super) fn crash(&self, mut survives: impl FnMut() -> bool) {
        let mut state = self.0.lock().unwrap();
        let state = &mut *state;
        state.locks.clear();
        let mut names = state.durable_names.clone();
        for (path, inode) in &state.names {
            if names.get(path) != Some(inode) && survives() {
                names.insert(path.clone(), *inode);
            }
        }
        names.retain(|path, inode| state.names.get(path) == Some(inode) || survives());
        for inode in &mut state.inodes {
            let mut bytes = inode.durable.clone();
            for (start, end) in std::mem::take(&mut inode.dirty) {
                if survives() {
                    // The length may be there before the bytes are.
                    let end = end.min(inode.bytes.len());
                    bytes.resize(bytes.len().max(end), 0);
                    if survives() && start < end {
                        bytes[start..end].copy_from_slice(&inode.bytes[start..end]);
                    }
                }
            }
            inode.bytes.clone_from(&bytes);
            inode.durable = bytes;
        }
        state.names.clone_from(&names);
        state.durable_names = names;
    }

    /// The files and what is in them.
    pub(super) fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let state = self.0.lock().unwrap();
        state.names.iter().map(|(path, inode)| (path.clone(), state.inodes[*inode].bytes.clone())).collect()
    }

    /// Puts other bytes into a file.
    pub(super) fn put(&self, path: &Path, bytes: Vec<u8>) {
        let mut state = self.0.lock().unwrap();
        let inode = state.names[path];
        state.inodes[inode].bytes = bytes;
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        self.0.lock().unwrap().names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn handle(&self, inode: usize) -> Arc<dyn File> {
        Arc::new(Handle { disk: self.clone(), inode })
    }

    fn full() -> io::Error {
        io::ErrorKind::StorageFull.into()
    }
}

impl Disk for Simulated {
    fn prepare(&self, dir: &Path) -> Result<bool, Unusable> {
        Ok(self.0.lock().unwrap().dirs.insert(dir.to_owned()))
    }

    fn make_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.dirs.insert(dir.to_owned()) { Ok(()) } else { Err(io::ErrorKind::AlreadyExists.into()) }
    }

    fn have_one_owner(&self, _: &Path, _: &Path) -> io::Result<bool> {
        Ok(true)
    }

    fn directories(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.0.lock().unwrap();
        Ok(state.dirs.iter().filter(|path| path.parent() == Some(dir)).map(|path| name(path)).collect())
    }

    fn files(&self, dir: &Path) -> io::Result<Vec<Listed>> {
        let state = self.0.lock().unwrap();
        let files = state.names.iter().filter(|(path, _)| path.parent() == Some(dir));
        let listed = |(path, inode): (&PathBuf, &usize)| {
            let len = state.inodes[*inode].bytes.len() as u64;
            Listed { name: name(path), len, modified: None }
        };
        Ok(files.map(listed).collect())
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut state = self.0.lock().unwrap();
        if state.faults.is_full {
            return Err(Self::full());
        }
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = state.inodes.len();
        state.inodes.push(Inode::default());
        state.names.insert(path.to_owned(), inode);
        Ok(self.handle(inode))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(self.handle(self.find(path)?))
    }

    fn replace(&self, path: &Path, bytes: &[u8], is_synced: bool) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.faults.is_full || (is_synced && state.faults.loses_writes) {
            return Err(Self::full());
        }
        let durable = if is_synced { bytes.to_vec() } else { Vec::new() };
        let dirty = if is_synced { Vec::new() } else { vec![(0, bytes.len())] };
        let inode = state.inodes.len();
        state.inodes.push(Inode { bytes: bytes.to_vec(), durable, dirty });
        state.names.insert(path.to_owned(), inode);
        drop(state);
        if is_synced { self.sync_dir(path.parent().unwrap()) } else { Ok(()) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = self.0.lock().unwrap().names.remove(path);
        removed.map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.names.keys().any(|path| path.parent() == Some(dir)) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        state.dirs.remove(dir);
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let State { names, durable_names, .. } = &mut *state;
        durable_names.retain(|path, _| path.parent() != Some(dir));
        let synced = names.iter().filter(|(path, _)| path.parent() == Some(dir));
        durable_names.extend(synced.map(|(path, inode)| (path.clone(), *inode)));
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        let inode = self.find(path)?;
        let mut state = self.0.lock().unwrap();
        if state.locks.contains_key(&inode) {
            return Ok(None);
        }
        state.locked += 1;
        let token = state.locked;
        state.locks.insert(inode, token);
        Ok(Some(Box::new(Held { disk: self.clone(), inode, token })))
    }
}

impl File for Handle {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.disk.0.lock().unwrap();
        let rest = state.inodes[self.inode].bytes.get(offset as usize..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.0.lock().unwrap();
        let is_full = state.faults.is_full;
        let written = if is_full { &bytes[..bytes.len() / 2] } else { bytes };
        let (start, end) = (offset as usize, offset as usize + written.len());
        let inode = &mut state.inodes[self.inode];
        let len = inode.bytes.len().max(end);
        inode.bytes.resize(len, 0);
        inode.bytes[start..end].copy_from_slice(written);
        inode.dirty.push((start, end));
        if is_full { Err(Simulated::full()) } else { Ok(()) }
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut state = self.disk.0.lock().unwrap();
        if state.faults.keeps_halves {
            return Err(Simulated::full());
        }
        state.inodes[self.inode].bytes.truncate(len as usize);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.0.lock().unwrap();
        let loses_writes = state.faults.loses_writes;
        let Inode { bytes, durable, dirty } = &mut state.inodes[self.inode];
        let dirty = std::mem::take(dirty);
        if loses_writes {
            return Err(io::Error::other("the disk lost what was written"));
        }
        for (start, end) in dirty {
            let end = end.min(bytes.len());
            durable.resize(durable.len().max(end), 0);
            if start < end {
                durable[start..end].copy_from_slice(&bytes[start..end]);
            }
        }
        Ok(())
    }
}

impl Lock for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.disk.0.lock().unwrap();
        if state.locks.get(&self.inode) == Some(&self.token) {
            state.locks.remove(&self.inode);
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
