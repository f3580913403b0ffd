//! Answers that are wrong, too many, too long or too slow.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use thrivestack::ReportOutcome;
use thrivestack_tests::{LONG, Reply, Scripted};

use crate::case::{Case, KEY, numbers};

/// What a client may take of an answer that never ends: what it reads, and what the operating system buffers meanwhile.
const FEW_BYTES: u64 = 32 * 1024 * 1024;
const GIGABYTE: u64 = 1024 * 1024 * 1024;

#[test]
fn bursts_of_500_502_503_and_504_lose_nothing() {
    let statuses = [500, 502, 200, 503, 504, 200, 500, 200];
    let server = Scripted::start(statuses.map(Reply::status));
    let case = Case::with(server.endpoint(), |config| config.max_batch_events(2));
    case.emit(10);
    case.deliver();
    let requests = server.requests();
    let taken: Vec<_> = requests
        .iter()
        .enumerate()
        .filter(|(index, _)| statuses.get(*index).is_none_or(|status| *status == 200))
        .map(|(_, request)| request.clone())
        .collect();
    assert_eq!(numbers(&taken), (0..10).collect::<Vec<_>>());
    assert!(
        requests[..2].iter().all(|request| request.body == requests[2].body),
        "a retry changed the bytes"
    );
}

#[test]
fn a_429_is_never_repeated_early_whatever_its_retry_after_says() {
    let in_three_seconds = std::time::SystemTime::now() + Duration::from_secs(3);
    let date = format!("retry-after: {}", httpdate::fmt_http_date(in_three_seconds));
    let cases: Vec<_> = [
        ("retry-after: 1", Duration::from_secs(1)),
        ("retry-after: 2", Duration::from_secs(2)),
        // A date has whole seconds, and some of them have passed when the request is made.
        (date.as_str(), Duration::from_secs(1)),
        ("retry-after: 0", Duration::ZERO),
        ("retry-after: -1", Duration::ZERO),
        ("retry-after: 1.5e3", Duration::ZERO),
        ("retry-after: NaN", Duration::ZERO),
        ("retry-after: \u{fffd}soon", Duration::ZERO),
        ("retry-after:", Duration::ZERO),
        ("x-nothing: 1", Duration::ZERO),
    ]
    .into_iter()
    .map(|(header, floor)| {
        let server = Scripted::start([Reply::with_header(429, header)]);
        let case = Case::new(server.endpoint());
        case.emit(1);
        (header.to_owned(), floor, server, case)
    })
    .collect();
    let patient = Scripted::start([Reply::with_header(429, "retry-after: 1000000000000000000")]);
    let waiting = Case::new(patient.endpoint());
    waiting.emit(1);
    for (header, floor, server, case) in cases {
        case.deliver();
        let requests = server.requests();
        assert_eq!(requests.len(), 2, "{header}");
        assert_eq!(requests[0].body, requests[1].body, "{header}");
        assert!(requests[1].at - requests[0].at >= floor, "{header}");
    }
    assert_eq!(patient.requests().len(), 1, "it waits for five minutes");
    waiting.check();
}

#[test]
fn any_200_is_counted_as_delivered_once() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let truncated = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"success\":tr";
    for reply in [
        Reply::with_body(200, "x: y", r#"{"success":false,"message":"no"}"#),
        Reply::with_body(200, "x: y", ""),
        Reply::with_body(204, "x: y", ""),
        Reply::with_body(200, "content-type: text/html", "<html>welcome to the hotel's network</html>"),
        Reply::Bytes(truncated.into()),
        Reply::Bytes(format!("{chunked}zz\r\nwhat\r\n").into_bytes()),
        Reply::Bytes(format!("{chunked}ffffffffffffffffff\r\nx").into_bytes()),
        Reply::Bytes(format!("{chunked}5\r\nab").into_bytes()),
    ] {
        let server = Scripted::start([reply]);
        let case = Case::new(server.endpoint());
        case.emit(1);
        case.deliver();
        assert_eq!((server.requests().len(), case.client.stats().retries()), (1, 0));
    }
}

