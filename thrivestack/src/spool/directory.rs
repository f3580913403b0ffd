//! The directories of a spool: which ones are ours, and the making of one.
//!
//! The directory that is given to [`Config::spool`](crate::Config::spool) may hold anything. Ours in it is the sub-directory
//! [`SUBDIRECTORY`]. A client's directory in there is proved by its name, which ends with a checksum of itself, and by its
//! lock file, which begins with a magic number. Everything else is left alone: not opened, not listed, not removed.

use std::io;
use std::path::{Path, PathBuf};

use super::LOCK;
use super::disk::{Disk, File, Lock, Unusable};
use super::record::checksum;
use crate::error::{Error, ErrorKind};

/// The directory that is ours in the one that the host gives.
pub(super) const SUBDIRECTORY: &str = "thrivestack-spool";
/// The contents of a lock file.
pub(super) const MAGIC: [u8; 8] = *b"\xFFTSSLOCK";
/// The attempts to make a directory. One is enough unless another client looks for directories of the dead at the very
/// moment.
const ATTEMPTS: u32 = 10;

/// A directory of the client's own.
pub(super) struct Claimed {
    /// The directory that all clients share.
    pub(super) root: PathBuf,
    pub(super) dir: PathBuf,
    pub(super) lock: Box<dyn Lock>,
}

/// Makes a directory in the sub-directory of `given` that is ours, and takes its lock.
pub(super) fn claim(disk: &dyn Disk, given: &Path, is_synced: bool) -> Result<Claimed, Error> {
    disk.prepare(given).map_err(|why| unusable(given, why))?;
    let root = given.join(SUBDIRECTORY);
    let is_new = disk.prepare(&root).map_err(|why| unusable(&root, why))?;
    let failed = |error: io::Error| unusable(&root, error.into());
    let (dir, lock) = make(disk, &root).map_err(failed)?;
    // The owner of a directory could read, replace and remove what is in it.
    for (above, below) in [(&*root, &*dir), (given, &*root)] {
        if !disk.have_one_owner(above, below).map_err(failed)? {
            super::ledger::remove_empty(disk, &dir);
            if is_new {
                let _ = disk.remove_dir(&root);
            }
            return Err(unusable(above, Unusable::ForeignOwner));
        }
    }
    if is_synced {
        disk.sync_dir(&root).and_then(|()| disk.sync_dir(given)).map_err(failed)?;
    }
    Ok(Claimed { root, dir, lock })
}

fn make(disk: &dyn Disk, root: &Path) -> io::Result<(PathBuf, Box<dyn Lock>)> {
    for _ in 0..ATTEMPTS {
        let dir = root.join(name(std::process::id(), fastrand::u64(..)));
        disk.make_dir(&dir)?;
        let path = dir.join(LOCK);
        // Another client may take it for one that a dead client left, and remove it.
        let created = disk.create(&path);
        match created.and_then(|file| Ok((file, disk.lock(&path)?))) {
            Ok((file, Some(lock))) if disk.open(&path).is_ok() => {
                file.write_at(0, &MAGIC)?;
                return Ok((dir, lock));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Err(io::Error::other("others take every new directory away"))
}

/// The name of a client's directory: its process, a random number, and a checksum of both.
pub(super) fn name(process: u32, random: u64) -> String {
    let name = format!("{process:08x}-{random:016x}");
    let sum = checksum(name.as_bytes());
    format!("{name}-{sum:08x}")
}

/// Returns whether this is the name of a client's directory.
pub(super) fn is_name(found: &str) -> bool {
    found.rsplit_once('-').is_some_and(|(name, sum)| {
        name.len() == 25 && sum.len() == 8 && format!("{:08x}", checksum(name.as_bytes())) == sum
    })
}

/// Returns whether a lock file in a directory of such a name is ours.
pub(super) fn is_lock(file: &dyn File) -> io::Result<bool> {
    begins_with(file, &MAGIC)
}

/// Returns whether a file begins with this magic number, or may have: it ends within it if its writer was killed, and the end
/// of the machine leaves zeros.
pub(super) fn begins_with(file: &dyn File, magic: &[u8; 8]) -> io::Result<bool> {
    let mut beginning = [0; 8];
    let len = file.read_at(0, &mut beginning)?;
    Ok(magic.starts_with(&beginning[..len]) || beginning == [0; 8])
}

fn unusable(root: &Path, why: Unusable) -> Error {
    let root = root.display();
    let (message, source) = match why {
        Unusable::Link => (
            format!("the spool's directory `{root}` is a symbolic link: give the path that it leads to"),
            None,
        ),
        Unusable::NotADirectory => (
            format!(
                "the spool's directory `{root}` is not a directory: give one, or a path where there is nothing yet"
            ),
            None,
        ),
        Unusable::ForeignOwner => (
            format!(
                "the spool's directory `{root}` belongs to another user: give a path where there is nothing yet, or \
                 make it the process' own with `chown`"
            ),
            None,
        ),
        Unusable::OpenToAll => (
            format!(
                "every user may write into the spool's directory `{root}`: give a path in it where there is nothing \
                 yet, or `chmod 700` it"
            ),
            None,
        ),
        Unusable::Failed(error) => (
            format!(
                "the spool's directory `{root}` cannot be used: give a path on a disk with room where the process may \
                 write"
            ),
            Some(error),
        ),
    };
    let unusable = Error::new(ErrorKind::UnusableSpool, message);
    match source {
        Some(source) => unusable.caused_by(source),
        None => unusable,
    }
}
