//! The operating system's files.

use std::fs::{DirBuilder, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::disk::{Disk, File, Listed, Lock, Unusable};

/// The file system of the machine.
pub(crate) struct Real;

/// The locks that this process holds, or its parent held when it was forked.
static HELD: Mutex<Vec<Weak<Handle>>> = Mutex::new(Vec::new());

/// The lock of a file, by the file's handle.
struct RealLock(Arc<Handle>);

struct Handle {
    /// `None` in a child that closed it.
    file: Mutex<Option<std::fs::File>>,
    /// The process that took the lock. A child that was forked from it shares the lock, which is not its own to release.
    process: u32,
}

/// Closes the handles of the locks that this process inherited. A lock lasts as long as a process has its handle, so a child
/// that lives on would keep the directories of a parent that is gone.
pub(crate) fn close_inherited_locks() {
    // Another thread may have held one of these when the process was forked. Then nobody releases it here.
    let Ok(mut held) = HELD.try_lock() else { return };
    held.retain(|handle| {
        let Some(handle) = handle.upgrade() else { return false };
        let is_own = handle.process == std::process::id();
        if !is_own && let Ok(mut file) = handle.file.try_lock() {
            *file = None;
        }
        is_own
    });
}

impl Disk for Real {
    fn prepare(&self, dir: &Path) -> Result<bool, Unusable> {
        match std::fs::symlink_metadata(dir) {
            Ok(metadata) if metadata.is_symlink() => return Err(Unusable::Link),
            Ok(metadata) if !metadata.is_dir() => return Err(Unusable::NotADirectory),
            Ok(metadata) if is_open_to_all(&metadata) => return Err(Unusable::OpenToAll),
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(above) = dir.parent() {
            std::fs::create_dir_all(above)?;
        }
        match self.make_dir(dir) {
            // Another process was faster, and has made it with the same permissions.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            made => Ok(made.map(|()| true)?),
        }
    }

    fn make_dir(&self, dir: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(dir)
    }

    fn have_one_owner(&self, one: &Path, other: &Path) -> io::Result<bool> {
        Ok(owner(&std::fs::symlink_metadata(one)?) == owner(&std::fs::symlink_metadata(other)?))
    }

    fn directories(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir())
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn files(&self, dir: &Path) -> io::Result<Vec<Listed>> {
        let own = owner(&std::fs::symlink_metadata(dir)?);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            // It may be gone by now. This metadata is that of a link itself.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file()
                && owner(&metadata) == own
                && let Ok(name) = entry.file_name().into_string()
            {
                let modified = metadata.modified().ok();
                files.push(Listed { name, len: metadata.len(), modified });
            }
        }
        files.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(files)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        // Makes the file itself or fails: a link that is in the way is not followed.
        Ok(Arc::new(private().read(true).write(true).create_new(true).open(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(open(path, OpenOptions::new().read(true).write(true))?))
    }

    fn replace(&self, path: &Path, bytes: &[u8], is_synced: bool) -> io::Result<()> {
        let temporary = path.with_extension("new");
        // What an earlier process left half-way.
        match std::fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private().write(true).create_new(true).open(&temporary)?;
        file.write_all(bytes)?;
        if is_synced {
            file.sync_all()?;
        }
        std::fs::rename(&temporary, path)?;
        match path.parent() {
            Some(dir) if is_synced => self.sync_dir(dir),
            _ => Ok(()),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        std::fs::remove_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        // Elsewhere a directory cannot be opened like a file.
        if cfg!(unix) { std::fs::File::open(dir)?.sync_all() } else { Ok(()) }
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        let file = open(path, OpenOptions::new().read(true).write(true))?;
        match file.try_lock() {
            Ok(()) => {
                let handle = Arc::new(Handle { file: Mutex::new(Some(file)), process: std::process::id() });
                let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
                held.retain(|handle| handle.strong_count() > 0);
                held.push(Arc::downgrade(&handle));
                Ok(Some(Box::new(RealLock(handle))))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Lock for RealLock {}

impl Drop for RealLock {
    fn drop(&mut self) {
        let file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner).take();
        if self.0.process == std::process::id()
            && let Some(file) = file
        {
            // Closing the handle would not release what a forked child still holds open. A failure leaves it to that.
            let _ = file.unlock();
        }
    }
}

impl File for std::fs::File {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match read_some(self, offset + filled as u64, &mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        write_all(self, offset, bytes)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Opens a file that is there, unless it is a link, or becomes one meanwhile. Nothing but a file is opened: a pipe would
/// never answer.
fn open(path: &Path, options: &OpenOptions) -> io::Result<std::fs::File> {
    let seen = std::fs::symlink_metadata(path)?;
    if seen.is_file() {
        let file = options.open(path)?;
        if is_same(&seen, &file.metadata()?) {
            return Ok(file);
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
}

/// Opens a file that is there to read it only, by the same rules.
pub(super) fn open_to_read(path: &Path) -> io::Result<std::fs::File> {
    open(path, OpenOptions::new().read(true))
}

/// Files for their owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn owner(metadata: &Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(metadata)
}

/// Elsewhere the standard library does not tell.
#[cfg(not(unix))]
fn owner(_: &Metadata) -> u32 {
    0
}

#[cfg(unix)]
fn is_open_to_all(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o002 != 0
}

#[cfg(not(unix))]
fn is_open_to_all(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn read_some(file: &std::fs::File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(unix)]
fn write_all(file: &std::fs::File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_some(file: &std::fs::File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(windows)]
fn write_all(file: &std::fs::File, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        offset += written as u64;
        bytes = &bytes[written..];
    }
    Ok(())
}
