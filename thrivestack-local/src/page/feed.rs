//! The stream that the page listens to (server-sent events).
//!
//! A page asks for what came after a position, gets it in messages of bounded size, and is told how much it missed
//! when it was too slow. A message is made when there is room for it, on another thread and one at a time, so that pages
//! cost the server little memory and hold up no request. A page that does not read is dropped with its connection, which
//! ends when nothing was taken from it for a while.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::header,
    response::{IntoResponse, Response},
};
use futures_core::Stream;
use serde_json::json;
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};

use super::{background::in_background, rows};
use crate::ledger::{Ledger, News, Position};

/// The most calls in one message, each of which has a few kilobytes at most.
const MAX_CALLS: usize = 200;
/// Faster than this, nobody sees a difference.
const INTERVAL: Duration = Duration::from_millis(100);
/// After so long without news, a line of comment finds out whether the page is still there.
const QUIET: Duration = Duration::from_secs(15);

/// Numbers this run of the server, so that a page that outlives it begins anew with the next one.
pub(super) fn new_run() -> u64 {
    // Without randomness a page would go on with the old numbers, which is a nuisance and no more.
    getrandom::u64().unwrap_or(0) >> 11
}

pub(super) async fn feed(ledger: Arc<Ledger>, run: u64, request: Request) -> Response {
    let last = request.headers().get("last-event-id").and_then(|id| id.to_str().ok());
    let position = last.and_then(|id| read_id(id, run)).unwrap_or(Position { calls: 0, requests: 0 });
    let (sender, receiver) = mpsc::channel(1);
    let changes = ledger.subscribe();
    tokio::spawn(send(ledger, run, position, changes, sender));
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(Messages(receiver))).into_response()
}

/// Ends when the page is gone.
async fn send(
    ledger: Arc<Ledger>,
    run: u64,
    mut position: Position,
    mut changes: watch::Receiver<()>,
    sender: mpsc::Sender<Bytes>,
) {
    loop {
        let Ok(room) = sender.reserve().await else { return };
        let news = ledger.news(position, MAX_CALLS);
        let is_all = news.read_to == news.total;
        position = news.read_to;
        let Some(message) = in_background(move || message(run, &news)).await else { return };
        room.send(message.into());
        if is_all {
            sleep(INTERVAL).await;
            while timeout(QUIET, changes.changed()).await.is_err() {
                if sender.send(Bytes::from_static(b":\n\n")).await.is_err() {
                    return;
                }
            }
        } else {
            tokio::task::yield_now().await;
        }
    }
}

fn message(run: u64, news: &News) -> String {
    let id = write_id(run, news.read_to);
    let data = json!({
        "run": run,
        "missed": news.missed,
        "calls": news.calls.iter().map(rows::row).collect::<Vec<_>>(),
        "refused": news.refused.iter().map(rows::refused).collect::<Vec<_>>(),
        "total": {"calls": news.total.calls, "requests": news.total.requests, "refused": news.total_refused},
        "checklist": news.checklist.points().map(rows::point).collect::<Vec<_>>(),
    });
    format!("id: {id}\ndata: {data}\n\n")
}

fn write_id(run: u64, position: Position) -> String {
    format!("{run}-{}-{}", position.calls, position.requests)
}

/// A position that a page of this run has reached.
fn read_id(id: &str, run: u64) -> Option<Position> {
    let mut numbers = id.splitn(3, '-').map(|text| text.parse::<u64>().ok());
    let (id_run, calls, requests) = (numbers.next()??, numbers.next()??, numbers.next()??);
    (id_run == run).then_some(Position { calls, requests })
}

struct Messages(mpsc::Receiver<Bytes>);

impl Stream for Messages {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|message| message.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_found_again_by_the_same_run_only() {
        let position = Position { calls: 12, requests: 3 };
        assert_eq!(read_id(&write_id(7, position), 7), Some(position));
        assert_eq!(read_id(&write_id(7, position), 8), None);
        for nonsense in
            ["", "7", "7-12", "7-12-", "7-x-3", "7-12-3-4", "-7-12-3", "7-12-18446744073709551616"]
        {
            assert_eq!(read_id(nonsense, 7), None, "{nonsense}");
        }
    }
}
