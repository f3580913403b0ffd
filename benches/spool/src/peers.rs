//! What one would take for a queue on disk. Each is handed the event as bytes.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use redb::backends::FileBackend;
use redb::{Builder, Database, StorageBackend, TableDefinition};
use rusqlite::Connection;

use crate::{EVENT, counted, timed};

const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("events");

/// A bare file, which is synced after so many events. What it lacks is everything else that a queue does.
pub(crate) fn file(dir: &Path, events: usize, at_once: usize) -> Duration {
    let mut file = File::create(dir.join("events")).expect("a file");
    timed(|| {
        for number in 1..=events {
            file.write_all(EVENT.as_bytes()).expect("a write");
            if number % at_once == 0 {
                file.sync_data().expect("a sync");
            }
        }
    })
}

pub(crate) fn file_unsynced(dir: &Path, events: usize) -> Duration {
    let mut file = File::create(dir.join("events")).expect("a file");
    counted(|| (0..events).for_each(|_| file.write_all(EVENT.as_bytes()).expect("a write")))
}

/// So many events a commit.
pub(crate) fn redb(dir: &Path, events: usize, at_once: usize) -> Duration {
    let database = database(dir, true);
    timed(|| insert_into_redb(&database, events, at_once))
}

pub(crate) fn redb_unsynced(dir: &Path, events: usize) -> Duration {
    let database = database(dir, false);
    counted(|| insert_into_redb(&database, events, 1))
}

fn database(dir: &Path, is_synced: bool) -> Database {
    let path = dir.join("events");
    let file = File::options().read(true).write(true).create_new(true).open(path).expect("a file");
    let backend = Backend { file: FileBackend::new(file).expect("a lock"), is_synced };
    Builder::new().create_with_backend(backend).expect("a database")
}

fn insert_into_redb(database: &Database, events: usize, at_once: usize) {
    for start in (0..events).step_by(at_once) {
        let transaction = database.begin_write().expect("a transaction");
        {
            let mut table = transaction.open_table(TABLE).expect("a table");
            for number in start..(start + at_once).min(events) {
                table.insert(number as u64, EVENT.as_bytes()).expect("an insertion");
            }
        }
        transaction.commit().expect("a commit");
    }
}

/// The file of redb, which syncs or leaves it to the system. Without a commit that syncs, redb promises nothing.
#[derive(Debug)]
struct Backend {
    file: FileBackend,
    is_synced: bool,
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.is_synced { self.file.sync_data() } else { Ok(()) }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }
}

/// So many events a commit.
pub(crate) fn rusqlite(dir: &Path, events: usize, at_once: usize) -> Duration {
    let mut connection = connection(dir, "FULL");
    timed(|| insert_into_rusqlite(&mut connection, events, at_once))
}

pub(crate) fn rusqlite_unsynced(dir: &Path, events: usize) -> Duration {
    let mut connection = connection(dir, "OFF");
    counted(|| insert_into_rusqlite(&mut connection, events, 1))
}

fn connection(dir: &Path, synchronous: &str) -> Connection {
    let connection = Connection::open(dir.join("events")).expect("a database");
    connection.pragma_update(None, "journal_mode", "WAL").expect("a journal");
    connection.pragma_update(None, "synchronous", synchronous).expect("a setting");
    connection
        .execute_batch("CREATE TABLE events (number INTEGER PRIMARY KEY, event BLOB)")
        .expect("a table");
    connection
}

fn insert_into_rusqlite(connection: &mut Connection, events: usize, at_once: usize) {
    for start in (0..events).step_by(at_once) {
        let transaction = connection.transaction().expect("a transaction");
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO events VALUES (?1, ?2)").expect("a statement");
            for number in start..(start + at_once).min(events) {
                insert.execute((number as i64, EVENT.as_bytes())).expect("an insertion");
            }
        }
        transaction.commit().expect("a commit");
    }
}
