//! The client of the process, from a failed start to its shutdown. One test, since there is one client.

use thrivestack::{Client, Config, ErrorKind, Rejected, track_event};
use thrivestack_local::{LocalKey, LocalServer};
use thrivestack_tests::LONG;

#[track_event("report_created", user_id = user, group_id = "a1", properties(pages, double = |double| *double))]
fn create_report(user: u32, pages: u32) -> Result<u32, String> {
    if pages == 0 { Err("nothing to report".to_owned()) } else { Ok(pages * 2) }
}

#[test]
fn the_client_of_the_process_lives_once() {
    // A service starts without its key, and goes on without telemetry.
    drop(thrivestack::init_or_disabled(Ok(Config::new(""))));
    assert!(!thrivestack::is_enabled());
    assert_eq!(thrivestack::init(Config::new("a b")).unwrap_err().kind(), ErrorKind::InvalidKey);
    assert_eq!(create_report(1, 1), Ok(2));

    let key = LocalKey::new("test").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().unwrap();
    let config = || Config::new(key.secret()).endpoint(server.endpoint());
    let guard = thrivestack::init(config()).unwrap();

    // The second start changes nothing, not even when its guard is dropped.
    assert_eq!(thrivestack::init(config()).unwrap_err().kind(), ErrorKind::AlreadyInitialized);
    drop(thrivestack::init_or_disabled(Ok(config())));
    assert!(thrivestack::is_enabled());

    assert_eq!(create_report(7, 3), Ok(6));
    assert!(create_report(7, 0).is_err());
    thrivestack::track!("report_exported", user_id = 7, group_id = "a1");
    thrivestack::track("report_deleted").user_id(7).group_id("a1").send();
    assert!(thrivestack::flush(LONG));
    let names = || -> Vec<String> {
        server.calls().iter().map(|call| call.event_name().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names(), ["report_created", "report_exported", "report_deleted"]);
    let calls = server.calls();
    assert_eq!((calls[0].user_id(), calls[0].group_id()), (Some("7"), Some("a1")));
    assert_eq!(calls[0].property("pages").zip(calls[0].property("double")), Some((&3.into(), &6.into())));

    // Consent is withdrawn and given again.
    thrivestack::set_enabled(false);
    assert_eq!(create_report(7, 3), Ok(6));
    assert_eq!(thrivestack::track("report_deleted").user_id(7).try_send(), Err(Rejected::Disabled));
    thrivestack::set_enabled(true);
    assert!(thrivestack::flush(LONG));
    assert_eq!(names().len(), 3);

    // A call that was begun with the free function goes with whichever client sends it.
    let other = LocalServer::builder().key(key.clone()).start().unwrap();
    let client = Client::new(Config::new(key.secret()).endpoint(other.endpoint())).unwrap();
    client.send(thrivestack::track("report_shared").user_id(7));
    assert!(client.flush(LONG));
    assert_eq!(other.calls()[0].event_name(), Some("report_shared"));

    thrivestack::track("report_deleted").user_id(7).group_id("a1").send();
    drop(guard);
    assert_eq!(names().len(), 4, "the guard's drop delivers");
    assert_eq!(create_report(7, 3), Ok(6));
    assert_eq!(thrivestack::track("report_deleted").user_id(7).try_send(), Err(Rejected::ShutDown));
    let stats = thrivestack::stats();
    assert_eq!((stats.accepted(), stats.delivered(), stats.dropped_total()), (4, 4, 0));
}
