//! Functions that return futures: each does what it does without the attribute, switched off and with a listener.

use std::cell::RefCell;
use std::future::{Future, poll_fn, ready};
use std::panic::{RefUnwindSafe, UnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use thrivestack::testing::capture;
use thrivestack::track_event;

type Log = Rc<RefCell<Vec<&'static str>>>;

/// Tells when it is dropped.
struct Held(Log, &'static str);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

/// A future that is ready each time it is polled, and holds something.
struct Fused(#[expect(dead_code)] Held);

impl Future for Fused {
    type Output = u8;

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<u8> {
        Poll::Ready(7)
    }
}

/// Defines a function three times: without the attribute, and twice with it.
macro_rules! both {
    ($(fn $name:ident($($argument:ident: $ty:ty),*) -> $ret:ty $body:block)*) => {
        mod bare {
            use super::*;
            $(pub(super) fn $name($($argument: $ty),*) -> $ret $body)*
        }
        mod tracked {
            use super::*;
            $(#[track_event("report_exported", user_id = 1)]
            pub(super) fn $name($($argument: $ty),*) -> $ret $body)*
        }
    };
}

both! {
    fn boxed(log: Log) -> Pin<Box<dyn Future<Output = u8>>> { Box::pin(Fused(Held(log, "held"))) }
    fn spelled(log: Log) -> impl Future<Output = u8> { Fused(Held(log, "held")) }
    fn unpinned(log: Log) -> impl Future<Output = u8> + Unpin { Fused(Held(log, "held")) }
    fn boxed_unpinned(log: Log) -> Pin<Box<dyn Future<Output = u8> + Unpin>> { Box::pin(Fused(Held(log, "held"))) }
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Records the steps of a future that is polled twice and dropped.
fn life<F: Future<Output = u8>>(make: impl FnOnce(Log) -> F) -> Vec<&'static str> {
    let log = Log::default();
    {
        let mut future = pin!(make(log.clone()));
        assert_eq!(poll(future.as_mut()), Poll::Ready(7));
        log.borrow_mut().push("ready");
        assert_eq!(poll(future.as_mut()), Poll::Ready(7));
        log.borrow_mut().push("polled again");
    }
    log.take()
}

#[test]
fn a_future_drops_what_it_holds_when_it_is_dropped_and_may_be_polled_again() {
    let expected = ["ready", "polled again", "held"];
    let lives = || {
        [life(tracked::boxed), life(tracked::spelled), life(tracked::unpinned), life(tracked::boxed_unpinned)]
    };
    assert_eq!(
        [life(bare::boxed), life(bare::spelled), life(bare::unpinned), life(bare::boxed_unpinned)],
        [expected; 4]
    );
    assert_eq!(lives(), [expected; 4], "switched off");
    let events = capture();
    assert_eq!(lives(), [expected; 4], "with a listener");
    assert_eq!(events.all().len(), 4, "one event each, however often they are polled");
}

#[track_event("report_exported", user_id = 1)]
fn cloned() -> impl Future<Output = u8> + Clone + Send + 'static {
    ready(3)
}

#[test]
fn the_clones_of_a_future_share_one_event() {
    let events = capture();
    let first = cloned();
    let second = first.clone();
    drop(first);
    assert_eq!(poll(pin!(second.clone())), Poll::Ready(3));
    assert_eq!(poll(pin!(second)), Poll::Ready(3));
    assert_eq!(events.all().len(), 1);
}

#[track_event("report_exported", user_id = 1, properties(name, rows = |rows| *rows))]
async fn awaited(name: String) -> usize {
    ready(()).await;
    name.len()
}

#[track_event("report_exported", user_id = 1)]
fn unwind_safe() -> impl Future<Output = u8> + UnwindSafe + RefUnwindSafe {
    ready(1)
}

#[test]
fn a_future_keeps_its_auto_traits() {
    fn all<F: Future + Send + Sync + UnwindSafe + 'static>(future: F) -> F {
        future
    }
    let future = all(awaited("abc".to_owned()));
    drop(all(unwind_safe()));
    let polled = catch_unwind(move || match poll(pin!(future)) {
        Poll::Ready(rows) => rows,
        Poll::Pending => 0,
    });
    assert_eq!(polled.unwrap(), 3);
}

/// A queue of futures whose output may borrow.
struct Queue<'a, U>(Vec<Pin<Box<dyn Future<Output = U> + Send + 'a>>>);

impl<'a, U: 'a> Queue<'a, U> {
    #[track_event("report_exported", user_id = 1)]
    fn next(&mut self) -> Pin<Box<dyn Future<Output = U> + Send + 'a>> {
        self.0.remove(0)
    }
}

#[test]
fn a_boxed_future_of_a_generic_output_is_decided_by_what_it_is() {
    let events = capture();
    let name = "abc".to_owned();
    let mut queue = Queue(vec![Box::pin(ready(Ok::<&str, u8>(&name))) as _, Box::pin(ready(Err(1_u8))) as _]);
    assert_eq!(poll(queue.next().as_mut()), Poll::Ready(Ok::<_, u8>("abc")));
    assert_eq!(poll(queue.next().as_mut()), Poll::Ready(Err(1_u8)));
    assert_eq!(events.all().len(), 1);
}

#[track_event("report_exported", user_id = 1, properties(
    early = { order.borrow_mut().push("value"); 1 },
    late = |_| order.borrow_mut().push("closure"),
))]
async fn in_order(order: &RefCell<Vec<&'static str>>) {
    order.borrow_mut().push("body");
}

#[test]
fn an_async_function_takes_its_values_when_it_is_first_polled() {
    let order = RefCell::new(Vec::new());
    let future = in_order(&order);
    order.borrow_mut().push("called");
    let events = capture();
    assert!(poll(pin!(future)).is_ready());
    assert_eq!(events.all().len(), 1, "nobody listened when it was called");
    assert_eq!(*order.borrow(), ["called", "value", "body", "closure"]);
}

#[track_event("report_exported", user_id = _owner)]
async fn pending_once(_owner: u8) {
    let mut is_ready = false;
    poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut is_ready, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[test]
fn a_future_that_is_dropped_early_sends_nothing() {
    let events = capture();
    let mut future = Box::pin(pending_once(3));
    assert!(poll(future.as_mut()).is_pending());
    drop(future);
    let mut future = Box::pin(pending_once(4));
    assert!(poll(future.as_mut()).is_pending());
    assert!(poll(future.as_mut()).is_ready());
    let sent: Vec<_> = events.all().iter().map(|event| event.user_id().map(str::to_owned)).collect();
    assert_eq!(sent, [Some("4".to_owned())]);
}
