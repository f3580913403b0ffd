//! Peers that do not behave hold up nobody else.

#[allow(dead_code, reason = "each test uses a part of it")]
mod client;

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use client::{CALL, Call, connect, start};
use thrivestack_local::LocalServer;

/// Longer than a call takes on a busy machine, and shorter than any time-out of the server.
const SOON: Duration = Duration::from_secs(8);

fn feed(server: &LocalServer) -> TcpStream {
    let mut stream = connect(server.address());
    stream.write_all(b"GET /page/feed HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    stream
}

/// Makes the server keep 20 MB of calls.
fn fill(server: &LocalServer) {
    let object = format!(r#"{{"user_id": "u1", "traits": {{"text": "{}"}}}}"#, "x".repeat(1_800));
    let body = format!("[{}]", vec![object; 1_000].join(","));
    for _ in 0..10 {
        assert_eq!(Call { body: body.as_bytes(), ..CALL }.send(server).status, 200);
    }
}

#[test]
fn half_requests_hold_up_nobody_and_are_dropped() {
    let server = start();
    let half: Vec<_> = (0..1_000)
        .filter_map(|_| {
            let mut stream = TcpStream::connect(server.address()).ok()?;
            stream.write_all(b"POST /api/track HTTP/1.1\r\nhost: local\r\nx-").ok()?;
            Some(stream)
        })
        .collect();
    let began = Instant::now();
    assert_eq!(CALL.send(&server).status, 200);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    // Each of them ends, the last ones by their time-out.
    for mut stream in half {
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut rest = Vec::new();
        match stream.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
    }
}

#[test]
fn a_body_that_does_not_come_is_given_up() {
    let server = start();
    let mut stream = connect(server.address());
    let call = Call { body: &[b' '; 1_000], ..CALL };
    stream.write_all(call.head().as_bytes()).unwrap();
    stream.write_all(b"[").unwrap();
    assert_eq!(CALL.send(&server).status, 200, "another one is not held up");
    assert_eq!(client::read_answer(stream).status, 408);
}

#[test]
fn feeds_that_nobody_reads_hold_up_no_request() {
    let server = start();
    fill(&server);
    let feeds: Vec<_> = (0..100).map(|_| feed(&server)).collect();
    for _ in 0..10 {
        let began = Instant::now();
        assert_eq!(CALL.send(&server).status, 200);
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    }
    drop(feeds);
}

#[test]
fn a_feed_that_nobody_reads_is_dropped() {
    let server = start();
    fill(&server);
    let mut feed = feed(&server);
    // More than the system keeps for it waits, so nothing is taken from some moment on. The end shows when something is sent.
    let began = Instant::now();
    while feed.write_all(b"x").is_ok() {
        assert!(began.elapsed() < Duration::from_secs(90), "it is still there");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(CALL.send(&server).status, 200);
}
