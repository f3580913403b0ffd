//! The shapes of functions that `#[track_event]` takes. Each is compiled without the attribute, with it, and with it and a
//! client of its own, which expand differently. All must do the same: the value, the panic, and what is dropped in which
//! order. What they send is compared with the expectation beside each.

use std::any::Any;
use std::cell::RefCell;
use std::fmt::Debug;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::task::Poll;

use serde_json::Value;
use thrivestack::Client;

use thrivestack_tests::{Local, start};

#[allow(clippy::all, clippy::pedantic, reason = "what users may write, not what they should")]
mod corpus_async;
#[allow(clippy::all, clippy::pedantic, reason = "what users may write, not what they should")]
mod corpus_bodies;
#[allow(clippy::all, clippy::pedantic, reason = "what users may write, not what they should")]
mod corpus_returns;
#[allow(clippy::all, clippy::pedantic, reason = "what users may write, not what they should")]
mod corpus_signatures;

/// One function, without the attribute and with it.
struct Shape {
    name: &'static str,
    bare: fn() -> String,
    tracked: fn() -> String,
    tracked_by_client: fn() -> String,
    /// The properties of each event, as JSON.
    events: &'static [&'static str],
}

/// Defines shapes: a name, the attribute's arguments, what stands around the function, the function, a call of it,
/// and the events. `in (impl ..) { .. }` puts the function into an impl or trait, beside other items.
macro_rules! shapes {
    ($($name:ident ($($args:tt)*) $around:tt $(in $header:tt $beside:tt)? [$($function:tt)*] $run:block => [$($event:literal),*];)*) => {
        $(mod $name {
            // Some arguments are there for the event alone.
            #[allow(unused_variables, unused_assignments, dead_code)]
            mod bare {
                $crate::attribute_shapes::shape!($around ($($header $beside)?) [$($function)*]);
                pub(super) fn run() -> String { trace(|| $run) }
            }
            #[allow(unused_assignments)]
            mod tracked {
                const EVENT: &str = stringify!($name);
                $crate::attribute_shapes::shape!($around ($($header $beside)?) [
                    #[thrivestack::track_event(EVENT, user_id = 7, $($args)*)] $($function)*
                ]);
                pub(super) fn run() -> String { trace(|| $run) }
            }
            #[allow(unused_assignments)]
            mod tracked_by_client {
                const EVENT: &str = stringify!($name);
                $crate::attribute_shapes::shape!($around ($($header $beside)?) [
                    #[thrivestack::track_event(EVENT, user_id = 7, client = client(), $($args)*)] $($function)*
                ]);
                pub(super) fn run() -> String { trace(|| $run) }
            }
            pub(super) const SHAPE: super::super::Shape = super::super::Shape {
                name: stringify!($name),
                bare: bare::run,
                tracked: tracked::run,
                tracked_by_client: tracked_by_client::run,
                events: &[$($event),*],
            };
        })*
        pub(super) const SHAPES: &[super::Shape] = &[$($name::SHAPE),*];
    };
}

macro_rules! shape {
    ({$($around:tt)*} () [$($function:tt)*]) => {
        #[allow(unused_imports)]
        use $crate::attribute_shapes::prelude::*;
        $($around)*
        $($function)*
    };
    ({$($around:tt)*} (($($header:tt)*) {$($beside:tt)*}) [$($function:tt)*]) => {
        #[allow(unused_imports)]
        use $crate::attribute_shapes::prelude::*;
        $($around)*
        $($header)* { $($beside)* $($function)* }
    };
}

use {shape, shapes};

/// What the shapes use.
mod prelude {
    pub(super) use std::fmt::{Debug, Display};
    pub(super) use std::future::Future;
    pub(super) use std::pin::Pin;
    pub(super) use std::rc::Rc;
    pub(super) use std::sync::Arc;
    pub(super) use std::task::Poll;

    pub(super) use super::{Loud, client, poll_once, trace, wait};
}

static LOCAL: OnceLock<Local> = OnceLock::new();

fn client() -> &'static Client {
    &LOCAL.get_or_init(start).client
}

thread_local! {
    static DROPPED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A value that tells when it is dropped.
#[derive(Debug)]
struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0.to_owned()));
    }
}

/// What a call did: its value or panic, and what it dropped.
fn trace<T: Debug>(call: impl FnOnce() -> T) -> String {
    DROPPED.take();
    let result = catch_unwind(AssertUnwindSafe(call)).map_err(|panic| message(&*panic));
    format!("{result:?}, dropped {:?}", DROPPED.take())
}

fn message(panic: &dyn Any) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref().cloned())
        .unwrap_or_default()
}

/// Polls a future once.
async fn poll_once<F: Future + ?Sized>(mut future: std::pin::Pin<&mut F>) {
    std::future::poll_fn(|context| {
        let _pending = future.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
}

fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn text(properties: Option<&Value>) -> String {
    properties.map(ToString::to_string).unwrap_or_default()
}

#[test]
fn every_shape_does_what_it_did_and_sends_what_it_should() {
    let groups = [
        ("signatures", corpus_signatures::SHAPES),
        ("returns", corpus_returns::SHAPES),
        ("bodies", corpus_bodies::SHAPES),
        ("async", corpus_async::SHAPES),
    ];
    let mut wrong = Vec::new();
    for shape in groups.iter().flat_map(|(_, shapes)| shapes.iter()) {
        let mut compare = |how, done: String, sent: Option<Vec<String>>| {
            let bare = (shape.bare)();
            if bare != done {
                wrong.push(format!("{} {how}: {done}\n  without the attribute: {bare}", shape.name));
            }
            if sent.as_ref().is_some_and(|sent| sent != shape.events) {
                wrong.push(format!("{} {how} sent {sent:?} instead of {:?}", shape.name, shape.events));
            }
        };
        let local = LOCAL.get_or_init(start);
        let done = (shape.tracked_by_client)();
        let calls = local.calls();
        let sent = calls.iter().filter(|call| call.event_name() == Some(shape.name));
        compare(
            "with a client",
            done,
            Some(sent.map(|call| text(call.object().get("properties"))).collect()),
        );

        let capture = thrivestack::testing::capture();
        let done = (shape.tracked)();
        let sent = capture.all();
        drop(capture);
        compare("", done, Some(sent.iter().map(|event| text(event.object().get("properties"))).collect()));

        compare("switched off", (shape.tracked)(), None);
    }
    for (name, shapes) in groups {
        println!("{name}: {} shapes", shapes.len());
    }
    assert!(wrong.is_empty(), "{} shapes are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
