//! What a spool holds, and what is dropped of it.

use super::*;

/// Damages the event in the middle, which is in the middle of the only file.
fn damage_the_middle(case: &Case) {
    let [segment] = &segments(case)[..] else { panic!("one segment") };
    let mut bytes = std::fs::read(segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(segment, &bytes).unwrap();
}

#[test]
fn a_full_spool_refuses_what_is_new_and_keeps_what_is_old() {
    let case = Case::new();
    let client = case.stranded_with(|config| config.spool_bytes(20_000));
    let mut accepted = 0;
    let refused = loop {
        let call = client.track("report_created").user_id("u").with("number", accepted);
        match call.try_send() {
            Ok(()) => accepted += 1,
            Err(reason) => break reason,
        }
    };
    assert_eq!(refused, Rejected::SpoolFull);
    assert_eq!(client.stats().rejected(Rejected::SpoolFull), 1);
    let bytes: u64 = segments(&case).iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(bytes <= 20_000 && bytes > 15_000, "{bytes} bytes");
    drop(client);

    let client = Client::new(case.config().spool_bytes(20_000)).unwrap();
    assert!(client.flush(LONG));
    assert_eq!(case.numbers(), (0..accepted).collect::<Vec<_>>());
    // There is room again.
    emit(&client, accepted..accepted * 3);
    assert!(client.flush(LONG));
    assert!(client.stats().accepted() > accepted);
}

#[test]
fn more_than_memory_may_hold_waits_on_disk() {
    let case = Case::new();
    let text = "x".repeat(10_000);
    let client = case.stranded_with(|config| config.queue_bytes(100_000));
    for number in 0..100_u64 {
        client
            .track("report_created")
            .user_id("u")
            .with("number", number)
            .with("text", &text)
            .try_send()
            .unwrap();
    }
    drop(client);
    let client = Client::new(case.config().queue_bytes(100_000)).unwrap();
    assert!(client.flush(LONG), "{:?}", client.stats());
    assert_eq!(case.numbers(), (0..100).collect::<Vec<_>>());
}

#[test]
fn a_shutdown_with_more_parked_than_memory_may_hold_returns_at_once() {
    let case = Case::new();
    let server = Scripted::start_then([], Reply::status(401));
    let config = case.config().endpoint(server.endpoint()).queue_bytes(20_000).shutdown_timeout(LONG);
    let client = Client::new(config).unwrap();
    emit(&client, 0..200);
    server.wait_for(1, LONG);
    let start = Instant::now();
    assert!(!client.shutdown());
    assert!(start.elapsed() < LONG / 2);
    assert_eq!((client.stats().accepted(), client.stats().pending()), (200, 200));
    let client = case.client();
    assert!(client.flush(LONG));
    assert_eq!(case.numbers(), (0..200).collect::<Vec<_>>());
}

#[test]
fn what_is_too_old_is_dropped_and_counted() {
    let case = Case::new();
    case.leave(3);
    let left_at = SystemTime::now();
    wait_until("a few milliseconds have passed", || {
        left_at.elapsed().is_ok_and(|elapsed| elapsed > Duration::from_millis(20))
    });
    let client = Client::new(case.config().spool_max_age(Duration::from_millis(10))).unwrap();
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!((stats.accepted(), stats.dropped(DropReason::Expired)), (3, 3), "{stats:?}");
    drop(client);
    assert!(case.is_empty() && case.numbers().is_empty());
}

#[test]
fn what_a_hook_drops_is_forgotten() {
    let case = Case::new();
    case.leave(4);
    let config = case.config().before_send(|payload| {
        let number = payload.properties()["number"].as_u64();
        if number.is_some_and(|number| number % 2 == 0) { Decision::Drop } else { Decision::Send }
    });
    let client = Client::new(config).unwrap();
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!((stats.delivered(), stats.dropped(DropReason::Hook)), (2, 2));
    drop(client);
    assert_eq!(case.numbers(), [1, 3]);
    assert!(case.is_empty(), "{:?}", case.files());
}

#[test]
fn what_the_server_refuses_is_forgotten() {
    let case = Case::new();
    case.leave(1);
    let server = Scripted::start_then([], Reply::status(400));
    let client = Client::new(case.config().endpoint(server.endpoint())).unwrap();
    assert!(client.flush(LONG));
    assert_eq!(client.stats().dropped(DropReason::RefusedByServer), 1);
    drop(client);
    assert!(case.is_empty(), "{:?}", case.files());
}

#[test]
fn a_damaged_record_costs_itself_and_is_counted() {
    let case = Case::new();
    case.leave(9);
    damage_the_middle(&case);
    let client = case.client();
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!((stats.accepted(), stats.delivered(), stats.dropped(DropReason::Damaged)), (9, 8, 1));
    assert_eq!(case.numbers(), [0, 1, 2, 3, 5, 6, 7, 8]);
    drop(client);
    assert!(case.is_empty(), "{:?}", case.files());
}

#[test]
fn a_record_that_is_damaged_while_it_waits_costs_itself() {
    let case = Case::new();
    let client = Client::new(case.config().flush_interval(LONG)).unwrap();
    emit(&client, 0..9);
    damage_the_middle(&case);
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!((stats.accepted(), stats.delivered(), stats.dropped(DropReason::Damaged)), (9, 8, 1));
    assert_eq!(case.numbers(), [0, 1, 2, 3, 5, 6, 7, 8]);
}

#[test]
fn a_cursor_that_is_damaged_costs_nothing() {
    let case = Case::new();
    case.leave(3);
    let [segment] = &segments(&case)[..] else { panic!("one segment") };
    std::fs::write(segment.with_file_name("cursor"), b"what is this").unwrap();
    let client = case.client();
    assert!(client.flush(LONG));
    assert_eq!(case.numbers(), [0, 1, 2]);
}

#[test]
fn events_are_counted_at_every_moment() {
    let case = Case::new();
    let server = Scripted::start((0..20).map(|number| match number % 4 {
        0 => Reply::status(200),
        1 => Reply::with_header(429, "retry-after: 0"),
        2 => Reply::status(400),
        _ => Reply::Reset,
    }));
    let config = case.config().endpoint(server.endpoint()).flush_interval(Duration::from_millis(1));
    let client = Client::new(config.max_batch_events(50)).unwrap();
    let mut looks = 0;
    std::thread::scope(|threads| {
        let sending = threads.spawn(|| emit(&client, 0..2_000));
        while !sending.is_finished() || looks < 1_000 {
            let stats = client.stats();
            assert_eq!(stats.accepted(), stats.delivered() + stats.pending() + stats.dropped_total());
            looks += 1;
        }
    });
    assert!(client.flush(LONG));
    let stats = client.stats();
    assert_eq!((stats.accepted(), stats.pending()), (2_000, 0));
    drop(client);
    assert!(case.is_empty(), "{:?}", case.files());
}

#[test]
fn a_disk_that_fails_has_events_go_through_memory_until_it_works_again() {
    let case = Case::new();
    // Small segments, so that a new one is needed soon.
    let client = Client::new(case.config().spool_bytes(80_000)).unwrap();
    let own = case.only();
    let durable = |number: u64| {
        let call = client.track("report_created").user_id("u").with("number", number);
        call.send_durable().wait()
    };
    assert_eq!(durable(0), Ok(()));
    std::fs::remove_dir_all(&own).unwrap();
    let mut number = 1;
    while durable(number) == Ok(()) {
        number += 1;
        assert!(number < 100, "the directory is gone, and new segments are made");
    }
    assert_eq!(durable(number + 1), Err(Rejected::NotDurable));
    std::fs::create_dir(&own).unwrap();
    let start = Instant::now();
    number += 2;
    while durable(number) != Ok(()) {
        number += 1;
        assert!(start.elapsed() < LONG, "the disk is tried again");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(client.flush(LONG));
    let delivered: BTreeSet<_> = case.numbers().into_iter().collect();
    assert_eq!(delivered, (0..=number).collect(), "{:?}", client.stats());
    assert_eq!(client.stats().delivered(), number + 1);
}
