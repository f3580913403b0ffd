//! Connections that are used again, and are not what they were.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use thrivestack::ReportOutcome;
use thrivestack_tests::{LONG, Scripted, reset};

use crate::case::Case;

/// A server's way to treat the second request on a connection; it answers the first one.
type Second = fn(BufReader<TcpStream>);

/// A server that keeps its connections open, and the bodies that it answered.
fn keeping(second: Second) -> (Scripted, Arc<Mutex<Vec<Vec<u8>>>>) {
    let answered = Arc::new(Mutex::new(Vec::new()));
    let bodies = answered.clone();
    let server = Scripted::connected(move |_, stream| {
        let mut reader = BufReader::new(stream);
        bodies.lock().unwrap().push(read(&mut reader)?);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"success\":true}";
        reader.get_mut().write_all(answer).ok()?;
        second(reader);
        None
    });
    (server, answered)
}

/// Reads a request. Returns its body.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

#[test]
fn what_a_connection_lost_that_was_used_before_is_sent_again_at_once_and_silently() {
    let seconds: [Second; 3] = [
        // Closed as the request comes, before anything of it is read.
        |reader| while reader.get_ref().peek(&mut [0]).is_err() {},
        |mut reader| drop(read(&mut reader)),
        |mut reader| {
            read(&mut reader);
            reset(reader.get_ref());
        },
    ];
    for second in seconds {
        let (server, answered) = keeping(second);
        let case = Case::new(server.endpoint());
        for _ in 0..20 {
            case.emit(1);
            assert_eq!(case.report().outcome(), ReportOutcome::Delivered);
        }
        case.deliver();
        assert_eq!(case.client.stats().retries(), 0);
        assert_eq!(answered.lock().unwrap().len(), 20);
        assert_eq!(server.connections(), 20);
    }
}

#[test]
fn what_a_new_connection_loses_too_waits_for_a_back_off() {
    let server = Scripted::connected(|number, stream| {
        let mut reader = BufReader::new(stream);
        read(&mut reader)?;
        // Only the first connection answers its first request.
        if number == 0 {
            reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()?;
            read(&mut reader);
        }
        None
    });
    let case = Case::new(server.endpoint());
    case.emit(1);
    assert_eq!(case.report().outcome(), ReportOutcome::Delivered);
    case.emit(1);
    assert_eq!(case.report().outcome(), ReportOutcome::WillRetry);
    assert_eq!((case.client.stats().requests(), server.connections()), (2, 2));
    case.check();
}

#[test]
fn a_connection_that_goes_silent_costs_no_flush() {
    let (server, answered) = keeping(|mut reader| {
        read(&mut reader);
        std::thread::sleep(LONG);
    });
    let case = Case::new(server.endpoint());
    case.emit(1);
    assert!(case.client.flush(LONG));
    for _ in 0..2 {
        case.emit(1);
        assert!(case.client.flush(Duration::from_secs(3)), "{:?}", case.client.stats());
    }
    case.deliver();
    assert_eq!(case.client.stats().retries(), 0);
    assert_eq!(answered.lock().unwrap().len(), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn data_that_is_not_acknowledged_ends_a_connection_before_the_request_s_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let library = crate::preload::compile("user_timeout", folder.path());
    let server = Scripted::start([]);
    // The request's deadline is 10 seconds by default.
    let printed = crate::programs::emit_one(&server.endpoint(), &[("LD_PRELOAD", library.to_str().unwrap())]);
    assert!(printed.contains("user timeout 5000\n"), "{printed}");
}
