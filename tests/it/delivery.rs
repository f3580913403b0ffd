//! From the queue to the server: order, batches, retries, parking.

use std::time::Duration;

use thrivestack::{Client, Config, DropReason};
use thrivestack_local::{Endpoint, LocalKey, LocalRequest, LocalServer};

use thrivestack_tests::{LONG, config, start, start_with};
use thrivestack_tests::{Reply, Scripted};

fn client_of(server: &Scripted) -> Client {
    let config = Config::new("key").endpoint(server.endpoint()).flush_interval(Duration::from_millis(20));
    Client::new(config).unwrap()
}

#[test]
fn five_thousand_events_arrive_in_order_once_in_few_requests() {
    let local = start();
    for number in 0..5_000 {
        local.client.track("report_created").user_id("u").group_id("a").with("number", number).send();
    }
    let calls = local.calls();
    let numbers: Vec<_> =
        calls.iter().map(|call| call.property("number").unwrap().as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..5_000).collect::<Vec<_>>());
    let requests = local.server.requests();
    assert!(requests.len() <= 12, "{} requests", requests.len());
    assert!(requests.iter().all(|request| request.status() == 200 && request.objects() <= 1_000));
    let stats = local.client.stats();
    assert_eq!(
        (stats.accepted(), stats.delivered(), stats.pending(), stats.dropped_total()),
        (5_000, 5_000, 0, 0)
    );
    assert_eq!((stats.requests(), stats.retries()), (requests.len() as u64, 0));
}

#[test]
fn identify_goes_before_group_before_track_and_page() {
    let local = start_with(|config| config.flush_interval(LONG));
    let client = &local.client;
    client.page("Home").user_id("u").send();
    client.track("signed_up").user_id("u").send();
    client.track("account_created").user_id("u").group_id("a").with("account_name", "Acme").send();
    client.group("a").user_id("u").group_type("Account").send();
    client.identify("u").send();
    let order: Vec<_> =
        local.calls().iter().map(|call| (call.endpoint(), call.event_name().map(str::to_owned))).collect();
    assert_eq!(
        order,
        [
            (Endpoint::Identify, None),
            (Endpoint::Group, None),
            (Endpoint::Track, Some("signed_up".to_owned())),
            (Endpoint::Track, Some("account_created".to_owned())),
            (Endpoint::Page, None),
        ]
    );
}

#[test]
fn events_of_many_threads_all_arrive_each_thread_in_its_order() {
    let local = start();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let client = local.client.clone();
            scope.spawn(move || {
                for number in 0..1_000 {
                    client.track("report_created").user_id(thread).with("number", number).send();
                }
            });
        }
    });
    let calls = local.calls();
    for thread in 0..4 {
        let thread = thread.to_string();
        let of_thread = calls.iter().filter(|call| call.user_id() == Some(&thread));
        let numbers: Vec<_> =
            of_thread.map(|call| call.property("number").unwrap().as_u64().unwrap()).collect();
        assert_eq!(numbers, (0..1_000).collect::<Vec<_>>());
    }
}

#[test]
fn batches_keep_to_the_configured_limits() {
    let local = start_with(|config| config.max_batch_events(10).max_batch_bytes(1_500));
    for number in 0..100 {
        local.client.track("report_created").user_id("u").with("text", "x".repeat(number * 3)).send();
    }
    assert_eq!(local.calls().len(), 100);
    for request in local.server.requests() {
        assert!(
            request.objects() <= 10 && (request.body_bytes() <= 1_500 || request.objects() == 1),
            "{request:?}"
        );
    }
}

#[test]
fn a_full_batch_does_not_wait_for_the_flush_interval() {
    let local = start_with(|config| config.flush_interval(LONG).max_batch_events(5));
    for _ in 0..5 {
        local.client.track("signed_in").user_id("u").send();
    }
    local.server.wait_for(5, LONG / 2).unwrap();
}

#[test]
fn a_lone_event_arrives_after_one_flush_interval() {
    let local = start();
    local.client.track("signed_in").user_id("u").send();
    local.server.wait_for(1, LONG).unwrap();
}

#[test]
fn what_may_pass_is_sent_again_with_the_same_bytes() {
    for failure in
        [Reply::status(408), Reply::status(429), Reply::status(500), Reply::status(503), Reply::Reset]
    {
        let server = Scripted::start([failure]);
        let client = client_of(&server);
        client.track("signed_in").user_id("u").send();
        assert!(client.flush(LONG));
        let requests = server.requests();
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[0].body, requests[1].body);
        let stats = client.stats();
        assert_eq!((stats.delivered(), stats.requests(), stats.retries()), (1, 2, 1));
    }
}

#[test]
fn a_server_that_asks_for_patience_is_not_asked_sooner() {
    let server = Scripted::start([Reply::with_header(429, "retry-after: 1")]);
    let client = client_of(&server);
    client.track("signed_in").user_id("u").send();
    let requests = server.wait_for(2, LONG);
    assert!(requests[1].at - requests[0].at >= Duration::from_secs(1));
}

