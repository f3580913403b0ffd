//! The ways into an account, and what ThriveStack is told of them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rusqlite::{Connection, Transaction};
use serde::Deserialize;
use thrivestack::{Context, Event, Group, Identify, track};

use crate::accounts::{Account, Workspace};
use crate::session::{LoggedIn, Session};
use crate::users::User;
use crate::{App, Error, Result};

/// A user became a member of an account, and how that came.
pub struct Entry {
    pub user: User,
    pub account: Account,
    /// Whether the account is new.
    is_founder: bool,
    /// Another level below the account, if that is new too.
    workspace: Option<Workspace>,
    arrival: Arrival,
    join_method: &'static str,
}

/// What the user did for it.
pub enum Arrival {
    SignedUp,
    SignedIn,
    /// Nothing: somebody else added them.
    WasAdded,
}

/// An event whose properties are worth a type. `track()` sends it.
#[derive(Event)]
#[event("account_added_user")]
struct AccountAddedUser<'a> {
    account_name: &'a str,
    role: &'static str,
    join_method: &'static str,
    is_first_user: bool,
}

impl Entry {
    /// The user has an account of their own from now on.
    pub fn founder(db: &Connection, user: User, company: &str, workspace: Option<&str>) -> Result<Self> {
        let account = Account::create(db, company, &user)?;
        let workspace = workspace.map(|name| Workspace::create(db, name, &account)).transpose()?;
        account.add_member(db, &user, "owner")?;
        Ok(Self {
            user,
            account,
            is_founder: true,
            workspace,
            arrival: Arrival::SignedUp,
            join_method: "signup",
        })
    }

    /// The user belongs to an existing account from now on.
    pub fn member(
        db: &Connection,
        user: User,
        account: Account,
        arrival: Arrival,
        join_method: &'static str,
    ) -> Result<Self> {
        account.add_member(db, &user, "member")?;
        Ok(Self { user, account, is_founder: false, workspace: None, arrival, join_method })
    }

    /// Tells ThriveStack, in the order that it asks for: the user, the account, what happened.
    pub fn announce(&self) {
        let Self { user, account, is_founder, .. } = self;
        // Whoever signs up was unknown when the request came, and an administrator is not the one who was added. In the
        // scope, the calls name neither user nor account, and follow one another by a millisecond.
        Context::new().user_id(user.id).group_id(account.id).in_scope(|| {
            // Of a user whom somebody else added, only `account_added_user` is told.
            if !matches!(self.arrival, Arrival::WasAdded) {
                user.identify();
            }
            // An account is told when it is created, and again whenever a user logs in.
            if *is_founder || matches!(self.arrival, Arrival::SignedIn) {
                account.group();
            }
            if let Some(workspace) = &self.workspace {
                workspace.group();
            }
            match self.arrival {
                Arrival::SignedUp => track!("signed_up"),
                Arrival::SignedIn => track!("signed_in"),
                Arrival::WasAdded => {}
            }
            // With `when`, a condition needs no `if` around the event.
            track!("account_created", properties(account_name = account.name), when = *is_founder);
            AccountAddedUser {
                account_name: &account.name,
                role: if *is_founder { "owner" } else { "member" },
                join_method: self.join_method,
                is_first_user: *is_founder,
            }
            .track();
        });
    }
}

#[derive(Deserialize)]
pub struct SignUp {
    name: String,
    email: String,
    password: String,
    /// Without it, the user joins the account of their colleagues.
    company: Option<String>,
}

pub async fn sign_up(State(app): State<App>, Json(form): Json<SignUp>) -> Result<Json<LoggedIn>> {
    let signing_up = move |db: &Transaction<'_>| {
        let user = User::create(db, &form.name, &form.email, Some(&form.password))?;
        let entry = if let Some(company) = form.company {
            Entry::founder(db, user, &company, Some("General"))?
        } else {
            let account = Account::by_email(db, &user.email)?.ok_or(Error::NotFound)?;
            Entry::member(db, user, account, Arrival::SignedUp, "signup")?
        };
        Ok((Session::start(db, &entry.user, &entry.account)?, entry))
    };
    let (logged_in, entry) = app.transact(signing_up).await?;
    entry.announce();
    Ok(Json(logged_in))
}

#[derive(Deserialize)]
pub struct NewMember {
    name: String,
    email: String,
}

/// An owner adds somebody, as single sign-on or SCIM would.
pub async fn add_member(
    State(app): State<App>,
    session: Session,
    Json(form): Json<NewMember>,
) -> Result<StatusCode> {
    if session.role != "owner" {
        return Err(Error::Forbidden);
    }
    let adding = move |db: &Transaction<'_>| {
        let user = User::create(db, &form.name, &form.email, None)?;
        let account = Account::by_id(db, session.account_id)?;
        Entry::member(db, user, account, Arrival::WasAdded, "admin")
    };
    app.transact(adding).await?.announce();
    Ok(StatusCode::CREATED)
}
