//! Faults on purpose, the limit of what is kept, and the observer, over real HTTP.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::mpsc,
    time::{Duration, Instant},
};

use thrivestack_local::{Fault, LocalCall, LocalKey, LocalRequest, LocalServer, LocalServerBuilder};

const SECRET: &str = "q+Zt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5iA=";
const PATIENCE: Duration = Duration::from_secs(20);

fn builder() -> LocalServerBuilder {
    LocalServer::builder().key(LocalKey::new("all").scope("telemetry_apis").secret_value(SECRET))
}

fn faulty(fault: Fault) -> LocalServer {
    builder().fault(fault).start().unwrap()
}

/// Identifies a user, and gives the answer as it came.
fn identify(server: &LocalServer, user: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = format!(r#"[{{"user_id":"{user}"}}]"#);
    let length = body.len();
    write!(
        stream,
        "POST /api/identify HTTP/1.1\r\nhost: local\r\nconnection: close\r\nx-api-key: {SECRET}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.to_ascii_lowercase())
}

#[test]
fn answers_that_a_fault_gives() {
    let server = faulty(Fault::ServerError);
    let table = [
        (Fault::ServerError, "http/1.1 500 ", ""),
        (Fault::RateLimit { retry_after: Duration::from_secs(7) }, "http/1.1 429 ", "\r\nretry-after: 7\r\n"),
        (Fault::UnauthorizedAfter(0), "http/1.1 401 ", ""),
    ];
    for (fault, status, header) in table {
        server.set_fault(Some(fault));
        let answer = identify(&server, "u").unwrap();
        assert!(answer.starts_with(status) && answer.contains(header), "{answer}");
        assert!(answer.contains("a fault is switched on"), "{answer}");
    }
    assert!(server.calls().is_empty());
    let requests = server.requests();
    assert_eq!(requests.iter().map(LocalRequest::status).collect::<Vec<_>>(), [500, 429, 401]);
    assert!(requests.iter().all(|request| request.key_name() == Some("all")));

    server.set_fault(None);
    assert!(identify(&server, "u").unwrap().starts_with("http/1.1 200 "));
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn a_key_that_stops_working() {
    let server = faulty(Fault::UnauthorizedAfter(2));
    let statuses: Vec<_> = (0..4).map(|_| identify(&server, "u").unwrap()[9..12].to_owned()).collect();
    assert_eq!(statuses, ["200", "200", "401", "401"]);
}

#[test]
fn a_late_answer_to_what_was_taken_at_once() {
    let delay = Duration::from_millis(300);
    let server = faulty(Fault::Latency(delay));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| identify(&server, "u"));
        server.wait_for(1, PATIENCE).unwrap();
        assert!(answer.join().unwrap().unwrap().starts_with("http/1.1 200 "));
    });
    assert!(begun.elapsed() >= delay);
}

#[test]
fn a_reset_connection() {
    let server = faulty(Fault::ConnectionReset);
    let error = identify(&server, "u").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
    assert!(server.calls().is_empty());
    let requests = server.wait_for_requests(1, PATIENCE).unwrap();
    assert_eq!(requests[0].status(), 0);
    assert!(requests[0].refusal().unwrap().contains("the connection was reset"));

    server.set_fault(None);
    assert!(identify(&server, "u").unwrap().starts_with("http/1.1 200 "));
}

#[test]
fn a_limit_forgets_the_oldest() {
    let server = builder().keep_at_most(2).start().unwrap();
    for user in ["a", "b", "c"] {
        identify(&server, user).unwrap();
    }
    let calls = server.wait_for(3, Duration::ZERO).unwrap();
    let users: Vec<_> = calls.iter().map(|call| (call.number(), call.user_id().unwrap())).collect();
    assert_eq!(users, [(2, "b"), (3, "c")]);
    assert_eq!(server.requests().iter().map(LocalRequest::number).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn a_limit_is_one_of_bytes_too() {
    let server = builder().keep_at_most(1_000).start().unwrap();
    let long = "u".repeat(1_900_000);
    for _ in 0..60 {
        identify(&server, &long).unwrap();
    }
    assert!(server.wait_for(60, Duration::ZERO).unwrap().len() < 55);
}

#[test]
fn the_observer_sees_everything_in_order_before_the_answer() {
    let (sender, seen) = mpsc::channel();
    let server = builder()
        .on_request(move |request, calls| {
            let users = calls.iter().filter_map(LocalCall::user_id).collect::<Vec<_>>().join(",");
            sender.send((request.status(), users)).unwrap();
        })
        .start()
        .unwrap();
    identify(&server, "a").unwrap();
    assert_eq!(seen.try_recv(), Ok((200, "a".to_owned())));
    identify(&server, "").unwrap();
    assert_eq!(seen.try_recv(), Ok((400, String::new())));
}
