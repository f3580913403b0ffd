//! One function without an event and with several kinds of it, synchronous and asynchronous.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use thrivestack::track_event;

/// An id as a caller has it.
pub const USER: &str = "6f1f0b34-9a3e-4c38-8a1e-6f4d9b3f2a10";
/// An id as a caller has it.
pub const ACCOUNT: &str = "b0a7f9d2-4b1c-4c55-9d5e-2f6f4c1e8d77";
/// The longest of the properties.
pub const TITLE: &str = "Quarterly report #42";

/// Why no report was made; it never happens here.
#[derive(Debug)]
pub struct NoReport;

/// A function as the cases call it.
pub type Function = fn(&str, &str, u64, bool, &str) -> Result<u64, NoReport>;

/// Calls a function with values that the compiler does not know.
#[inline]
pub fn call(function: Function, pages: u64) {
    let (user, account, title) = (black_box(USER), black_box(ACCOUNT), black_box(TITLE));
    black_box(function(user, account, black_box(pages), black_box(true), title).is_ok());
}

/// A function that is measured.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    function: Function,
    /// The case with the same function without an event.
    pub bare: &'static str,
    /// Whether a call of it is an event.
    pub emits: bool,
    is_in_context: bool,
}

impl Case {
    /// Calls the function once.
    #[inline]
    pub fn call(&self, pages: u64) {
        call(self.function, pages);
    }

    /// Runs `calls` where the function finds what it needs.
    pub fn prepared<R>(&self, calls: impl FnOnce() -> R) -> R {
        thrivestack::set_enabled(self.emits);
        if self.is_in_context {
            thrivestack::Context::new().user_id(USER).group_id(ACCOUNT).in_scope(calls)
        } else {
            calls()
        }
    }
}

/// Every case, the bare ones first.
#[must_use]
pub fn all() -> Vec<Case> {
    let silent = |name, function, bare| Case { name, function, bare, emits: false, is_in_context: false };
    let case = |name, function, bare| Case { emits: true, ..silent(name, function, bare) };
    vec![
        silent("bare", bare::sync as Function, "bare"),
        silent("bare, async", bare::polled, "bare, async"),
        silent("disabled", five::sync, "bare"),
        silent("disabled, async", five::polled, "bare, async"),
        case("scalar", scalar::sync, "bare"),
        case("scalar, async", scalar::polled, "bare, async"),
        case("string", string::sync, "bare"),
        case("string, async", string::polled, "bare, async"),
        case("five properties", five::sync, "bare"),
        case("five properties, async", five::polled, "bare, async"),
        Case { is_in_context: true, ..case("context", context::sync, "bare") },
        Case { is_in_context: true, ..case("context, async", context::polled, "bare, async") },
    ]
}

/// The case of that name.
#[must_use]
pub fn named(name: &str) -> Case {
    all().into_iter().find(|case| case.name == name).unwrap_or_else(|| panic!("there is no case `{name}`"))
}

macro_rules! functions {
    ($signature:tt, $arguments:tt, $body:block; $($name:ident $(#[$($event:tt)*])?)*) => {$(
        pub mod $name {
            use super::*;

            #[inline(never)]
            $(#[$($event)*])?
            pub fn sync $signature -> Result<u64, NoReport> $body

            $(#[$($event)*])?
            pub async fn future $signature -> Result<u64, NoReport> $body

            /// Polls the future once, which is all it needs.
            #[inline(never)]
            pub fn polled $signature -> Result<u64, NoReport> {
                match pin!(future $arguments).poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(report) => report,
                    Poll::Pending => unreachable!("it awaits nothing"),
                }
            }
        }
    )*};
}

functions! {
    (user: &str, account: &str, pages: u64, shared: bool, title: &str),
    (user, account, pages, shared, title),
    {
        if title.is_empty() && shared && user.len() == account.len() { Err(NoReport) } else { Ok(pages + 1) }
    };
    bare
    scalar
    #[track_event("report_created", user_id = user, group_id = account, properties(pages = pages))]
    string
    #[track_event("report_created", user_id = user, group_id = account, properties(title = title))]
    five
    #[track_event("report_created", user_id = user, group_id = account,
        properties(format = "pdf", source_view = "dashboard", pages = pages, shared = shared, title = title))]
    context
    #[track_event("report_created",
        properties(format = "pdf", source_view = "dashboard", pages = pages, shared = shared, title = title))]
}
