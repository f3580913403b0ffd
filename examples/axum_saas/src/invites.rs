//! Inviting others, and what comes of it.

use axum::Json;
use axum::extract::{Path, State};
use rusqlite::{OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};
use thrivestack::track_event;
use uuid::Uuid;

use crate::accounts::Account;
use crate::entry::{Arrival, Entry};
use crate::session::{LoggedIn, Session};
use crate::users::User;
use crate::{App, Error, Result};

#[derive(Deserialize)]
pub struct NewInvite {
    email: String,
}

/// In a real product it travels by e-mail.
#[derive(Serialize)]
pub struct Invite {
    token: Uuid,
}

/// The address is looked at before the body, which may therefore move the form.
#[track_event("invite_sent", properties(invitee_email = form.email, invitee_role = "member", user_role = session.role))]
pub async fn send(
    State(app): State<App>,
    session: Session,
    Json(form): Json<NewInvite>,
) -> Result<Json<Invite>> {
    let token = Uuid::new_v4();
    let sending = move |db: &Transaction<'_>| {
        let sql = "INSERT INTO invites (token, account_id, email) VALUES (?, ?, ?)";
        Ok(db.execute(sql, (token, session.account_id, form.email))?)
    };
    app.transact(sending).await?;
    Ok(Json(Invite { token }))
}

#[derive(Deserialize)]
pub struct Acceptance {
    password: String,
    /// What somebody who is new to the product is called.
    name: Option<String>,
    /// Somebody new may want an account of their own instead of that of the inviter.
    company: Option<String>,
}

pub async fn accept(
    State(app): State<App>,
    Path(token): Path<Uuid>,
    Json(form): Json<Acceptance>,
) -> Result<Json<LoggedIn>> {
    let accepting = move |db: &Transaction<'_>| {
        let sql = "DELETE FROM invites WHERE token = ? RETURNING account_id, email";
        let invite = db.query_row(sql, [token], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (account_id, email): (Uuid, String) = invite.ok_or(Error::NotFound)?;
        let account = Account::by_id(db, account_id)?;
        let entry = match User::by_email(db, &email)? {
            Some(user) => {
                user.verify(&form.password)?;
                if account.has_member(db, &user)? {
                    return Ok((Session::start(db, &user, &account)?, None));
                }
                Entry::member(db, user, account, Arrival::SignedIn, "invite")?
            }
            None => {
                let name = form.name.as_deref().unwrap_or(&email);
                let user = User::create(db, name, &email, Some(&form.password))?;
                match &form.company {
                    Some(company) => Entry::founder(db, user, company, None)?,
                    None => Entry::member(db, user, account, Arrival::SignedUp, "invite")?,
                }
            }
        };
        Ok((Session::start(db, &entry.user, &entry.account)?, Some(entry)))
    };
    let (logged_in, entry) = app.transact(accepting).await?;
    // Who is in the account already did nothing that ThriveStack asks for.
    if let Some(entry) = entry {
        entry.announce();
    }
    Ok(Json(logged_in))
}
