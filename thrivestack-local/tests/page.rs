//! What the live page is given, and to whom.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};
use thrivestack_local::{LocalKey, LocalServer};

const SECRET: &str = "q+Zt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5iA=";
const PATIENCE: Duration = Duration::from_secs(20);
const DATA: [&str; 4] = ["/page/feed", "/page/call/1", "/page/flows", "/page/flow?user=u"];

fn start() -> LocalServer {
    LocalServer::builder()
        .key(LocalKey::new("all").scope("telemetry_apis").secret_value(SECRET))
        .start()
        .unwrap()
}

fn connect(server: &LocalServer) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// The head and the body of the answer to a request of that line and those headers.
fn ask(server: &LocalServer, line: &str, headers: &str) -> (String, String) {
    let mut stream = connect(server);
    write!(stream, "{line} HTTP/1.1\r\n{headers}connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

fn get(server: &LocalServer, path: &str) -> (String, String) {
    ask(server, &format!("GET {path}"), "host: localhost:4819\r\n")
}

fn get_json(server: &LocalServer, path: &str) -> Value {
    serde_json::from_str(&get(server, path).1).unwrap()
}

fn post(server: &LocalServer, call: &str, objects: &Value) {
    let body = objects.to_string();
    let headers = format!(
        "host: evil.example\r\nx-api-key: {SECRET}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    let mut stream = connect(server);
    write!(stream, "POST /api/{call} HTTP/1.1\r\n{headers}connection: close\r\n\r\n{body}").unwrap();
    stream.read_to_string(&mut String::new()).unwrap();
}

/// The messages of the feed, each with its id.
struct Feed(BufReader<TcpStream>);

impl Feed {
    fn open(server: &LocalServer, last_event_id: Option<&str>) -> Self {
        let mut stream = connect(server);
        let resume = last_event_id.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        write!(stream, "GET /page/feed HTTP/1.1\r\nhost: 127.0.0.1\r\n{resume}\r\n").unwrap();
        Self(BufReader::new(stream))
    }

    fn next(&mut self) -> (String, Value) {
        let mut id = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the feed ended");
            if let Some(text) = line.strip_prefix("id: ") {
                id = text.trim().to_owned();
            } else if let Some(data) = line.strip_prefix("data: ") {
                return (id, serde_json::from_str(data).unwrap());
            }
        }
    }
}

#[test]
fn the_page_and_its_files() {
    let server = start();
    assert_eq!(server.page(), format!("http://{}/", server.address()));
    let (head, page) = get(&server, "/");
    assert!(head.starts_with("http/1.1 200 ") && head.contains("content-type: text/html"), "{head}");
    let mut files: Vec<_> =
        page.split('"').filter(|text| text.starts_with("/page/")).map(str::to_owned).collect();
    let (_, main) = get(&server, "/page/main.js");
    files.extend(
        main.split('"').filter_map(|text| text.strip_prefix("./")).map(|file| format!("/page/{file}")),
    );
    assert!(files.len() > 6, "{files:?}");
    for path in files.iter().map(String::as_str).chain(["/"]) {
        let (head, body) = get(&server, path);
        assert!(head.starts_with("http/1.1 200 "), "{path}: {head}");
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'",
            "require-trusted-types-for 'script'",
            "x-content-type-options: nosniff",
            "cross-origin-resource-policy: same-origin",
            "cache-control: no-store",
        ] {
            assert!(head.contains(header), "{path} lacks {header}: {head}");
        }
        for markup in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "style=\"",
            "onclick=",
        ] {
            assert!(!body.contains(markup), "{path} has {markup}");
        }
    }
}

