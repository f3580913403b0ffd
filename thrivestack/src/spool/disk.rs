//! The few calls of a file system that the spool makes, so that tests can put one in its place that fails and crashes.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// A file system.
pub(crate) trait Disk: Send + Sync {
    /// Makes a directory, and those above it, for its owner alone. One that is there already is left as it is. Returns
    /// whether it was made.
    fn prepare(&self, dir: &Path) -> Result<bool, Unusable>;
    /// Makes a directory that is not there yet, for its owner alone.
    fn make_dir(&self, dir: &Path) -> io::Result<()>;
    /// Whether two paths, neither of them followed if it is a link, have the same owner.
    fn have_one_owner(&self, one: &Path, other: &Path) -> io::Result<bool>;
    /// Returns the names of the directories in a directory, without links. Looks at none of them.
    fn directories(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Returns the files in a directory, by their names: no links, and nothing of another owner's.
    fn files(&self, dir: &Path) -> io::Result<Vec<Listed>>;
    /// Makes a file that is not there yet, for its owner alone.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>>;
    /// Opens a file to read and write. A link is an error.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>>;
    /// Puts a file with these bytes in the place of `path`, all or nothing; `is_synced` says whether it survives the
    /// machine's crash.
    fn replace(&self, path: &Path, bytes: &[u8], is_synced: bool) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes a directory that is empty.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;
    /// Has what was made, renamed and removed in a directory survive the machine's crash.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Takes the lock of a file that is there. `None` if another process, or another client, has it.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>>;
}

/// A file in a list, which says something else once it was written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) len: u64,
    pub(crate) modified: Option<SystemTime>,
}

/// A file that is open.
pub(crate) trait File: Send + Sync {
    /// Fills `buffer` from there, and says how much of it there was.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes all of the bytes or fails, after any part of them.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    fn truncate(&self, len: u64) -> io::Result<()>;
    /// Has what was written survive the machine's crash.
    fn sync(&self) -> io::Result<()>;
}

/// A lock that is released when this is dropped, or when the process ends.
pub(crate) trait Lock: Send {}

/// Why a directory cannot be used.
#[derive(Debug)]
pub(crate) enum Unusable {
    Link,
    NotADirectory,
    ForeignOwner,
    /// Everybody may write into it.
    OpenToAll,
    Failed(io::Error),
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}
