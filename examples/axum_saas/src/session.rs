//! Who is logged in.

use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};
use thrivestack::{Context, Group, Identify, track_event};
use uuid::Uuid;

use crate::accounts::Account;
use crate::users::User;
use crate::{App, Error, Result};

/// A login. Its id may leave the product; its token, which opens it, may not.
#[derive(Clone)]
pub struct Session {
    pub id: Uuid,
    pub user_id: Uuid,
    pub account_id: Uuid,
    pub role: String,
}

#[derive(Serialize)]
pub struct LoggedIn {
    token: Uuid,
}

impl Session {
    pub fn start(db: &Connection, user: &User, account: &Account) -> Result<LoggedIn> {
        let token = Uuid::new_v4();
        db.execute(
            "INSERT INTO sessions (id, token, user_id, account_id) VALUES (?, ?, ?, ?)",
            (Uuid::new_v4(), token, user.id, account.id),
        )?;
        Ok(LoggedIn { token })
    }

    fn find(db: &Connection, token: Uuid) -> Result<Option<Self>> {
        let sql = "SELECT id, user_id, account_id, role FROM sessions NATURAL JOIN members WHERE token = ?";
        let session = db.query_row(sql, [token], |row| {
            Ok(Self { id: row.get(0)?, user_id: row.get(1)?, account_id: row.get(2)?, role: row.get(3)? })
        });
        Ok(session.optional()?)
    }
}

/// Puts the session of a request where the context and the handlers find it.
pub async fn authenticate(State(app): State<App>, mut request: Request, next: Next) -> Result<Response> {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let token = header.and_then(|header| header.strip_prefix("Bearer ")?.parse::<Uuid>().ok());
    if let Some(token) = token
        && let Some(session) = app.transact(move |db| Session::find(db, token)).await?
    {
        request.extensions_mut().insert(session);
    }
    Ok(next.run(request).await)
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::Unauthorized)
    }
}

#[derive(Deserialize)]
pub struct LogIn {
    email: String,
    password: String,
}

/// The event leaves when this returns `Ok`: after `identify` and `group`, and not with a wrong password.
#[track_event("signed_in")]
pub async fn log_in(State(app): State<App>, Json(form): Json<LogIn>) -> Result<Json<LoggedIn>> {
    let logging_in = move |db: &Transaction<'_>| {
        let user = User::by_email(db, &form.email)?.ok_or(Error::Unauthorized)?;
        user.verify(&form.password)?;
        let account = "SELECT account_id FROM members WHERE user_id = ? ORDER BY rowid LIMIT 1";
        let account = Account::by_id(db, db.query_row(account, [user.id], |row| row.get(0))?)?;
        let logged_in = Session::start(db, &user, &account)?;
        Ok((user, account, logged_in))
    };
    let (user, account, logged_in) = app.transact(logging_in).await?;
    // Who it is was not known when the request came. From here on, the context of the request says it.
    Context::update(|context| context.user_id(user.id).group_id(account.id));
    user.identify();
    account.group();
    Ok(Json(logged_in))
}

/// User, account and session come from the context of the request.
#[track_event("signed_out", properties(user_role = session.role))]
pub async fn log_out(State(app): State<App>, session: Session) -> Result<()> {
    let logging_out =
        move |db: &Transaction<'_>| Ok(db.execute("DELETE FROM sessions WHERE id = ?", [session.id])?);
    app.transact(logging_out).await?;
    Ok(())
}
