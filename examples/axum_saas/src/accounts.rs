//! Accounts, the workspaces in them, and who belongs to them.

use rusqlite::{Connection, OptionalExtension, Row};
use thrivestack::Group;
use uuid::Uuid;

use crate::Result;
use crate::users::User;

/// Who pays: `account.group()` sends it. Its user comes from the context.
#[derive(Group)]
#[group(group_type = "Account")]
pub struct Account {
    #[group(group_id)]
    pub id: Uuid,
    #[group(rename = "account_name")]
    pub name: String,
    #[group(rename = "account_domain")]
    pub domain: String,
}

/// The other level of this product.
#[derive(Group)]
#[group(group_type = "Workspace")]
pub struct Workspace {
    #[group(group_id)]
    pub id: Uuid,
    #[group(rename = "workspace_name")]
    pub name: String,
}

impl Account {
    pub fn create(db: &Connection, name: &str, founder: &User) -> Result<Self> {
        let domain = domain_of(&founder.email).to_owned();
        let account = Self { id: Uuid::new_v4(), name: name.to_owned(), domain };
        db.execute(
            "INSERT INTO accounts (id, name, domain) VALUES (?, ?, ?)",
            (account.id, &account.name, &account.domain),
        )?;
        Ok(account)
    }

    pub fn by_id(db: &Connection, id: Uuid) -> Result<Self> {
        Ok(db.query_row("SELECT id, name, domain FROM accounts WHERE id = ?", [id], Self::read)?)
    }

    /// The account of the colleagues of whoever has this e-mail address.
    pub fn by_email(db: &Connection, email: &str) -> Result<Option<Self>> {
        let sql = "SELECT id, name, domain FROM accounts WHERE domain = ?";
        Ok(db.query_row(sql, [domain_of(email)], Self::read).optional()?)
    }

    pub fn add_member(&self, db: &Connection, user: &User, role: &str) -> Result<()> {
        db.execute(
            "INSERT INTO members (account_id, user_id, role) VALUES (?, ?, ?)",
            (self.id, user.id, role),
        )?;
        Ok(())
    }

    pub fn has_member(&self, db: &Connection, user: &User) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM members WHERE account_id = ? AND user_id = ?)";
        Ok(db.query_row(sql, (self.id, user.id), |row| row.get(0))?)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, name: row.get(1)?, domain: row.get(2)? })
    }
}

impl Workspace {
    pub fn create(db: &Connection, name: &str, account: &Account) -> Result<Self> {
        let workspace = Self { id: Uuid::new_v4(), name: name.to_owned() };
        db.execute(
            "INSERT INTO workspaces (id, account_id, name) VALUES (?, ?, ?)",
            (workspace.id, account.id, &workspace.name),
        )?;
        Ok(workspace)
    }
}

fn domain_of(email: &str) -> &str {
    email.rsplit('@').next().unwrap_or(email)
}
