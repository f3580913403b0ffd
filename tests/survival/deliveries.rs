//! A server that keeps who came, and whether anything came twice.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use thrivestack_tests::{Reply, Scripted};

/// The server and what it took.
pub(crate) struct Deliveries {
    server: Scripted,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    /// The host that made each request.
    requests: Vec<String>,
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
            let number = taken.requests.len();
            let host = request.path().split('/').nth(1).expect("a host's name").to_owned();
            taken.requests.push(host);
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

    /// An endpoint for one host, by which its requests are known.
    pub(crate) fn endpoint(&self, host: &str) -> String {
        format!("http://{}/{host}/api", self.server.address())
    }

    /// Whether everything of this has come, and nothing twice but one batch of each host that was killed.
    pub(crate) fn assert_all(&self, acknowledged: &HashSet<String>, killed: &HashSet<String>) {
        let taken = self.taken.lock().unwrap();
        let (requests, doubled) = (taken.requests.len(), taken.doubled.len());
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
        let mut by_host = BTreeMap::<_, usize>::new();
        for request in &taken.doubled {
            *by_host.entry(&taken.requests[*request]).or_default() += 1;
        }
        by_host.retain(|host, batches| *batches > usize::from(killed.contains(*host)));
        assert!(by_host.is_empty(), "too many batches of these hosts came twice: {by_host:?}");
    }
}
