use std::sync::Arc;

use super::super::directory::{self, name};
use super::super::record;
use super::*;

const KEY: &str = "a key";

/// A sub-directory as a client leaves it.
struct Left {
    path: PathBuf,
}

impl Left {
    fn in_spool(spool: &Path) -> Self {
        let path = spool.join(SUBDIRECTORY).join(name(1, 1));
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("lock"), directory::MAGIC).unwrap();
        Self { path }
    }

    /// Writes a segment of a key with events of these sequences, which go to the four calls in turn.
    fn segment(&self, number: u64, key: &str, sequences: std::ops::Range<u64>) -> PathBuf {
        let mut bytes = Vec::new();
        Header::of(key.as_bytes(), *b"pepper!!").write(&mut bytes);
        for sequence in sequences {
            let endpoint = Endpoint::ALL[sequence as usize % 4];
            record::write(&mut bytes, sequence, 1_000 * sequence, endpoint, b"{\"secret\":\"contents\"}");
        }
        let path = self.path.join(format!("{number:016x}.log"));
        fs::write(&path, bytes).unwrap();
        path
    }

    fn settle(&self, sequences: impl IntoIterator<Item = u64>) {
        let mut settled = Settled::default();
        for sequence in sequences {
            settled.settle(sequence);
        }
        let mut bytes = Vec::new();
        settled.write(&mut bytes);
        fs::write(self.path.join("cursor"), bytes).unwrap();
    }
}

/// The only sub-directory.
fn only(spool: &Path) -> ClientDirectory {
    let found = inspect(spool).unwrap();
    assert_eq!(found.clients().len(), 1);
    found.clients()[0].clone()
}

#[test]
fn what_waits_is_counted_by_call_and_what_is_settled_is_not() {
    let spool = tempfile::tempdir().unwrap();
    let left = Left::in_spool(spool.path());
    left.segment(0, KEY, 0..8);
    left.segment(1, KEY, 8..10);
    left.settle([0, 1, 2, 6]);
    fs::write(spool.path().join("a file"), "of somebody else").unwrap();

    let found = inspect(spool.path()).unwrap();
    let client = only(spool.path());
    assert_eq!(Endpoint::ALL.map(|endpoint| client.waiting(endpoint)), [2, 2, 0, 2]);
    assert_eq!((client.waiting_total(), found.waiting_total(), found.waiting(Endpoint::Page)), (6, 6, 2));
    assert_eq!(client.oldest(), Some(UNIX_EPOCH + Duration::from_secs(3)));
    let sizes: Vec<_> =
        client.segments().iter().map(|segment| (segment.waiting_total(), segment.bytes())).collect();
    let bytes = |events: u64| Header::LEN as u64 + events * (record::OVERHEAD as u64 + 21);
    assert_eq!(sizes, [(4, bytes(8)), (2, bytes(2))]);
    assert_eq!(
        (found.bytes(), client.damaged(), client.is_cursor_damaged()),
        (bytes(8) + bytes(2), 0, false)
    );
    assert!(!format!("{found:?}").contains("secret"));
}

#[test]
fn a_record_that_was_written_twice_is_one_event() {
    let spool = tempfile::tempdir().unwrap();
    let left = Left::in_spool(spool.path());
    left.segment(0, KEY, 0..4);
    left.segment(1, KEY, 2..6);
    let client = only(spool.path());
    assert_eq!((client.waiting_total(), client.damaged()), (6, 0));
}

#[test]
fn the_lock_tells_whether_somebody_lives_and_is_given_back() {
    let spool = tempfile::tempdir().unwrap();
    let left = Left::in_spool(spool.path());
    assert!(!only(spool.path()).is_held());
    let lock = File::open(left.path.join("lock")).unwrap();
    lock.try_lock().unwrap();
    assert!(only(spool.path()).is_held());
    lock.unlock().unwrap();
    assert!(!only(spool.path()).is_held());
}

/// Two that look at once do not take each other for a client.
#[test]
fn those_who_look_do_not_see_each_other() {
    let spool = tempfile::tempdir().unwrap();
    Left::in_spool(spool.path()).segment(0, KEY, 0..1);
    let path = Arc::new(spool.path().to_owned());
    let looks: Vec<_> = (0..4)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || (0..100).all(|_| !only(&path).is_held()))
        })
        .collect();
    assert!(looks.into_iter().all(|look| look.join().unwrap()));
}

#[test]
fn a_key_knows_its_own() {
    let spool = tempfile::tempdir().unwrap();
    let left = Left::in_spool(spool.path());
    left.segment(0, KEY, 0..1);
    left.segment(1, "another key", 1..2);
    let client = only(spool.path());
    assert!(client.segments()[0].is_for(KEY) && !client.segments()[0].is_for("another key"));
    assert!(!client.is_for(KEY));
    left.settle([1]);
    assert!(only(spool.path()).is_for(KEY), "nothing of the other key waits any more");
}

