//! A directory of the client's own.

use std::io;
use std::path::{Path, PathBuf};

use super::LOCK;
use super::disk::{Disk, Lock, Unusable};
use crate::error::{Error, ErrorKind};

/// How often another name is tried. One attempt is enough unless someone else looks for directories of the dead at the very
/// moment.
const ATTEMPTS: u32 = 10;

/// Makes a directory below `root` and takes its lock.
pub(super) fn claim(
    disk: &dyn Disk,
    root: &Path,
    is_synced: bool,
) -> Result<(PathBuf, Box<dyn Lock>), Error> {
    let claimed = disk.prepare(root).and_then(|()| {
        let (dir, lock) = make(disk, root)?;
        // Whoever owns the directory could read, replace and remove what is in it.
        if !disk.have_one_owner(root, &dir)? {
            super::ledger::remove_empty(disk, &dir);
            return Err(Unusable::ForeignOwner);
        }
        if is_synced {
            disk.sync_dir(root)?;
        }
        Ok((dir, lock))
    });
    claimed.map_err(|why| unusable(root, why))
}

fn make(disk: &dyn Disk, root: &Path) -> io::Result<(PathBuf, Box<dyn Lock>)> {
    for _ in 0..ATTEMPTS {
        let dir = root.join(format!("{:08x}-{:016x}", std::process::id(), fastrand::u64(..)));
        disk.make_dir(&dir)?;
        let path = dir.join(LOCK);
        // Someone may take it for one that a dead client left, and remove it.
        match disk.create(&path).and_then(|_| disk.lock(&path)) {
            Ok(Some(lock)) if disk.open(&path).is_ok() => return Ok((dir, lock)),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Err(io::Error::other("others take every new directory away"))
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
