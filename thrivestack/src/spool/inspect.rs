//! A look into a spool from outside, which changes nothing in it.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::contents::{self, Cursor, Met, Record};
use super::cursor::Settled;
use super::directory::{SUBDIRECTORY, is_lock, is_name};
use super::disk::Disk as _;
use super::real::{Real, open_to_read};
use super::record::{Header, HeaderError};
use super::segment::number_of;
use super::{CURSOR, LOCK};
use crate::wire::Endpoint;

/// What is in the directory of [`Config::spool`](crate::Config::spool).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Inspection {
    dir: PathBuf,
    clients: Vec<ClientDirectory>,
}

/// The sub-directory of one client: of one that lives, or of one whose events wait for the next.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClientDirectory {
    path: PathBuf,
    is_held: bool,
    is_cursor_damaged: bool,
    segments: Vec<Segment>,
}

/// One file of events.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Segment {
    path: PathBuf,
    bytes: u64,
    header: Result<Header, HeaderError>,
    waiting: [u64; Endpoint::ALL.len()],
    oldest: Option<SystemTime>,
    damaged: u64,
}

/// Why the events of a segment cannot be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// The beginning of the file is damaged, so nobody can tell for which key it was written.
    Damaged,
    /// A later version of this crate wrote it, in this version of the format.
    Newer(u32),
    /// It is some other file.
    NotASegment,
}

/// Looks at what waits in the directory of a spool, and changes nothing.
///
/// `dir` is the directory that the application gives to [`Config::spool`](crate::Config::spool), or the
/// `thrivestack-spool` in it. Nothing else in it is looked at.
///
/// Processes may be writing to it meanwhile; what is theirs is then as of some moment of the look. What is told are
/// numbers, never the contents of an event.
///
/// ```no_run
/// let spool = thrivestack::spool::inspect("/var/lib/app/analytics")?;
/// println!("{} events wait in {} bytes", spool.waiting_total(), spool.bytes());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// [`NotFound`](io::ErrorKind::NotFound) if there is no spool; or if the directory or a file in it cannot be read.
pub fn inspect(dir: impl AsRef<Path>) -> io::Result<Inspection> {
    let (dir, root) = find(dir.as_ref())?;
    let mut clients = Vec::new();
    for name in Real.directories(&root)? {
        if is_name(&name)
            && let Some(client) = there(ClientDirectory::look(root.join(name)))?.flatten()
        {
            clients.push(client);
        }
    }
    Ok(Inspection { dir, clients })
}

/// Returns the directory that was given to the application, and the one of all clients in it.
fn find(given: &Path) -> io::Result<(PathBuf, PathBuf)> {
    let root = given.join(SUBDIRECTORY);
    match there(fs::symlink_metadata(&root))? {
        Some(metadata) if metadata.is_dir() => return Ok((given.to_owned(), root)),
        _ => {}
    }
    let root = given.canonicalize()?;
    match root.parent() {
        Some(dir) if root.ends_with(SUBDIRECTORY) && root.is_dir() => Ok((dir.to_owned(), root)),
        _ => Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("no spool: there is no directory `{SUBDIRECTORY}` in it"),
        )),
    }
}

impl Inspection {
    /// The directory that the application gives to [`Config::spool`](crate::Config::spool).
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The sub-directories, one for each client that wrote here and whose events are not all delivered.
    #[must_use]
    pub fn clients(&self) -> &[ClientDirectory] {
        &self.clients
    }

    /// How many events of a call wait to be delivered.
    #[must_use]
    pub fn waiting(&self, endpoint: Endpoint) -> u64 {
        self.clients.iter().map(|client| client.waiting(endpoint)).sum()
    }

    /// How many events wait to be delivered.
    #[must_use]
    pub fn waiting_total(&self) -> u64 {
        self.clients.iter().map(ClientDirectory::waiting_total).sum()
    }

    /// How many bytes all segments have.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.clients.iter().map(ClientDirectory::bytes).sum()
    }
}

