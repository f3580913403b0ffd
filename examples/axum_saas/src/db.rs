//! The database.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction};

use crate::Result;

const SCHEMA: &str = "
    CREATE TABLE users (id BLOB PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password_hash TEXT);
    CREATE TABLE accounts (id BLOB PRIMARY KEY, name TEXT NOT NULL, domain TEXT NOT NULL);
    CREATE TABLE workspaces (id BLOB PRIMARY KEY, account_id BLOB NOT NULL, name TEXT NOT NULL);
    CREATE TABLE members (account_id BLOB NOT NULL, user_id BLOB NOT NULL, role TEXT NOT NULL,
        PRIMARY KEY (account_id, user_id));
    CREATE TABLE sessions (id BLOB PRIMARY KEY, token BLOB NOT NULL UNIQUE, user_id BLOB NOT NULL,
        account_id BLOB NOT NULL);
    CREATE TABLE invites (token BLOB PRIMARY KEY, account_id BLOB NOT NULL, email TEXT NOT NULL);
    CREATE TABLE reports (id BLOB PRIMARY KEY, account_id BLOB NOT NULL, title TEXT NOT NULL);
";

/// What every handler has.
#[derive(Clone)]
pub struct App {
    db: Arc<Mutex<Connection>>,
}

impl App {
    /// A product without any data.
    pub fn in_memory() -> Result<Self> {
        let db = Connection::open_in_memory()?;
        db.execute_batch(SCHEMA)?;
        Ok(Self { db: Arc::new(Mutex::new(db)) })
    }

    /// Does something in one transaction, which is committed if it succeeds.
    ///
    /// Nothing is emitted in here: an event tells of what has succeeded, and that is known after the commit.
    pub async fn transact<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.db.clone();
        let transaction = move || {
            let mut db = db.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = db.transaction()?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        tokio::task::spawn_blocking(transaction).await?
    }
}