#[test]
fn a_retry_holds_up_later_calls_and_later_waves() {
    let server = Scripted::start([Reply::status(500), Reply::status(502)]);
    let client = client_of(&server);
    client.track("account_created").user_id("u").group_id("a").with("account_name", "Acme").send();
    client.group("a").user_id("u").group_type("Account").send();
    server.wait_for(1, LONG);
    client.identify("u2").send();
    assert!(client.flush(LONG));
    let paths: Vec<_> = server.requests().iter().map(|request| request.path().to_owned()).collect();
    assert_eq!(paths, ["/api/group", "/api/group", "/api/group", "/api/track", "/api/identify"]);
}

#[test]
fn a_server_that_is_not_there_yet_gets_everything_later() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let key = LocalKey::new("test").scope("telemetry_apis");
    let config = Config::new(key.secret()).endpoint(format!("http://{address}/api"));
    let client = Client::new(config.flush_interval(Duration::from_millis(20))).unwrap();
    client.track("signed_in").user_id("u").send();
    assert!(!client.flush(Duration::from_millis(200)));
    assert_eq!(client.stats().pending(), 1);
    let server = LocalServer::builder().key(key).port(address.port()).start().unwrap();
    server.wait_for(1, LONG).unwrap();
}

#[test]
fn a_refused_key_parks_and_a_new_one_delivers_everything() {
    let server = LocalServer::builder()
        .key(LocalKey::new("old").scope("telemetry_apis").expires_at(std::time::UNIX_EPOCH))
        .start()
        .unwrap();
    let expired = LocalKey::new("unknown");
    let client = Client::new(config(&server, &expired)).unwrap();
    client.identify("u").send();
    client.track("signed_in").user_id("u").send();
    server.wait_for_requests(2, LONG).unwrap();
    client.track("signed_out").user_id("u").send();
    assert!(!client.flush(Duration::from_millis(100)), "it waits for a key that may come");
    assert_eq!(server.requests().len(), 2, "one attempt an endpoint");
    assert_eq!(client.stats().pending(), 3);

    let key = LocalKey::new("new").scope("telemetry_apis");
    server.add_key(key.clone()).unwrap();
    client.set_api_key(key.secret()).unwrap();
    assert!(client.flush(LONG));
    assert_eq!(server.calls().len(), 3);
    assert_eq!(client.stats().delivered(), 3);
}

#[test]
fn a_key_for_one_call_parks_the_others_only() {
    let key = LocalKey::new("tracks").scope("track_api");
    let server = LocalServer::builder().key(key.clone()).start().unwrap();
    let client = Client::new(config(&server, &key)).unwrap();
    client.identify("u").send();
    client.track("signed_in").user_id("u").send();
    server.wait_for(1, LONG).unwrap();
    client.track("signed_out").user_id("u").send();
    let calls = server.wait_for(2, LONG).unwrap();
    assert!(calls.iter().all(|call| call.endpoint() == Endpoint::Track));
    assert!(!client.shutdown(), "the identify call never had a chance");
    assert_eq!((client.stats().delivered(), client.stats().dropped(DropReason::ShutDown)), (2, 1));
}

#[test]
fn a_key_that_is_rotated_in_its_file_is_read_again() {
    let key = LocalKey::new("rotated").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "the key of yesterday\n".replace(' ', "-")).unwrap();
    let config = Config::with_key_file(&file).endpoint(server.endpoint());
    let client = Client::new(config.flush_interval(Duration::from_millis(20))).unwrap();
    std::fs::write(&file, format!("{}\r\n", key.secret())).unwrap();
    client.track("signed_in").user_id("u").send();
    assert!(client.flush(LONG));
    let statuses: Vec<_> = server.requests().iter().map(LocalRequest::status).collect();
    assert_eq!(statuses, [401, 200]);
}

#[test]
fn a_redirect_is_not_followed_and_parks() {
    let elsewhere = Scripted::start([]);
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/track", elsewhere.endpoint());
        let server = Scripted::start_then([], Reply::with_header(status, &location));
        let client = client_of(&server);
        client.track("signed_in").user_id("u").send();
        server.wait_for(1, LONG);
        assert!(!client.flush(Duration::from_millis(50)));
        assert_eq!((client.stats().delivered(), client.stats().pending()), (0, 1), "{status}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn what_the_server_refuses_for_good_is_dropped_and_counted() {
    let server = Scripted::start([Reply::with_body(400, "x: y", r#"{"message":"no"}"#)]);
    let client = client_of(&server);
    client.identify("u").send();
    client.track("signed_in").user_id("u").send();
    assert!(client.flush(LONG), "what is dropped is no longer pending");
    let stats = client.stats();
    assert_eq!((stats.delivered(), stats.dropped(DropReason::RefusedByServer), stats.pending()), (1, 1, 0));
}

#[test]
fn any_answer_of_success_delivers_whatever_it_says() {
    for body in ["", "{}", r#"{"success":true,"eventId":"evt_1"}"#, "<html>", r#"{"success":tr"#] {
        let server = Scripted::start([Reply::with_body(200, "x: y", body)]);
        let client = client_of(&server);
        client.track("signed_in").user_id("u").send();
        assert!(client.flush(LONG));
        assert_eq!((client.stats().delivered(), server.requests().len()), (1, 1), "{body}");
    }
}
