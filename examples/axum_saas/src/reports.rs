//! What the product is for.

use axum::Json;
use axum::extract::{Path, State};
use rusqlite::{OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};
use thrivestack::{Context, track, track_event};
use uuid::Uuid;

use crate::session::Session;
use crate::{App, Error, Result};

#[derive(Deserialize)]
pub struct NewReport {
    title: String,
}

#[derive(Serialize)]
pub struct Report {
    id: Uuid,
    title: String,
}

/// Using a feature is always the event `feature_used`. What is only known afterwards comes from a closure, which gets the
/// success value.
#[track_event("feature_used", properties(
    feature_name = "report_created", feature_type = "core", user_role = session.role, report_id = |report| report.id))]
pub async fn create(
    State(app): State<App>,
    session: Session,
    Json(form): Json<NewReport>,
) -> Result<Json<Report>> {
    let creating = move |db: &Transaction<'_>| {
        let report = Report { id: Uuid::new_v4(), title: form.title };
        db.execute(
            "INSERT INTO reports (id, account_id, title) VALUES (?, ?, ?)",
            (report.id, session.account_id, &report.title),
        )?;
        let sql = "SELECT count(*) FROM reports WHERE account_id = ?";
        let count: u64 = db.query_row(sql, [session.account_id], |row| row.get(0))?;
        Ok((report, count))
    };
    let (report, count) = app.transact(creating).await?;
    // Each step of the onboarding has an event of its own, with the step in its name.
    track!(
        "onboarding_created_first_report_completed",
        properties(step_index = 0, total_steps = 1),
        when = count == 1,
    );
    Ok(Json(report))
}

pub async fn export(State(app): State<App>, session: Session, Path(id): Path<Uuid>) -> Result<String> {
    let reading = move |db: &Transaction<'_>| {
        let sql = "SELECT id, title FROM reports WHERE id = ? AND account_id = ?";
        let report = db
            .query_row(sql, (id, session.account_id), |row| {
                Ok(Report { id: row.get(0)?, title: row.get(1)? })
            })
            .optional()?;
        report.ok_or(Error::NotFound)
    };
    let report = app.transact(reading).await?;
    // Another thread is outside of the request's context, unless it takes it along.
    let context = Context::current();
    Ok(tokio::task::spawn_blocking(move || context.in_scope(|| to_csv(&report))).await?)
}

/// Far below the handler and on another thread, nobody has to say who did it.
#[track_event("feature_used", properties(
    feature_name = "report_exported", feature_type = "core", format = "csv", bytes = |csv| csv.len()))]
fn to_csv(report: &Report) -> String {
    format!("id,title\n{},{}\n", report.id, report.title)
}
