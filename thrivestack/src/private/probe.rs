//! Small functions and traits that an expansion wraps the user's expressions in.
//!
//! They carry the bounds, so that a wrong expression is reported in the terms of this crate and at the user's tokens.

use thrivestack_core::names::is_snake_case;

use super::Arg;
use crate::bounds::{Debugged, Displayed, Moment, Property};

pub mod id;
pub mod kept;
pub mod outcome;

pub use id::IdOf;
pub use kept::{Copied, remaining};
pub use outcome::{Outcome, error};

/// Applies a closure to a value. The bound tells the closure its argument's type.
#[inline]
pub fn apply<T, R>(value: T, closure: impl FnOnce(T) -> R) -> R {
    closure(value)
}

/// Applies the closure of a `when`.
#[inline]
pub fn decide<T>(value: T, closure: impl FnOnce(T) -> bool) -> bool {
    closure(value)
}

/// A value that serde serializes.
#[inline]
pub fn json<T: Property>(value: &T) -> Arg<'_> {
    Arg::Json(value)
}

/// A value that is sent as the text of its `Display`.
#[inline]
pub fn display<T: Displayed>(value: &T) -> Arg<'_> {
    Arg::Display(value)
}

/// A value that is sent as the text of its `Debug`.
#[inline]
pub fn debug<T: Debugged>(value: &T) -> Arg<'_> {
    Arg::Debug(value)
}

/// The time of the event.
#[inline]
pub fn time<T: Moment>(time: &T) -> Arg<'static> {
    Arg::Time(time.clone().into())
}

/// Checks at compile time that a name from a constant is in snake_case.
///
/// ```compile_fail,E0080
/// const _: () = thrivestack::__private_0_1_0::check_event_name("Invite Sent");
/// ```
#[track_caller]
pub const fn check_event_name(name: &str) {
    if !is_snake_case(name) {
        panic!(
            "an event's name is in snake_case, such as `invite_sent` (rule `event_name`, or `allow(event_name)`)"
        );
    }
}