impl ClientDirectory {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a client that lives writes here. What is in a directory that nobody holds is adopted by the next client
    /// with the same key.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.is_held
    }

    /// Whether the file that says what was delivered is damaged, so that events may be delivered a second time.
    #[must_use]
    pub fn is_cursor_damaged(&self) -> bool {
        self.is_cursor_damaged
    }

    /// The files of events, the oldest first.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// How many events of a call wait to be delivered.
    #[must_use]
    pub fn waiting(&self, endpoint: Endpoint) -> u64 {
        self.segments.iter().map(|segment| segment.waiting(endpoint)).sum()
    }

    /// How many events wait to be delivered.
    #[must_use]
    pub fn waiting_total(&self) -> u64 {
        self.segments.iter().map(Segment::waiting_total).sum()
    }

    /// How many bytes the segments have.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(Segment::bytes).sum()
    }

    /// When the oldest event that waits was written.
    #[must_use]
    pub fn oldest(&self) -> Option<SystemTime> {
        self.segments.iter().filter_map(Segment::oldest).min()
    }

    /// How many records are damaged, at least.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.segments.iter().map(Segment::damaged).sum()
    }

    /// Whether all events that wait were written for this API key. Others are not delivered with it.
    #[must_use]
    pub fn is_for(&self, api_key: &str) -> bool {
        let mut with_events = self.segments.iter().filter(|segment| segment.waiting_total() > 0);
        with_events.all(|segment| segment.is_for(api_key))
    }

    /// Looks at a directory. `None` if its lock file is not ours, or not there.
    fn look(path: PathBuf) -> io::Result<Option<Self>> {
        let Some(is_held) = is_held(&path.join(LOCK))? else { return Ok(None) };
        let cursor = match open_to_read(&path.join(CURSOR)).and_then(|file| contents::cursor(&file)) {
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Some(Cursor::Foreign),
            cursor => there(cursor)?,
        };
        let is_cursor_damaged = matches!(cursor, Some(Cursor::Damaged | Cursor::Foreign));
        let seen = match cursor {
            Some(Cursor::Whole(settled)) => settled,
            _ => Settled::default(),
        };
        let mut looker = Looker { seen, is_held, next: None };
        let mut segments = Vec::new();
        for file in Real.files(&path)? {
            if number_of(&file.name).is_some()
                && let Some(segment) = there(looker.segment(path.join(&file.name), file.len))?
            {
                segments.push(segment);
            }
        }
        Ok(Some(Self { path, is_held, is_cursor_damaged, segments }))
    }
}

impl Segment {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes it has, those of delivered events included.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many events of a call wait to be delivered.
    #[must_use]
    pub fn waiting(&self, endpoint: Endpoint) -> u64 {
        self.waiting[endpoint as usize]
    }

    /// How many events wait to be delivered.
    #[must_use]
    pub fn waiting_total(&self) -> u64 {
        self.waiting.iter().sum()
    }

    /// When the oldest event that waits was written.
    #[must_use]
    pub fn oldest(&self) -> Option<SystemTime> {
        self.oldest
    }

    /// How many records are damaged, at least.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Whether it was written for this API key.
    #[must_use]
    pub fn is_for(&self, api_key: &str) -> bool {
        self.header.is_ok_and(|header| header.is_of(api_key.as_bytes()))
    }

    /// Why its events cannot be delivered, whatever the key.
    #[must_use]
    pub fn unreadable(&self) -> Option<Unreadable> {
        self.header.err().map(|error| match error {
            HeaderError::Damaged => Unreadable::Damaged,
            HeaderError::Newer(version) => Unreadable::Newer(version),
            HeaderError::NotASegment => Unreadable::NotASegment,
        })
    }

    fn meet(&mut self, record: &Record) {
        self.waiting[record.endpoint as usize] += 1;
        let at = UNIX_EPOCH.checked_add(Duration::from_millis(record.at_millis));
        self.oldest = [self.oldest, at].into_iter().flatten().min();
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => {
                f.write_str("its header is damaged, so nobody can tell for which key it was written")
            }
            Self::Newer(version) => {
                write!(f, "it has version {version} of the format, which a later version of the SDK reads")
            }
            Self::NotASegment => f.write_str("it is no segment of a spool"),
        }
    }
}

/// What is known while one segment after the other is looked at.
struct Looker {
    /// What is settled, and what was counted already.
    seen: Settled,
    is_held: bool,
    /// The sequence behind that of the last record.
    next: Option<u64>,
}

impl Looker {
    fn segment(&mut self, path: PathBuf, bytes: u64) -> io::Result<Segment> {
        let file = open_to_read(&path)?;
        let header = contents::header(&file);
        let mut segment =
            Segment { path, bytes, header, waiting: Default::default(), oldest: None, damaged: 0 };
        match header {
            Ok(_) | Err(HeaderError::Damaged) => self.records(&file, &mut segment),
            Err(HeaderError::Newer(_) | HeaderError::NotASegment) => {}
        }
        Ok(segment)
    }

    fn records(&mut self, file: &File, segment: &mut Segment) {
        let mut is_behind_damage = false;
        contents::walk(file, |met| match met {
            Met::Record(record) => {
                if is_behind_damage {
                    let next = self.next.unwrap_or(record.sequence);
                    segment.damaged += record.sequence.saturating_sub(next).max(1);
                    is_behind_damage = false;
                }
                self.next = Some(record.sequence.saturating_add(1));
                // The copy of a record that was written twice is no second event.
                if !self.seen.is_settled(record.sequence) {
                    self.seen.settle(record.sequence);
                    segment.meet(&record);
                }
            }
            Met::Damaged => is_behind_damage = true,
            // Where somebody writes, it is a record that is being written.
            Met::Torn => is_behind_damage |= !self.is_held,
        });
        segment.damaged += u64::from(is_behind_damage);
    }
}

/// Returns whether a process holds the lock, or `None` if it is not ours. It is tried and given back: a lock that several
/// may share, so that two who look do not take each other for a client.
fn is_held(lock: &Path) -> io::Result<Option<bool>> {
    let file = match open_to_read(lock) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if !is_lock(&file)? {
        return Ok(None);
    }
    match file.try_lock_shared() {
        Ok(()) => {
            file.unlock()?;
            Ok(Some(false))
        }
        Err(fs::TryLockError::WouldBlock) => Ok(Some(true)),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// What is gone by now was delivered meanwhile.
fn there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
