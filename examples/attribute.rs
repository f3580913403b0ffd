//! Every key of `#[track_event]` and `track!`.
//!
//! `cargo run --example attribute` shows what a ThriveStack on loopback took.

mod local;

use std::fmt;
use std::time::{Duration, SystemTime};

use thrivestack::{Client, Context, track, track_event};

const REPORT_DELETED: &str = "report_deleted";

#[derive(Clone, Copy, Debug)]
enum Format {
    Pdf,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pdf")
    }
}

struct Job {
    user: Option<u64>,
    started: SystemTime,
}

// A bare key is the variable of that name. `%` sends the text of `Display`, `?` that of `Debug`, everything else goes
// through serde. A string is a key that is no identifier.
#[track_event("report_exported", user_id = 17, group_id = "acme",
    properties(pages, %format, format_debug = ?format, "page size" = "A4"), context(region = "eu"))]
fn export(pages: u32, format: Format) -> u32 {
    pages
}

// A closure is called after the body with the success value, a plain expression is evaluated before it. So the body may
// move `emails`, and `Err` sends nothing.
#[track_event("emails_imported", user_id = 17, group_id = "acme",
    properties(given = emails.len(), imported = |count| *count))]
fn import(emails: Vec<String>) -> Result<usize, &'static str> {
    if emails.is_empty() {
        Err("nothing to import")
    } else {
        Ok(emails.into_iter().filter(|it| it.contains('@')).count())
    }
}

// `on = err` sends failures instead; its closures get the error.
#[track_event("payment_failed", user_id = 17, group_id = "acme", on = err, properties(reason = |error| *error))]
fn pay(cents: u32) -> Result<(), &'static str> {
    if cents > 1_000 { Err("limit exceeded") } else { Ok(()) }
}

// `when` adds a condition; `on = always` looks at every returned value, and gives the closures all of it.
#[track_event("search_abandoned", user_id = 17, group_id = "acme", on = always,
    when = |hits| hits.is_none(), properties(term = term))]
fn search(term: &str) -> Option<usize> {
    (term == "telemetry").then_some(1)
}

// Ids may be options, and the time of the event may be another than now. An async function emits when it has finished.
#[track_event("job_finished", user_id = job.user, group_id = "acme", session_id = "s-1", device_id = "d-1",
    source = "marketing", timestamp = job.started + Duration::from_secs(1))]
async fn finish(job: &Job) {
    tokio::task::yield_now().await;
}

// The name may be a constant, and the event may go through a client of one's own.
#[track_event(REPORT_DELETED, user_id = 17, group_id = "acme", client = client)]
fn delete(client: &Client) {}

// Names and properties are checked against ThriveStack's rules; `allow` switches a check off.
#[track_event("upload", user_id = 17, group_id = "acme", allow(event_name))]
fn upload() {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), thrivestack::Error> {
    let (server, config) = local::start();
    let client = Client::new(config.clone())?;
    let guard = thrivestack::init(config)?;

    assert_eq!(export(3, Format::Pdf), 3);
    assert_eq!(import(vec!["ada@example.com".to_owned(), "nobody".to_owned()]), Ok(1));
    assert!(import(Vec::new()).is_err());
    assert!(pay(2_000).is_err());
    assert!(pay(200).is_ok());
    assert_eq!((search("telemetry"), search("telepathy")), (Some(1), None));
    finish(&Job { user: Some(17), started: SystemTime::now() }).await;
    delete(&client);
    upload();

    // The same keys as a statement, where there is no returned value; its `when` is a plain condition. The ids come from
    // the context, as they may everywhere.
    Context::new().user_id(17).group_id("acme").in_scope(|| {
        let attempts = 2;
        track!("signed_in", properties(attempts), when = attempts < 3);
    });

    client.shutdown();
    drop(guard);
    local::print(&server);
    Ok(())
}