#[test]
fn what_is_no_http_is_no_answer() {
    for reply in [
        Reply::Bytes(b"\x15\x03\x01\x00\x02\x02\x46".to_vec()),
        Reply::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        Reply::Bytes(b"HTTP/1.1 2".to_vec()),
        Reply::Bytes(b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n".to_vec()),
        Reply::Bytes(vec![0; 100_000]),
    ] {
        let server = Scripted::start([reply]);
        let case = Case::new(server.endpoint());
        case.emit(1);
        assert_eq!(case.report().outcome(), ReportOutcome::WillRetry);
        case.deliver();
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn a_key_that_the_server_quotes_is_in_no_report_and_no_message() {
    let quoting = |before: &str| format!(r#"{{"message":"{before}{KEY}","warnings":["{before}{KEY}"]}}"#);
    let padding = "x".repeat(480);
    let html = format!("<html>{padding}{KEY}</html>");
    for status in [200, 400, 401, 429] {
        for body in [quoting("no "), quoting(&padding), html.clone()] {
            let server = Scripted::start([Reply::with_body(status, "x: y", &body)]);
            let case = Case::new(server.endpoint());
            case.emit(1);
            let report = case.report();
            assert!(report.message().is_some_and(|message| message.contains("[API key]")), "{report:?}");
            // What is logged of it is logged before the second request.
            case.client.set_api_key("another").unwrap();
            assert!(case.client.flush(LONG));
            case.check();
        }
    }
}

#[test]
fn a_key_that_is_quoted_with_escapes_or_cut_off_or_out_of_date_is_redacted() {
    let html = KEY.replace('/', "&#x2F;").replace('+', "&#43;").replace('=', "&equals;");
    let url = KEY.replace('/', "%2F").replace('+', "%2b").replace('=', "%3D");
    for body in [
        format!(r#"["no {}"]"#, KEY.replace('/', r"\/")),
        format!(r#"{{"message":["no {}"]}}"#, KEY.replace('/', r"\u002f")),
        format!("<p>no {html}</p>"),
        format!("no https://host/?key={url}"),
        // As much as is read of an answer.
        format!("{}{KEY}", " ".repeat(64 * 1024 - 25)),
    ] {
        let server = Scripted::start_then([], Reply::with_body(422, "x: y", &body));
        let case = Case::new(server.endpoint());
        for _ in ["this key", "a former key"] {
            case.emit(1);
            let report = case.report();
            let message = report.message().unwrap();
            assert!(message.contains("[API key]") && !message.contains("7Hq"), "{message}");
            case.client.set_api_key("another").unwrap();
        }
        case.check();
    }
}

#[test]
fn a_gzip_bomb_is_not_unpacked() {
    // A thousand times the letter `a`.
    let bomb = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00\x03\xda\x38\x9a\xe8\x03\x00\x00";
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n".to_vec();
    answer.extend_from_slice(bomb);
    let server = Scripted::start([Reply::Bytes(answer)]);
    let case = Case::new(server.endpoint());
    case.emit(1);
    let report = case.report();
    assert!(!report.message().unwrap().contains("aaaa"), "{report:?}");
    case.deliver();
    assert_eq!(server.requests()[0].header("accept-encoding"), None);
}

#[test]
fn an_answer_of_a_gigabyte_is_not_read() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {GIGABYTE}\r\n\r\n");
    let server = Scripted::start([Reply::Flood(head.into_bytes(), vec![b'a'; 65_536], GIGABYTE)]);
    let case = Case::new(server.endpoint());
    case.emit(1);
    let report = case.report();
    assert_eq!(report.outcome(), ReportOutcome::Delivered);
    assert!(report.message().unwrap().len() <= 500);
    case.deliver();
    assert!(server.flooded() < FEW_BYTES, "{} bytes", server.flooded());
}

#[test]
fn headers_of_ten_megabytes_are_not_read() {
    let header = format!("x-filler: {}\r\n", "a".repeat(1_000));
    let server =
        Scripted::start([Reply::Flood(b"HTTP/1.1 200 OK\r\n".to_vec(), header.into_bytes(), GIGABYTE)]);
    let case = Case::new(server.endpoint());
    case.emit(1);
    assert_eq!(case.report().outcome(), ReportOutcome::WillRetry);
    case.deliver();
    assert!(server.flooded() < FEW_BYTES, "{} bytes", server.flooded());
}

#[test]
fn an_answer_of_one_byte_in_100_ms_ends_at_the_deadline() {
    let Reply::Bytes(answer) = Reply::status(200) else { unreachable!() };
    let server = Scripted::start([Reply::Drip(answer, Duration::from_millis(100))]);
    let case = Case::with(server.endpoint(), |config| config.request_timeout(Duration::from_millis(500)));
    case.emit(1);
    let report = case.report();
    assert_eq!((report.outcome(), report.status()), (ReportOutcome::WillRetry, None));
    assert!(report.message().unwrap().contains("timed out"), "{report:?}");
    case.deliver();
    let requests = server.requests();
    assert!(requests[1].at - requests[0].at >= Duration::from_millis(450));
}

#[test]
fn a_body_of_one_byte_in_100_ms_holds_nothing_up_past_the_deadline() {
    let server = Scripted::connected(|number, mut stream| {
        if number > 0 {
            return Some(stream);
        }
        // An answer before the request would be none.
        let mut request = Vec::new();
        while !request.ends_with(b"]") {
            let mut buffer = [0; 4_096];
            let read = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..read]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").unwrap();
        while stream.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
        None
    });
    let case = Case::with(server.endpoint(), |config| config.request_timeout(Duration::from_millis(500)));
    case.emit(1);
    assert_eq!(case.report().outcome(), ReportOutcome::Delivered, "its status has arrived");
    case.emit(1);
    server.wait_for(1, LONG);
    case.deliver();
}

#[test]
fn a_redirect_to_another_host_port_or_scheme_is_not_followed() {
    let elsewhere = Scripted::start([]);
    let port = elsewhere.address().port();
    let mut cases = Vec::new();
    for status in [301, 302, 303, 307, 308] {
        for base in [
            format!("http://127.0.0.1:{port}"),
            format!("http://localhost:{port}"),
            format!("https://127.0.0.1:{port}"),
        ] {
            let location = format!("location: {base}/api/track");
            let server = Scripted::start_then([], Reply::with_header(status, &location));
            let case = Case::new(server.endpoint());
            case.emit(1);
            cases.push((server, case));
        }
    }
    for (server, case) in cases {
        let report = case.report();
        assert_eq!(report.outcome(), ReportOutcome::Parked);
        assert_eq!((case.client.stats().delivered(), case.client.stats().pending()), (0, 1));
        assert_eq!(server.requests().len(), 1);
        case.check();
    }
    assert_eq!(elsewhere.connections(), 0);
}
