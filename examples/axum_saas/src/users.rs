//! Users and their passwords.

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use rusqlite::{Connection, OptionalExtension};
use thrivestack::Identify;
use uuid::Uuid;

use crate::{Error, Result};

/// Somebody who can log in. The derive says what ThriveStack learns of them: `user.identify()` sends it.
#[derive(Identify)]
pub struct User {
    #[identify(user_id)]
    pub id: Uuid,
    // ThriveStack's names of the two traits. EU compliance strips both.
    #[identify(rename = "user_email")]
    pub email: String,
    #[identify(rename = "user_name")]
    pub name: String,
    // Without `skip`, a field of this name would not compile.
    #[identify(skip)]
    pub password_hash: Option<String>,
}

impl User {
    /// Writes a new user. One without a password was added by an administrator.
    pub fn create(db: &Connection, name: &str, email: &str, password: Option<&str>) -> Result<Self> {
        if Self::by_email(db, email)?.is_some() {
            return Err(Error::Conflict);
        }
        let user = Self {
            id: Uuid::new_v4(),
            email: email.to_owned(),
            name: name.to_owned(),
            password_hash: password.map(hash).transpose()?,
        };
        db.execute(
            "INSERT INTO users (id, email, name, password_hash) VALUES (?, ?, ?, ?)",
            (user.id, &user.email, &user.name, &user.password_hash),
        )?;
        Ok(user)
    }

    pub fn by_email(db: &Connection, email: &str) -> Result<Option<Self>> {
        let user = db.query_row(
            "SELECT id, email, name, password_hash FROM users WHERE email = ?",
            [email],
            |row| {
                Ok(Self {
                    id: row.get(0)?,
                    email: row.get(1)?,
                    name: row.get(2)?,
                    password_hash: row.get(3)?,
                })
            },
        );
        Ok(user.optional()?)
    }

    pub fn verify(&self, password: &str) -> Result<()> {
        let hash = self.password_hash.as_deref().ok_or(Error::Unauthorized)?;
        let hash = PasswordHash::new(hash)?;
        Argon2::default().verify_password(password.as_bytes(), &hash).map_err(|_| Error::Unauthorized)
    }
}

fn hash(password: &str) -> Result<String> {
    let salt = SaltString::generate(&mut OsRng);
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}
