//! A look into a spool from outside, which changes nothing in it.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::cursor::Settled;
use super::record::{self, Entry, Header, HeaderError, Item, LARGEST};
use crate::wire::Endpoint;

/// What is in the directory of [`Config::spool`](crate::Config::spool).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Inspection {
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
/// If the directory or a file in it cannot be read.
pub fn inspect(dir: impl AsRef<Path>) -> io::Result<Inspection> {
    let mut clients = Vec::new();
    for path in entries(dir.as_ref(), fs::FileType::is_dir)? {
        if let Some(client) = there(ClientDirectory::look(path))? {
            clients.push(client);
        }
    }
    Ok(Inspection { clients })
}

impl Inspection {
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

    fn look(path: PathBuf) -> io::Result<Self> {
        let is_held = is_held(&path.join("lock"))?;
        let cursor = there(fs::read(path.join("cursor")))?;
        let settled = cursor.as_deref().map(Settled::read);
        let is_cursor_damaged = matches!(settled, Some(None));
        let mut looker = Looker { seen: settled.flatten().unwrap_or_default(), is_held, next: None };
        let mut segments = Vec::new();
        for path in entries(&path, fs::FileType::is_file)? {
            if path.extension() == Some(OsStr::new("log"))
                && let Some(segment) = there(looker.segment(path))?
            {
                segments.push(segment);
            }
        }
        Ok(Self { path, is_held, is_cursor_damaged, segments })
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

    fn meet(&mut self, entry: &Entry) {
        self.waiting[entry.endpoint as usize] += 1;
        let at = UNIX_EPOCH.checked_add(Duration::from_millis(entry.at_millis));
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
    fn segment(&mut self, path: PathBuf) -> io::Result<Segment> {
        let mut file = File::open(&path)?;
        let bytes = file.metadata()?.len();
        let mut buffer = Vec::new();
        read_up_to(&mut file, Header::LEN, &mut buffer)?;
        let header = Header::read(&buffer);
        let mut segment =
            Segment { path, bytes, header, waiting: Default::default(), oldest: None, damaged: 0 };
        match header {
            Ok(_) | Err(HeaderError::Damaged) => self.records(&mut file, &mut segment)?,
            Err(HeaderError::Newer(_) | HeaderError::NotASegment) => {}
        }
        Ok(segment)
    }

    fn records(&mut self, file: &mut File, segment: &mut Segment) -> io::Result<()> {
        let mut buffer = Vec::new();
        let mut is_behind_damage = false;
        loop {
            // With room for two, at least one record is whole, so that each piece leads on.
            read_up_to(file, 2 * LARGEST, &mut buffer)?;
            let is_end = buffer.len() < 2 * LARGEST;
            let mut rest = buffer.len();
            for item in record::scan(&buffer) {
                match item {
                    Item::Entry(entry) => {
                        if is_behind_damage {
                            let next = self.next.unwrap_or(entry.sequence);
                            segment.damaged += entry.sequence.saturating_sub(next).max(1);
                            is_behind_damage = false;
                        }
                        self.next = Some(entry.sequence.saturating_add(1));
                        // The copy of a record that was written twice is no second event.
                        if !self.seen.is_settled(entry.sequence) {
                            self.seen.settle(entry.sequence);
                            segment.meet(&entry);
                        }
                    }
                    Item::Damaged { .. } => is_behind_damage = true,
                    Item::Torn { skipped } if is_end => {
                        // Where somebody writes, it is a record that is being written.
                        is_behind_damage |= !self.is_held;
                        rest = skipped.end;
                    }
                    Item::Torn { skipped } => rest = skipped.start,
                }
            }
            buffer.drain(..rest);
            if is_end {
                segment.damaged += u64::from(is_behind_damage);
                return Ok(());
            }
        }
    }
}

/// Fills the buffer up to a length, or to the end of the file.
fn read_up_to(file: &mut File, len: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
    let missing = len.saturating_sub(buffer.len());
    file.take(missing as u64).read_to_end(buffer)?;
    Ok(())
}

/// The paths of a directory's entries of one kind, by their names. Links are of no kind: what they lead to is not
/// ours.
fn entries(dir: &Path, is_meant: impl Fn(&fs::FileType) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if there(entry.file_type())?.is_some_and(|kind| is_meant(&kind)) {
            paths.push(entry.path());
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

/// Whether a process holds the lock. It is tried and given back: a lock that several may share, so that two who look do
/// not take each other for a client.
fn is_held(lock: &Path) -> io::Result<bool> {
    let Some(file) = there(File::open(lock))? else {
        return Ok(false);
    };
    match file.try_lock_shared() {
        Ok(()) => {
            file.unlock()?;
            Ok(false)
        }
        Err(fs::TryLockError::WouldBlock) => Ok(true),
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
