//! Clients that start or come back together do not arrive together.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use thrivestack_tests::{LONG, Reply, Request, Scripted};

use crate::case::{Case, numbers};

const CLIENTS: usize = 100;

/// The time in which the middle eight tenths of the requests came.
fn spread<'a>(requests: impl IntoIterator<Item = &'a Request>) -> Duration {
    let mut times: Vec<Instant> = requests.into_iter().map(|request| request.at).collect();
    times.sort_unstable();
    times[times.len() * 9 / 10] - times[times.len() / 10]
}

#[test]
fn a_hundred_clients_that_start_together_after_an_outage_arrive_spread() {
    // The first request of every client fails; the server knows them by their events.
    let mut known = HashSet::new();
    let server = Scripted::answering(move |request| {
        let is_new = known.insert(numbers(std::slice::from_ref(request))[0]);
        Reply::status(if is_new { 503 } else { 200 })
    });
    let second = Duration::from_secs(1);
    let start = Instant::now();
    let cases: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let case = Case::with(server.endpoint(), |config| config.flush_interval(second));
            case.client.track("report_created").user_id("u").with("number", number).send();
            case
        })
        .collect();
    let started = start.elapsed();
    let requests = server.wait_for(2 * CLIENTS, LONG);
    let mut first_of = HashSet::new();
    let (first, again): (Vec<_>, Vec<_>) =
        requests.iter().partition(|request| first_of.insert(numbers(std::slice::from_ref(*request))[0]));
    assert!(spread(first) > started + second / 4, "the first looks are a burst");
    assert!(spread(again) > started + second / 4, "the retries are a burst");
    cases.iter().for_each(Case::deliver);
}
