//! A server with moods, which remembers what it took.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use thrivestack_tests::{Reply, Request, Scripted};

/// The longest that a mood lasts.
const MOOD: Duration = Duration::from_millis(1_500);
/// An event with a number that this divides is one that the server does not take.
const BAD: u64 = 487;

/// The ways to misbehave, and to behave.
const MOODS: u8 = 18;

/// A server that changes its mood.
pub(crate) struct Moody {
    scripted: Scripted,
    memory: Arc<Mutex<Memory>>,
}

/// The history of one event.
#[derive(Default, Clone, Copy)]
struct History {
    /// A request with it was answered by 2xx.
    is_taken: bool,
    /// It was the only event of a request that was refused for good.
    is_condemned: bool,
}

#[derive(Default)]
struct Memory {
    events: HashMap<u64, History>,
    /// The last number that each sender delivered of each of its own threads.
    last: HashMap<(String, u64), u64>,
    /// The number of events in the last request of each sender.
    last_request: HashMap<String, u64>,
    /// The events that came again although their 2xx had been answered.
    repeated: u64,
    out_of_order: Vec<String>,
    is_healthy: bool,
    /// The number of requests that met each mood.
    moods: [u64; MOODS as usize],
}

impl Moody {
    pub(crate) fn start(seed: u64) -> Self {
        let memory = Arc::new(Mutex::new(Memory::default()));
        let remembered = memory.clone();
        let mut random = fastrand::Rng::with_seed(seed);
        let (mut mood, mut until) = (0, Instant::now());
        let scripted = Scripted::answering(move |request| {
            if until <= Instant::now() {
                mood = random.u8(..MOODS);
                until = Instant::now() + MOOD.mul_f64(random.f64());
            }
            let mut memory = remembered.lock().unwrap();
            // A mood strikes now and then, so that something is delivered in each of them.
            let mood = if memory.is_healthy || random.u8(..3) > 0 { 0 } else { mood };
            memory.moods[usize::from(mood)] += 1;
            memory.answer(request, mood)
        });
        scripted.forget();
        Self { scripted, memory }
    }

    /// Returns an endpoint by which the server knows its sender.
    pub(crate) fn endpoint(&self, sender: u64) -> String {
        format!("http://{}/{sender}/api", self.scripted.address())
    }

    /// Takes everything from now on, but for events that are bad.
    pub(crate) fn be_healthy(&self) {
        self.memory.lock().unwrap().is_healthy = true;
    }

    /// Returns whether an event was taken or refused for good.
    pub(crate) fn has_decided(&self, number: u64) -> bool {
        let memory = self.memory.lock().unwrap();
        memory.events.get(&number).is_some_and(|history| history.is_taken || history.is_condemned)
    }

    /// Returns the number of events that came again after an answer of 2xx.
    pub(crate) fn repeated(&self) -> u64 {
        self.memory.lock().unwrap().repeated
    }

    /// Returns the number of events in the last request of one sender.
    pub(crate) fn last_request_of(&self, sender: u64) -> u64 {
        self.memory.lock().unwrap().last_request.get(&sender.to_string()).copied().unwrap_or(0)
    }

    /// Asserts that each client's events of one thread arrived in their order.
    pub(crate) fn assert_order(&self) {
        let memory = self.memory.lock().unwrap();
        assert!(memory.out_of_order.is_empty(), "{:#?}", memory.out_of_order);
    }

    pub(crate) fn describe(&self) -> String {
        let memory = self.memory.lock().unwrap();
        let taken = memory.events.values().filter(|history| history.is_taken).count();
        format!("{taken} events taken, {} repeated, requests by mood: {:?}", memory.repeated, memory.moods)
    }
}

impl Memory {
    fn answer(&mut self, request: &Request, mood: u8) -> Reply {
        let events = request.events();
        let numbers = events.iter().map(|event| event["properties"]["number"].as_u64().expect("a number"));
        let numbers: Vec<u64> = numbers.collect();
        let sender = request.path().split('/').nth(1).unwrap_or_default().to_owned();
        self.last_request.insert(sender.clone(), numbers.len() as u64);
        self.repeated += numbers.iter().filter(|number| self.was_taken(**number)).count() as u64;
        let is_single = numbers.len() == 1;
        match mood {
            1 => Reply::status(500),
            2 => Reply::with_header(503, "retry-after: 0"),
            3 => Reply::with_header(429, "retry-after: 0"),
            4 => Reply::Close,
            5 => Reply::Reset,
            6 => Reply::Bytes(b"HTTP/1.1 200 O".to_vec()),
            7 => Reply::Hang,
            8 => Reply::Drip(vec![b'H'; 64], Duration::from_millis(100)),
            9 => Reply::status(401),
            10 => Reply::status(403),
            11 => Reply::with_header(302, "location: http://127.0.0.1:1/"),
            12 if !is_single => Reply::status(413),
            13 => Reply::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
            14 => Reply::status(408),
            _ if numbers.iter().any(|number| number % BAD == 0) => {
                if is_single {
                    self.events.entry(numbers[0]).or_default().is_condemned = true;
                }
                Reply::status(400)
            }
            15 => self.take(&sender, &events, Reply::with_body(200, "content-type: text/html", "<html>")),
            16 => {
                let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzzz".to_vec();
                self.take(&sender, &events, Reply::Bytes(head))
            }
            17 => self.take(&sender, &events, Reply::with_body(202, "x-a: b", "")),
            _ => self.take(&sender, &events, Reply::status(200)),
        }
    }

    /// Returns whether a request with this event was answered by 2xx.
    fn was_taken(&self, number: u64) -> bool {
        self.events.get(&number).is_some_and(|history| history.is_taken)
    }

    fn take(&mut self, sender: &str, events: &[serde_json::Value], reply: Reply) -> Reply {
        for event in events {
            let properties = &event["properties"];
            let [number, thread, life] =
                ["number", "thread", "life"].map(|key| properties[key].as_u64().expect("an integer"));
            let is_first = !std::mem::replace(&mut self.events.entry(number).or_default().is_taken, true);
            // Another client delivers what this one has left, in an order of its own.
            if is_first && life.to_string() == sender {
                let last = self.last.entry((sender.to_owned(), thread)).or_default();
                if *last > number {
                    self.out_of_order.push(format!("{number} after {last} of thread {thread} of {sender}"));
                }
                *last = number;
            }
        }
        reply
    }
}
