//! Before `init`, annotated functions and builders cost next to nothing. A process of its own: nobody initializes it.

use std::cell::Cell;

use serde::{Serialize, Serializer};
use thrivestack::{Rejected, track_event};

thread_local!(static EVALUATED: Cell<u32> = const { Cell::new(0) });

fn evaluated<T>(value: T) -> T {
    EVALUATED.with(|count| count.set(count.get() + 1));
    value
}

struct Counted;

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(evaluated(1))
    }
}

#[track_event("report_created", user_id = evaluated(1), group_id = evaluated(2), timestamp = evaluated(std::time::SystemTime::now()),
    properties(pages = evaluated(pages), total = |total| evaluated(*total)), context(region = evaluated("eu")))]
fn create_report(pages: u32) -> Result<u32, ()> {
    Ok(pages * 2)
}

#[track_event("report_created", user_id = evaluated(1), properties(pages = evaluated(pages), total = |total| evaluated(*total)))]
async fn create_report_later(pages: u32) -> Result<u32, ()> {
    Ok(pages * 2)
}

#[test]
fn no_argument_is_evaluated_and_nothing_is_allocated() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let measured = allocation_counter::measure(|| {
        assert_eq!(create_report(21), Ok(42));
        thrivestack::track!("report_created", user_id = evaluated(1), properties(pages = evaluated(3)));
    });
    assert_eq!(measured.count_total, 0);
    runtime.block_on(async {
        let mut later = std::pin::pin!(create_report_later(21));
        let mut result = None;
        let measured = allocation_counter::measure(|| {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            result = Some(std::future::Future::poll(later.as_mut(), &mut context));
        });
        assert_eq!(result, Some(std::task::Poll::Ready(Ok(42))));
        assert_eq!(measured.count_total, 0);
    });
    assert_eq!(EVALUATED.get(), 0);
}

#[test]
fn builders_serialize_nothing_and_say_that_telemetry_is_off() {
    let measured = allocation_counter::measure(|| {
        let call =
            thrivestack::track("report_created").user_id(1).with("pages", Counted).context("region", Counted);
        assert_eq!(call.try_send(), Err(Rejected::Disabled));
        thrivestack::identify(1).with("plan", Counted).send();
        thrivestack::group(1).user_id(1).group_type("Account").with("plan", Counted).send();
        thrivestack::page("Homepage").user_id(1).with("page_url", Counted).send();
    });
    assert_eq!((EVALUATED.get(), measured.count_total), (0, 0));
}

#[test]
fn the_free_functions_are_harmless() {
    let moment = std::time::Duration::from_secs(1);
    assert!(thrivestack::flush(moment) && thrivestack::shutdown() && !thrivestack::is_enabled());
    thrivestack::set_enabled(true);
    assert!(!thrivestack::is_enabled());
    assert_eq!(thrivestack::stats().accepted(), 0);
    assert_eq!(thrivestack::set_api_key("key").unwrap_err().kind(), thrivestack::ErrorKind::NotRunning);
}