#[test]
fn damage_is_counted_by_the_sequences_around_it() {
    let spool = tempfile::tempdir().unwrap();
    let left = Left::in_spool(spool.path());
    let path = left.segment(0, KEY, 0..10);
    let record = record::OVERHEAD + 21;
    let mut bytes = fs::read(&path).unwrap();
    // The third to the fifth record, and the end of the last one.
    bytes[Header::LEN + 2 * record..Header::LEN + 5 * record].fill(7);
    bytes.truncate(bytes.len() - 1);
    fs::write(&path, bytes).unwrap();
    let client = only(spool.path());
    assert_eq!((client.waiting_total(), client.damaged()), (6, 4));

    // Where somebody lives, a record that ends too soon is being written.
    let lock = File::open(left.path.join("lock")).unwrap();
    lock.try_lock().unwrap();
    assert_eq!(only(spool.path()).damaged(), 3);
}

#[test]
fn a_segment_is_larger_than_what_is_read_at_once() {
    let spool = tempfile::tempdir().unwrap();
    let left = Left::in_spool(spool.path());
    left.segment(0, KEY, 0..80_000);
    let client = only(spool.path());
    assert!(client.bytes() > 2 * record::LARGEST as u64);
    assert_eq!((client.waiting_total(), client.damaged()), (80_000, 0));
}

#[test]
fn a_damaged_cursor_and_unreadable_segments_are_told() {
    let spool = tempfile::tempdir().unwrap();
    let left = Left::in_spool(spool.path());
    left.segment(0, KEY, 0..3);
    fs::write(left.path.join("cursor"), "?").unwrap();
    fs::write(left.path.join("0000000000000001.log"), "a log of somebody else").unwrap();
    let damaged = left.segment(2, KEY, 3..6);
    let mut bytes = fs::read(&damaged).unwrap();
    bytes[30] ^= 1;
    bytes[62] ^= 1;
    fs::write(damaged, bytes).unwrap();
    let client = only(spool.path());
    assert!(client.is_cursor_damaged());
    let told: Vec<_> =
        client.segments().iter().map(|segment| (segment.unreadable(), segment.waiting_total())).collect();
    assert_eq!(told, [(None, 3), (Some(Unreadable::NotASegment), 0), (Some(Unreadable::Damaged), 3)]);
    assert!(!client.is_for(KEY), "whose the damaged one is, nobody can tell");
}

#[test]
#[cfg(unix)]
fn links_are_not_followed_and_nothing_is_changed() {
    let spool = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let left = Left::in_spool(elsewhere.path());
    left.segment(0, KEY, 0..1);
    let link = spool.path().join(SUBDIRECTORY);
    fs::create_dir(&link).unwrap();
    std::os::unix::fs::symlink(&left.path, link.join(name(1, 1))).unwrap();
    assert_eq!(inspect(spool.path()).unwrap().clients().len(), 0);
    fs::remove_dir_all(&link).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join(SUBDIRECTORY), &link).unwrap();
    assert_eq!(inspect(spool.path()).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(inspect(elsewhere.path()).unwrap().waiting_total(), 1);
    assert_eq!(left.path.read_dir().unwrap().count(), 2);
}

#[test]
fn the_directory_of_all_clients_may_be_given_too() {
    let spool = tempfile::tempdir().unwrap();
    Left::in_spool(spool.path()).segment(0, KEY, 0..1);
    let dir = spool.path().canonicalize().unwrap();
    for given in [spool.path().join(SUBDIRECTORY), spool.path().join(SUBDIRECTORY).join(".")] {
        let found = inspect(given).unwrap();
        assert_eq!((found.waiting_total(), found.dir()), (1, &*dir));
    }
    assert_eq!(inspect(spool.path()).unwrap().dir(), spool.path());
}

#[test]
fn nothing_but_what_is_proved_to_be_a_client_s_is_looked_at() {
    let spool = tempfile::tempdir().unwrap();
    let other = |name: &str, lock: &[u8]| {
        let path = spool.path().join(SUBDIRECTORY).join(name);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("lock"), lock).unwrap();
        fs::write(path.join("0000000000000000.log"), "?").unwrap();
    };
    other("a", &directory::MAGIC);
    other("00000001-0000000000000001", &directory::MAGIC);
    other("00000001-0000000000000001-00000000", &directory::MAGIC);
    other(&name(1, 1), b"somebody else's");
    assert!(inspect(spool.path()).unwrap().clients().is_empty());
    other(&name(1, 2), &directory::MAGIC);
    other(&name(1, 3), b"");
    assert_eq!(inspect(spool.path()).unwrap().clients().len(), 2);
}

/// As long as a file may be: what is read of it is not.
#[test]
fn what_is_read_is_no_longer_than_what_is_written() {
    let spool = tempfile::tempdir().unwrap();
    let left = Left::in_spool(spool.path());
    left.settle([0]);
    let segment = left.segment(0, KEY, 0..3);
    for (path, len) in [(segment, 1 << 40), (left.path.join("cursor"), 3 << 30)] {
        File::options().write(true).open(path).unwrap().set_len(len).unwrap();
    }
    let client = only(spool.path());
    assert_eq!((client.waiting_total(), client.damaged(), client.is_cursor_damaged()), (3, 1, true));
}

#[test]
fn a_spool_that_is_not_there_is_an_error() {
    let spool = tempfile::tempdir().unwrap();
    for dir in [spool.path().join("none"), spool.path().to_owned()] {
        assert_eq!(inspect(dir).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