#[test]
fn nothing_is_shown_to_another_name() {
    let server = start();
    post(&server, "identify", &json!([{"user_id": "u"}]));
    let table = [
        "host: evil.example\r\n",
        "host: localhost.evil.example\r\n",
        "host: 127.0.0.1.evil.example:4819\r\n",
        "host: localhost\r\nhost: evil.example\r\n",
        "host: \r\n",
        "",
    ];
    for path in DATA.into_iter().chain(["/", "/page/main.js"]) {
        for headers in table {
            let (head, body) = ask(&server, &format!("GET {path}"), headers);
            assert!(
                head.starts_with("http/1.1 403 ") || head.starts_with("http/1.1 400 "),
                "{path} {headers}: {head}"
            );
            assert!(!body.contains("\"u\""), "{path} {headers}: {body}");
        }
        let (head, _) = ask(&server, &format!("GET http://evil.example{path}"), "host: localhost\r\n");
        assert!(head.starts_with("http/1.1 403 "), "{path}: {head}");
    }
    let (head, body) = ask(&server, "GET /", "host: evil.example\r\n");
    assert!(head.starts_with("http/1.1 403 "), "{head}");
    assert!(body.contains("answers only to `localhost`"), "{body}");
    assert_eq!(server.calls().len(), 1, "a call may be made by any name");
}

#[test]
fn it_is_only_for_looking() {
    let server = start();
    for path in DATA.into_iter().chain(["/"]) {
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let (head, body) =
                ask(&server, &format!("{method} {path}"), "host: localhost\r\ncontent-length: 0\r\n");
            assert!(
                head.starts_with("http/1.1 405 ") && head.contains("allow: get"),
                "{method} {path}: {head}"
            );
            assert!(body.contains("use GET"), "{body}");
        }
    }
    for path in ["/page/call/0", "/page/call/1", "/page/call/18446744073709551615", "/page/nothing"] {
        assert!(get(&server, path).0.starts_with("http/1.1 404 "), "{path}");
    }
    assert!(get(&server, "/page/call/x").0.starts_with("http/1.1 400 "));
    assert!(server.requests().is_empty(), "the page's own requests are no calls");
}

#[test]
fn the_feed_tells_what_came_and_what_comes() {
    let server = start();
    post(&server, "identify", &json!([{"user_id": "u1", "context": {"source": "product"}}]));
    let mut feed = Feed::open(&server, None);
    let (id, first) = feed.next();
    assert_eq!(first["total"], json!({"calls": 1, "requests": 1, "refused": 0}));
    assert_eq!((&first["missed"], first["calls"].as_array().unwrap().len()), (&json!(0), 1));
    let row = &first["calls"][0];
    assert_eq!(
        [&row[0], &row[2], &row[3], &row[4]],
        [&json!(1), &json!("identify"), &json!(null), &json!("u1")]
    );
    assert_eq!((&row[6], row[7].as_array().unwrap().len()), (&json!("all"), 1));
    assert_eq!(first["checklist"].as_array().unwrap().len(), 11);
    assert_eq!(first["checklist"][1]["sight"]["source"], "product");
    assert_eq!(first["checklist"][2]["sight"], Value::Null);

    post(&server, "track", &json!([{"event_name": "signed_in", "user_id": "u1"}]));
    post(&server, "track", &json!([]));
    let (mut calls, mut refused) = (Vec::new(), Vec::new());
    while calls.is_empty() || refused.is_empty() {
        let (_, news) = feed.next();
        calls.extend(news["calls"].as_array().unwrap().clone());
        refused.extend(news["refused"].as_array().unwrap().clone());
    }
    assert_eq!((calls.len(), &calls[0][3]), (1, &json!("signed_in")));
    assert_eq!((&refused[0]["number"], &refused[0]["status"]), (&json!(3), &json!(400)));
    assert_eq!(refused[0]["key"], "all");
    assert!(refused[0]["reason"].as_str().unwrap().contains("the array is empty"));

    let (_, resumed) = Feed::open(&server, Some(&id)).next();
    assert_eq!((resumed["calls"].as_array().unwrap().len(), &resumed["calls"][0][0]), (1, &json!(2)));
    let (_, of_another_run) = Feed::open(&server, Some("1-1-1")).next();
    assert_eq!(of_another_run["calls"].as_array().unwrap().len(), 2);
}

