//! A server that keeps who came, and whether anything came twice.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use thrivestack_tests::{Reply, Scripted};

/// The server and what it took.
pub(crate) struct Deliveries {
    pub(crate) server: Scripted,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    requests: usize,
    /// The request with which each event came first.
    first: HashMap<String, usize>,
    /// The requests of which events came once more.
    doubled: HashSet<usize>,
}

impl Deliveries {
    pub(crate) fn start() -> Self {
        let taken = Arc::<Mutex<Taken>>::default();
        let taking = taken.clone();
        let server = Scripted::answering(move |request| {
            let mut taken = taking.lock().unwrap();
            let number = taken.requests;
            taken.requests += 1;
            for event in request.events() {
                let name = event["properties"]["number"].as_str().expect("a name").to_owned();
                match taken.first.get(&name) {
                    None => drop(taken.first.insert(name, number)),
                    Some(first) => {
                        let first = *first;
                        taken.doubled.insert(first);
                    }
                }
            }
            Reply::status(200)
        });
        server.forget();
        Self { server, taken }
    }

    /// Whether everything of this has come, and at most so many batches twice.
    pub(crate) fn assert_all(&self, acknowledged: &HashSet<String>, batches_twice: usize) {
        let taken = self.taken.lock().unwrap();
        let (requests, doubled) = (taken.requests, taken.doubled.len());
        eprintln!("{} events in {requests} requests, {doubled} of them twice", acknowledged.len());
        let mut lost: Vec<_> = acknowledged.iter().filter(|name| !taken.first.contains_key(*name)).collect();
        lost.sort();
        assert!(
            lost.is_empty(),
            "{} of {} are lost, such as {:?}",
            lost.len(),
            acknowledged.len(),
            &lost[..lost.len().min(20)]
        );
        assert!(doubled <= batches_twice, "{doubled} batches came twice, where {batches_twice} may");
    }
}
