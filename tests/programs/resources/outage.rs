//! Ten thousand events a second while nothing can be delivered, and everything that was kept after it.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use thrivestack::{Client, Config, Decision, Rejected};
use thrivestack_tests::{LONG, Reply, Request, Scripted};

use crate::resident;

/// How many seconds it takes; a few by default, in which the queue is full twice over.
const SECONDS: &str = "THRIVESTACK_SOAK_SECONDS";
const EVENTS_A_SECOND: u64 = 10_000;
/// What the process may grow by besides the queue.
const BESIDES: usize = 16_000_000;
const QUEUE: usize = 32 * 1024 * 1024;

pub(crate) fn server_is_down() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let config = Config::new("key").endpoint(format!("http://{address}/api"));
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let numbers = arrived.clone();
    run(config, move |_| {
        let server = Scripted::on(TcpListener::bind(address).unwrap(), move |request| {
            numbers.lock().unwrap().extend(numbers_of(request));
            Reply::status(200)
        });
        server.forget();
        server
    });
    let arrived = arrived.lock().unwrap();
    assert!(arrived.iter().copied().eq(0..arrived.len() as u64), "the oldest are kept, and arrive in order");
}

pub(crate) fn key_is_refused() {
    let server = Scripted::answering(|request| {
        Reply::status(if request.header("x-api-key") == Some("old") { 401 } else { 200 })
    });
    server.forget();
    let config = Config::new("old").endpoint(server.endpoint());
    run(config, move |client| {
        client.set_api_key("new").unwrap();
        server
    });
}

pub(crate) fn hook_rewrites_everything() {
    let is_down = Arc::new(AtomicUsize::new(1));
    let down = is_down.clone();
    let server =
        Scripted::answering(move |_| Reply::status(if down.load(Ordering::Relaxed) > 0 { 503 } else { 200 }));
    server.forget();
    let config = Config::new("key").endpoint(server.endpoint()).before_send(|payload| {
        payload.properties_mut().insert("seen".to_owned(), true.into());
        Decision::Send
    });
    run(config, move |_| {
        is_down.store(0, Ordering::Relaxed);
        server
    });
}

/// While the key is refused, which holds up nothing but the memory.
pub(crate) fn hook_makes_events_large() {
    let server = Scripted::answering(|request| {
        Reply::status(if request.header("x-api-key") == Some("old") { 401 } else { 200 })
    });
    server.forget();
    let config = Config::new("old").endpoint(server.endpoint()).before_send(|payload| {
        payload.properties_mut().insert("text".to_owned(), "x".repeat(30_000).into());
        Decision::Send
    });
    run_with(config.flush_interval(Duration::from_millis(50)), 8 * 1024 * 1024, move |client| {
        client.set_api_key("new").unwrap();
        server
    });
}

/// Emits while nothing is delivered, has `heal` end that, and waits until everything is.
fn run(config: Config, heal: impl FnOnce(&Client) -> Scripted) {
    run_with(config, QUEUE, heal);
}

/// [`run`] with a queue of so many bytes.
fn run_with(config: Config, queue: usize, heal: impl FnOnce(&Client) -> Scripted) {
    let seconds = std::env::var(SECONDS).map_or(5, |seconds| seconds.parse().expect("a number of seconds"));
    let client = Client::new(config.queue_bytes(queue)).unwrap();
    let before = resident();
    let peak = AtomicUsize::new(before);
    let is_over = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while is_over.load(Ordering::Relaxed) == 0 {
                peak.fetch_max(resident(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        let tried = emit(&client, seconds);
        let stats = client.stats();
        assert!(stats.rejected(Rejected::QueueFull) > 0, "the queue is full: {stats:?}");
        assert_eq!(stats.accepted() + stats.rejected(Rejected::QueueFull), tried);
        assert_eq!(stats.pending(), stats.accepted());
        let server = heal(&client);
        assert!(client.flush(LONG * 4), "{:?}", client.stats());
        let stats = client.stats();
        assert_eq!((stats.delivered(), stats.dropped_total()), (stats.accepted(), 0));
        is_over.store(1, Ordering::Relaxed);
        drop(server);
    });
    let grown = peak.into_inner() - before;
    println!("grown by {grown} bytes with {queue} bytes of queue; {:?}", client.stats());
    assert!(grown <= queue + BESIDES, "grown by {grown} bytes");
}

/// Emits for so long, at an even pace. Returns how many events that were.
fn emit(client: &Client, seconds: u64) -> u64 {
    let text = "x".repeat(1_500);
    let start = Instant::now();
    for number in 0..seconds * EVENTS_A_SECOND {
        client.track("report_created").user_id("u").with("number", number).with("text", &text).send();
        let due = Duration::from_micros(number * 1_000_000 / EVENTS_A_SECOND);
        if let Some(early) = due.checked_sub(start.elapsed()) {
            std::thread::sleep(early);
        }
    }
    seconds * EVENTS_A_SECOND
}

/// The numbers in a body, found without the memory that parsing it would take.
fn numbers_of(request: &Request) -> Vec<u64> {
    let body = std::str::from_utf8(&request.body).unwrap();
    let after = body.split(r#""number":"#).skip(1);
    after.map(|rest| rest.split([',', '}']).next().unwrap().parse().unwrap()).collect()
}