#[test]
fn a_page_that_is_too_slow_is_told_what_it_missed() {
    let server = LocalServer::builder()
        .key(LocalKey::new("all").scope("telemetry_apis").secret_value(SECRET))
        .keep_at_most(3)
        .start()
        .unwrap();
    let users = |count: usize| json!(vec![json!({"user_id": "u"}); count]);
    post(&server, "identify", &users(10));
    let (_, news) = Feed::open(&server, None).next();
    assert_eq!(news["missed"], 7);
    assert_eq!(
        news["calls"].as_array().unwrap().iter().map(|row| row[0].as_u64().unwrap()).collect::<Vec<_>>(),
        [8, 9, 10]
    );
    assert_eq!(news["total"]["calls"], 10);
}

#[test]
fn a_long_history_comes_in_parts() {
    let server = start();
    for _ in 0..5 {
        post(&server, "identify", &json!(vec![json!({"user_id": "u"}); 1_000]));
    }
    let mut feed = Feed::open(&server, None);
    let mut numbers = Vec::new();
    while numbers.len() < 5_000 {
        let (_, news) = feed.next();
        let rows = news["calls"].as_array().unwrap();
        assert!(!rows.is_empty() && rows.len() <= 2_000, "{}", rows.len());
        numbers.extend(rows.iter().map(|row| row[0].as_u64().unwrap()));
    }
    assert!(numbers.into_iter().eq(1..=5_000));
}

#[test]
fn one_call_in_full() {
    let server = start();
    let big = 18_446_744_073_709_551_615_u64;
    let script = "<script>alert(1)</script>\u{1b}[31m";
    post(
        &server,
        "track",
        &json!([{"event_name": script, "user_id": "u", "properties": {"n": big, "long": "é".repeat(3_000)}}]),
    );
    let call = get_json(&server, "/page/call/1");
    assert_eq!((&call["name"], &call["key"], &call["request"]), (&json!(script), &json!("all"), &json!(1)));
    assert_eq!(call["warnings"].as_array().unwrap().len(), 3);
    let object: Value = serde_json::from_str(call["json"].as_str().unwrap()).unwrap();
    assert_eq!(&object, server.calls()[0].object());
    assert!(call["json"].as_str().unwrap().contains("18446744073709551615"));

    let (_, news) = Feed::open(&server, None).next();
    let searchable = news["calls"][0][8].as_str().unwrap();
    assert!(searchable.len() <= 2_000 && searchable.ends_with('é'), "{}", searchable.len());

    post(&server, "identify", &json!([{"user_id": "u".repeat(1_000_000)}]));
    let (_, news) = Feed::open(&server, None).next();
    assert_eq!(news["calls"][1][4].as_str().unwrap().len(), 300);
}

#[test]
fn flows_of_users() {
    let server = start();
    let track = |user: &str, name: &str| json!({"event_name": name, "user_id": user});
    post(&server, "identify", &json!([{"user_id": "good one"}]));
    post(&server, "track", &json!([track("good one", "signed_in"), track("bad&one", "signed_in")]));

    let all = get_json(&server, "/page/flows");
    assert_eq!((&all["users"], &all["with_breaches"]), (&json!(2), &json!(1)));
    assert_eq!(
        all["flows"],
        json!([
            {"user": "bad&one", "calls": 1, "breaches": 1, "hints": 1},
            {"user": "good one", "calls": 2, "breaches": 0, "hints": 1},
        ])
    );
    assert_eq!(get_json(&server, "/page/flows?user=good+one")["flows"].as_array().unwrap().len(), 1);

    let bad = get_json(&server, "/page/flow?user=bad%26one");
    assert_eq!(bad["steps"].as_array().unwrap().len(), 1);
    assert!(bad["steps"][0]["breaches"][0].as_str().unwrap().starts_with("before any identify"));
    assert!(bad["steps"][0]["hints"][0].as_str().unwrap().ends_with("(rule `group_on_login`)"));
    assert_eq!(get_json(&server, "/page/call/2")["warnings"].as_array().unwrap().len(), 3);
    let good = get_json(&server, "/page/flow?user=good%20one");
    assert_eq!(
        good["steps"].as_array().unwrap().iter().map(|step| &step["call"]).collect::<Vec<_>>(),
        ["identify", "track"]
    );
    assert_eq!(get_json(&server, "/page/flow?user=nobody")["steps"], json!([]));
}
