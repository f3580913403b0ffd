//! The local server over real HTTP.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant, SystemTime},
};

use serde_json::{Value, json};
use thrivestack_local::{Endpoint, LocalCall, LocalKey, LocalRequest, LocalServer};

use self::client::{CALL, Call, PATIENCE, SECRET, body_of, connect, start};

mod client;

#[test]
fn bad_requests() {
    let server = start();
    let table: [(Call<'_>, u16, &str); 15] = [
        (Call { path: "/api", ..CALL }, 404, "nothing at this path: the calls are POST /api/identify"),
        (Call { path: "/track", ..CALL }, 404, "nothing at this path"),
        (Call { path: "/api/track/", ..CALL }, 404, "nothing at this path"),
        (Call { method: "GET", ..CALL }, 405, "GET is not a method of this path: use POST"),
        (Call { method: "PUT", ..CALL }, 405, "PUT is not a method of this path: use POST"),
        (Call { content_type: None, ..CALL }, 400, "`content-type` must be `application/json`"),
        (Call { content_type: Some("text/plain"), ..CALL }, 400, "`content-type` must be `application/json`"),
        (Call { body: b"", ..CALL }, 400, "not valid JSON"),
        (Call { body: b"[{\"user_id\": \"\xc3\x28\"}]", ..CALL }, 400, "not UTF-8 from byte 14 on"),
        (Call { body: br#"[{"user_id": "\ud83d"}]"#, ..CALL }, 400, "not valid JSON"),
        (Call { body: br#"{"user_id": "u1"}"#, ..CALL }, 400, "an object and must be an array"),
        (Call { body: b"[]", ..CALL }, 400, "the array is empty"),
        (Call { body: br#"[{"user_id": "u1"}, "u2"]"#, ..CALL }, 400, "index 1 is a string"),
        (Call { body: br#"[{"user_id": "u1"}, {}]"#, ..CALL }, 400, "index 1: `user_id` is missing"),
        (
            Call { body: br#"[{"user_id": "u1", "timestamp": "2026-01-31T12:00:00.1Z"}]"#, ..CALL },
            400,
            "index 0: `timestamp` is \"2026-01-31T12:00:00.1Z\"",
        ),
    ];
    let mut recorded = Vec::new();
    for (call, status, message) in &table {
        let answer = call.send(&server);
        assert_eq!(answer.status, *status, "{}", answer.message());
        assert_eq!(answer.json["success"], false);
        assert!(answer.message().contains(message), "{}", answer.message());
        assert_eq!(
            answer.head.to_ascii_lowercase().contains("\r\nallow: post"),
            *status == 405,
            "{}",
            answer.head
        );
        if *status != 404 {
            recorded.push((call.path.to_owned(), *status, Some(answer.message().to_owned())));
        }
    }
    let requests: Vec<_> = server
        .requests()
        .iter()
        .map(|request| (request.path().to_owned(), request.status(), request.refusal().map(str::to_owned)))
        .collect();
    assert_eq!(requests, recorded);
    assert!(server.calls().is_empty());
}

#[test]
fn what_each_call_requires() {
    let server = start();
    let table = [
        ("/api/identify", json!({"traits": {}}), "`user_id` is missing"),
        ("/api/group", json!({"user_id": "u"}), "`group_id` is missing"),
        ("/api/group", json!({"user_id": "u", "group_id": "g"}), "`traits.group_type` is missing"),
        ("/api/track", json!({"user_id": "u"}), "`event_name` is missing"),
        ("/api/track", json!({"event_name": "e"}), "`user_id` is missing"),
        ("/api/page", json!({"properties": {}}), "`user_id` or `session_id` is missing"),
        ("/api/page", json!({"user_id": "u", "session_id": "s"}), "are both there"),
    ];
    for (path, object, message) in table {
        let body = json!([object]).to_string();
        let answer = Call { path, body: body.as_bytes(), ..CALL }.send(&server);
        assert_eq!(answer.status, 400, "{path} {body}");
        assert!(answer.message().contains(message), "{}", answer.message());
    }
}

#[test]
fn keys() {
    let hour = Duration::from_secs(3_600);
    let server = LocalServer::builder()
        .key(LocalKey::new("track-only").scope("track_api").secret_value("t+1="))
        .key(LocalKey::new("nothing").secret_value("n+1="))
        .key(
            LocalKey::new("past")
                .scope("telemetry_apis")
                .secret_value("p+1=")
                .expires_at(SystemTime::now() - hour),
        )
        .key(
            LocalKey::new("future")
                .scope("telemetry_apis")
                .secret_value("f+1=")
                .expires_at(SystemTime::now() + hour),
        )
        .start()
        .unwrap();
    let table = [
        (None, 401, None, "the API key is missing"),
        (Some("t%2B1%3D"), 401, None, "not one of this server's"),
        (Some("t+1="), 401, Some("track-only"), "`track-only` does not authorize identify"),
        (Some("n+1="), 401, Some("nothing"), "`nothing` does not authorize identify"),
        (Some("p+1="), 401, Some("past"), "`past` expired at "),
        (Some("f+1="), 200, Some("future"), "1 object was taken"),
    ];
    for (key, status, key_name, message) in table {
        let answer = Call { key, ..CALL }.send(&server);
        assert_eq!(answer.status, status, "{}", answer.message());
        assert!(answer.message().contains(message), "{}", answer.message());
        assert_eq!(server.requests().last().unwrap().key_name(), key_name);
    }
    let body = br#"[{"event_name": "signed_up", "user_id": "u"}]"#;
    let answer = Call { path: "/api/track", key: Some("t+1="), body, ..CALL }.send(&server);
    assert_eq!(answer.status, 200);
    assert_eq!(server.calls().last().unwrap().key_name(), "track-only");
}

#[test]
fn keys_rotate_while_it_runs() {
    let server = start();
    assert!(server.revoke("all"));
    assert!(!server.revoke("all"));
    assert_eq!(CALL.send(&server).status, 401);

    let key = LocalKey::new("new").scope("identify_api");
    let secret = key.secret().to_owned();
    server.add_key(key.clone()).unwrap();
    assert_eq!(Call { key: Some(&secret), ..CALL }.send(&server).status, 200);

    let error = server.add_key(key).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("a key named `new` already"), "{error}");
}

#[test]
fn keys_that_cannot_be_told_apart_do_not_start() {
    let same_name = LocalServer::builder().key(LocalKey::new("a")).key(LocalKey::new("a"));
    let same_secret = LocalServer::builder()
        .key(LocalKey::new("a").secret_value("s"))
        .key(LocalKey::new("b").secret_value("s"));
    for (builder, message) in [(same_name, "named `a`"), (same_secret, "the same secret")] {
        let error = builder.start().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn a_bad_key_is_refused_before_the_body_comes() {
    let server = start();
    let call = Call { key: Some("wrong"), body: &body_of(1_000_000), ..CALL };
    let mut stream = connect(server.address());
    stream.write_all(call.head().as_bytes()).unwrap();
    let mut status = [0; "HTTP/1.1 401".len()];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 401");
    assert_eq!(server.requests()[0].body_bytes(), 1_000_000);
}

#[test]
fn a_client_that_writes_everything_first_still_gets_its_refusal() {
    let server = start();
    let body = body_of(8_000_000);
    for chunked in [false, true] {
        assert_eq!(Call { path: "/api", body: &body, chunked, ..CALL }.send(&server).status, 404);
        // The page does not answer to the host `local` of these requests.
        assert_eq!(Call { path: "/", body: &body, chunked, ..CALL }.send(&server).status, 403);
        assert_eq!(Call { key: None, body: &body, chunked, ..CALL }.send(&server).status, 401);
        assert_eq!(Call { body: &body, chunked, ..CALL }.send(&server).status, 400);
    }
}

#[test]
fn limits_at_the_boundary() {
    let server = start();
    for (count, status) in [(1_000, 200), (1_001, 400)] {
        let body = format!("[{}]", vec![r#"{"user_id":"u"}"#; count].join(","));
        let answer = Call { body: body.as_bytes(), ..CALL }.send(&server);
        assert_eq!(answer.status, status, "{count}: {}", answer.message());
        assert_eq!(server.requests().last().unwrap().objects(), count);
    }
    for chunked in [false, true] {
        for (bytes, status) in [(2_000_000, 200), (2_000_001, 400)] {
            let answer = Call { body: &body_of(bytes), chunked, ..CALL }.send(&server);
            assert_eq!(answer.status, status, "{bytes}, chunked {chunked}: {}", answer.message());
            let request = server.requests().pop().unwrap();
            assert_eq!(request.body_bytes(), bytes as u64, "chunked {chunked}");
            assert_eq!(
                request.refusal().is_some_and(|reason| reason.contains("limit of 2000000 bytes")),
                status == 400
            );
        }
    }
    assert_eq!(server.calls().len(), 1_002);
}

#[test]
fn what_was_taken_can_be_looked_at() {
    let server = start();
    let before = SystemTime::now();
    let track = json!([
        {"event_name": "invite_sent", "user_id": "u1", "properties": {"invitee_email": "a@b.c"},
         "context": {"group_id": "g1", "source": "product"}, "timestamp": "2026-01-31T12:00:00.001Z"},
        {"event_name": "signup", "user_id": 7, "timestamp": "2026-01-31T12:00:00.002Z"},
    ]);
    let group = json!([{"user_id": "u1", "group_id": "g2", "event_name": "ignored",
                        "traits": {"group_type": "Team", "plan": null}, "context": {"group_id": "g3"}}]);
    let page = json!([{"session_id": "s1", "properties": {"page_name": "Home"}}]);
    for (path, body) in [("/api/track?tenant=x", &track), ("/api/group", &group), ("/api/page", &page)] {
        let answer = Call { path, body: body.to_string().as_bytes(), ..CALL }.send(&server);
        assert_eq!(answer.status, 200, "{}", answer.message());
        assert_eq!(answer.json["success"], true);
        assert!(answer.json["response_id"].is_string() && answer.json["documentation"].is_string());
        assert!(!answer.json["warnings"].as_array().unwrap().is_empty());
    }

    let calls = server.calls();
    assert_eq!(calls.len(), 4);
    assert_eq!(calls.iter().map(LocalCall::number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let [invite, signup, group_call, page_call] = &calls[..] else { unreachable!() };
    assert_eq!(calls.iter().map(LocalCall::request).collect::<Vec<_>>(), [1, 1, 2, 3]);
    assert!(calls.iter().all(|call| call.key_name() == "all" && call.received_at() >= before));

    assert_eq!((invite.endpoint(), invite.object()), (Endpoint::Track, &track[0]));
    assert_eq!(invite.event_name(), Some("invite_sent"));
    assert_eq!((invite.user_id(), invite.group_id()), (Some("u1"), Some("g1")));
    assert_eq!(invite.property("invitee_email"), Some(&json!("a@b.c")));
    assert_eq!((invite.property("group_id"), invite.context("source")), (None, Some(&json!("product"))));
    assert_eq!(invite.timestamp(), Some("2026-01-31T12:00:00.001Z"));
    assert_eq!(
        invite.occurred_at().duration_since(SystemTime::UNIX_EPOCH).unwrap(),
        Duration::from_millis(1_769_860_800_001)
    );
    assert_eq!(page_call.occurred_at(), page_call.received_at());

    assert_eq!((signup.user_id(), signup.group_id()), (Some("7"), None));
    assert!(signup.warnings().iter().any(|warning| warning.contains("is called `signed_up`")));

    assert_eq!((group_call.endpoint(), group_call.event_name()), (Endpoint::Group, None));
    assert_eq!((group_call.group_id(), group_call.timestamp()), (Some("g2"), None));
    assert_eq!(group_call.property("plan"), Some(&Value::Null));

    assert_eq!((page_call.endpoint().to_string().as_str(), page_call.user_id()), ("page", None));
    assert_eq!(page_call.property("page_name"), Some(&json!("Home")));

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Invite {
        invitee_email: Option<String>,
    }
    let email = |call: &LocalCall| call.properties_as::<Invite>().map(|invite| invite.invitee_email);
    assert_eq!(email(invite).unwrap(), Some("a@b.c".to_owned()));
    assert_eq!(email(signup).unwrap(), None);
    invite.properties_as::<Vec<String>>().unwrap_err();

    let requests = server.requests();
    assert_eq!(
        requests.iter().map(LocalRequest::path).collect::<Vec<_>>(),
        ["/api/track", "/api/group", "/api/page"]
    );
    assert_eq!(requests.iter().map(LocalRequest::objects).collect::<Vec<_>>(), [2, 1, 1]);
    assert_eq!(requests.iter().map(LocalRequest::number).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(requests.iter().all(|request| request.status() == 200 && request.refusal().is_none()));
    assert!(
        requests.iter().all(|request| request.key_name() == Some("all") && request.received_at() >= before)
    );
}

#[test]
fn the_answer_warns_once_and_the_call_each_time() {
    let server = start();
    let body = format!("[{}]", [r#"{"user_id":"u"}"#; 10].join(","));
    let answer = Call { body: body.as_bytes(), ..CALL }.send(&server);
    assert_eq!(answer.json["warnings"].as_array().unwrap().len(), 2, "{}", answer.json);
    assert!(server.calls().iter().all(|call| call.warnings().len() == 2));
}

#[test]
fn waiting_ends_with_the_last_call() {
    let server = start();
    let begun = Instant::now();
    thread::scope(|scope| {
        let calls = scope.spawn(|| server.wait_for(3, PATIENCE));
        let requests = scope.spawn(|| server.wait_for_requests(4, PATIENCE));
        for body in [
            r#"[{"user_id": "a"}]"#,
            r#"[{"user_id": "b"}, {"user_id": "c"}]"#,
            "[]",
            r#"[{"user_id": "d"}]"#,
        ] {
            Call { body: body.as_bytes(), ..CALL }.send(&server);
        }
        assert!(calls.join().unwrap().unwrap().len() >= 3);
        assert_eq!(requests.join().unwrap().unwrap().len(), 4);
    });
    assert!(begun.elapsed() < PATIENCE, "the last request woke nobody");
    assert_eq!(server.wait_for(0, Duration::ZERO).unwrap().len(), 4);
}

#[test]
fn waiting_in_vain_says_what_came() {
    let server = start();
    let nothing = server.wait_for(1, Duration::ZERO).unwrap_err();
    assert_eq!(nothing.to_string(), "waited 0ns for 1 calls, but 0 came");

    let body =
        br#"[{"event_name": "signed_in", "user_id": "u"}, {"event_name": "signed_in", "user_id": "u"}]"#;
    Call { path: "/api/track", body, ..CALL }.send(&server);
    CALL.send(&server);
    Call { body: b"[]", ..CALL }.send(&server);
    let calls = server.wait_for(5, Duration::from_millis(1)).unwrap_err();
    assert_eq!(
        calls.to_string(),
        "waited 1ms for 5 calls, but 3 came (1 × identify, 2 × track `signed_in`); one request was refused \
         (1 × /api/identify 400: the array is empty: send at least one object)"
    );
    let requests = server.wait_for_requests(5, Duration::ZERO).unwrap_err();
    assert!(
        requests.to_string().contains("for 5 requests, but 3 came (1 × /api/identify 200, "),
        "{requests}"
    );
}

#[test]
fn dropping_it_ends_connections_and_frees_the_port() {
    let server = start();
    let address = server.address();
    assert!(address.ip().is_loopback());
    assert_eq!(server.endpoint(), format!("http://{address}/api"));
    assert_eq!(
        LocalServer::builder().port(address.port()).start().unwrap_err().kind(),
        io::ErrorKind::AddrInUse
    );

    let mut half_sent = connect(address);
    half_sent.write_all(b"POST /api/track HTTP/1.1\r\n").unwrap();
    // The server is known to have seen that connection once it has answered a later one.
    CALL.send(&server);
    drop(server);
    match half_sent.read(&mut [0; 1]) {
        Ok(read) => assert_eq!(read, 0),
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
    }

    // A test beside this one may be given the freed port at once, but not three times in a row.
    let freed = || {
        let server = start();
        let address = server.address();
        drop(server);
        TcpStream::connect(address).is_err() && LocalServer::builder().port(address.port()).start().is_ok()
    };
    assert!((0..3).any(|_| freed()));
}

#[test]
fn it_starts_answers_and_stops_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let server = start();
        assert_eq!(CALL.send(&server).status, 200);
        assert_eq!(server.wait_for(1, PATIENCE).unwrap().len(), 1);
        drop(server);
        let occupied = start();
        LocalServer::builder().port(occupied.address().port()).start().unwrap_err();
    });
}

#[test]
fn nothing_shows_a_secret() {
    let key = LocalKey::new("shown").scope("telemetry_apis").secret_value(SECRET);
    let mut shown = format!("{key:?}");
    let builder = LocalServer::builder().key(key);
    shown += &format!("{builder:?}");
    let server = builder.start().unwrap();
    let path = format!("/api/track?key={SECRET}");
    for call in [
        CALL,
        Call { path: &path, ..CALL },
        Call { path: "/api/group", ..CALL },
        Call { method: "GET", ..CALL },
    ] {
        let answer = call.send(&server);
        shown += &format!("{} {}", answer.head, answer.json);
    }
    shown += &format!("{server:?} {:?} {:?}", server.calls(), server.requests());
    shown += &format!("{:?}", server.wait_for(99, Duration::ZERO));
    shown += &format!("{:?}", server.add_key(LocalKey::new("other").secret_value(SECRET)));
    assert!(shown.contains("shown"), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
}
