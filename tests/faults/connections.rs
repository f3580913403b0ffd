//! Servers that cannot be reached, and connections that break.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use thrivestack::{DropReason, ReportOutcome};
use thrivestack_tests::{LONG, Reply, Scripted, reset};

use crate::case::{Case, numbers};

/// A listener whose queue of connections is full: the operating system drops every further SYN.
fn black_hole() -> (TcpListener, Vec<TcpStream>) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap().into()).unwrap();
    socket.listen(0).unwrap();
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        queued.push(stream);
    }
    (listener, queued)
}

#[test]
fn a_server_that_is_down_is_tried_once_a_back_off() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let case = Case::new(format!("http://{address}/api"));
    case.emit(100);
    for _ in 0..3 {
        assert_eq!(case.report().outcome(), ReportOutcome::WillRetry);
        case.emit(100);
    }
    let requests = case.client.stats().requests();
    assert!(requests <= 4, "{requests} attempts in three back-offs");
    let server = Scripted::on(TcpListener::bind(address).unwrap(), |_| Reply::status(200));
    case.deliver();
    let arrived = numbers(&server.requests());
    assert_eq!(arrived, (0..4).flat_map(|_| 0..100).collect::<Vec<_>>());
}

#[test]
fn a_connect_that_hangs_is_given_up_after_five_seconds() {
    let (listener, queued) = black_hole();
    let start = Instant::now();
    let case = Case::new(format!("http://{}/api", listener.local_addr().unwrap()));
    case.emit(1);
    assert_eq!(case.report().outcome(), ReportOutcome::WillRetry);
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(5) && took < Duration::from_secs(10), "{took:?}");
    assert_eq!(case.client.stats().requests(), 1);
    drop(queued);
    let server = Scripted::on(listener, |_| Reply::status(200));
    case.deliver();
    assert_eq!(numbers(&server.requests()), [0]);
}

#[test]
fn a_shutdown_ends_in_time_while_a_connect_hangs() {
    let (listener, _queued) = black_hole();
    let case = Case::new(format!("http://{}/api", listener.local_addr().unwrap()));
    case.emit(1);
    // The connection is being made, or soon will be: either way nothing comes of it.
    let start = Instant::now();
    assert!(!case.client.flush(Duration::from_millis(100)));
    assert!(!case.client.shutdown());
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(case.client.stats().dropped(DropReason::ShutDown), 1);
    case.check();
}

#[test]
fn a_name_that_does_not_resolve_holds_no_shutdown_up() {
    let case = Case::new("https://thrivestack.invalid/api");
    case.emit(1);
    let start = Instant::now();
    assert!(!case.client.flush(Duration::from_millis(200)));
    assert!(!case.client.shutdown());
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(case.client.stats().dropped(DropReason::ShutDown), 1);
    case.check();
}

#[test]
fn a_server_that_reads_one_byte_a_second_is_left_at_the_deadline() {
    let server = Scripted::connected(|number, mut stream| {
        if number > 0 {
            return Some(stream);
        }
        while stream.read(&mut [0]).is_ok_and(|read| read > 0) {
            std::thread::sleep(Duration::from_secs(1));
        }
        None
    });
    let case = Case::with(server.endpoint(), |config| config.request_timeout(Duration::from_millis(500)));
    case.emit_with(20, &"x".repeat(90_000));
    let report = case.report();
    assert_eq!(report.outcome(), ReportOutcome::WillRetry);
    assert!(report.message().unwrap().contains("timed out"), "{report:?}");
    case.deliver();
    assert_eq!(numbers(&server.requests()), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_reset_in_mid_body_has_the_same_bytes_sent_again() {
    let first: Arc<Mutex<Vec<u8>>> = Arc::default();
    let kept = first.clone();
    let server = Scripted::connected(move |number, mut stream| {
        if number > 0 {
            return Some(stream);
        }
        let mut part = vec![0; 50_000];
        stream.read_exact(&mut part).unwrap();
        *kept.lock().unwrap() = part;
        reset(&stream);
        None
    });
    // The worker looks when the batch is full, so that all of them are in the first request.
    let case = Case::with(server.endpoint(), |config| config.flush_interval(LONG).max_batch_events(10));
    case.emit_with(10, &"x".repeat(100_000));
    assert_eq!(case.report().outcome(), ReportOutcome::WillRetry);
    case.deliver();
    let requests = server.requests();
    assert_eq!(numbers(&requests), (0..10).collect::<Vec<_>>());
    let first = first.lock().unwrap();
    let body = first.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    assert!(requests[0].body.starts_with(&first[body..]));
}

#[test]
fn a_reset_after_the_body_has_at_most_one_batch_come_twice() {
    for reply in [Reply::Reset, Reply::Close] {
        let server = Scripted::start([Reply::status(200), reply]);
        let case = Case::with(server.endpoint(), |config| config.max_batch_events(5));
        case.emit(20);
        case.deliver();
        let requests = server.requests();
        assert_eq!(requests[1].body, requests[2].body);
        let mut arrived = numbers(&requests);
        assert_eq!(arrived.len(), 20 + requests[1].events().len());
        arrived.sort_unstable();
        arrived.dedup();
        assert_eq!(arrived, (0..20).collect::<Vec<_>>());
    }
}

#[test]
fn a_server_that_never_answers_is_left_at_the_deadline() {
    let server = Scripted::start([Reply::Hang]);
    let case = Case::with(server.endpoint(), |config| config.request_timeout(Duration::from_millis(300)));
    case.emit(1);
    assert_eq!(case.report().outcome(), ReportOutcome::WillRetry);
    server.wait_for(2, LONG);
    case.deliver();
}
