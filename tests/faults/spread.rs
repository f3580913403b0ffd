//! Clients that start or come back together do not arrive together.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use thrivestack_tests::{LONG, Reply, Request, Scripted};

use crate::case::{Case, numbers};

const CLIENTS: usize = 100;

/// Which client sent it.
fn client_of(request: &Request) -> usize {
    numbers(std::slice::from_ref(request))[0] as usize
}

/// The range of the middle eight tenths.
fn spread(mut waits: Vec<Duration>) -> Duration {
    waits.sort_unstable();
    waits[waits.len() * 9 / 10] - waits[waits.len() / 10]
}

#[test]
fn a_hundred_clients_that_start_together_after_an_outage_arrive_spread() {
    // The first request of every client fails.
    let mut known = HashSet::new();
    let server = Scripted::answering(move |request| {
        Reply::status(if known.insert(client_of(request)) { 503 } else { 200 })
    });
    let second = Duration::from_secs(1);
    let (cases, started): (Vec<_>, Vec<_>) = (0..CLIENTS)
        .map(|number| {
            let case = Case::with(server.endpoint(), |config| config.flush_interval(second));
            case.client.track("report_created").user_id("u").with("number", number).send();
            (case, Instant::now())
        })
        .unzip();
    let mut arrived = vec![Vec::new(); CLIENTS];
    for request in server.wait_for(2 * CLIENTS, LONG) {
        arrived[client_of(&request)].push(request.at);
    }
    // Starting a hundred clients takes a while, which must not be taken for their doing.
    let first_looks = arrived.iter().zip(started).map(|(times, started)| times[0] - started);
    let back_offs = arrived.iter().map(|times| times[1] - times[0]);
    assert!(spread(first_looks.collect()) > second / 5, "the first looks are a burst");
    assert!(spread(back_offs.collect()) > second / 5, "the retries are a burst");
    cases.iter().for_each(Case::deliver);
}
