//! Whether a returned value is a success, told by its type.
//!
//! The traits are tried in their order by method resolution, which takes off one reference at a time. An alias of
//! `Result`, or a user's type of the same name, is thereby what it is and not what it is called. The method has a name
//! that no trait of the user's has for all types.

use std::any::type_name;
use std::future::Future;
use std::task::Poll;

/// A returned value.
#[derive(Debug)]
pub struct Outcome<'a, T> {
    value: &'a T,
    vouched: bool,
}

impl<'a, T> Outcome<'a, T> {
    /// The value is judged by its type alone.
    pub fn of(value: &'a T) -> Self {
        Self { value, vouched: false }
    }

    /// The user's own condition judges the value too.
    pub fn vouched(value: &'a T) -> Self {
        Self { value, vouched: true }
    }

    /// In generic code, a type parameter looks like any value and may still stand for a `Result`.
    fn success_of<V>(&self, value: &'a V) -> Option<&'a V> {
        (self.vouched || !is_fallible(type_name::<V>())).then_some(value)
    }
}

fn is_fallible(name: &str) -> bool {
    let name = name.trim_start_matches('&').trim_start_matches("mut ");
    ["core::result::Result<", "core::option::Option<", "core::task::poll::Poll<"]
        .iter()
        .any(|it| name.starts_with(it))
}

/// A `Result`, an `Option`, and a `Poll` of a `Result`.
pub trait Fallible<'a> {
    /// The value of a success.
    type Value: 'a;
    /// The value, if there is one.
    fn __thrivestack_success(&self) -> Option<&'a Self::Value>;
}

impl<'a, T, E> Fallible<'a> for &&&Outcome<'a, Result<T, E>> {
    type Value = T;
    #[inline]
    fn __thrivestack_success(&self) -> Option<&'a T> {
        self.value.as_ref().ok()
    }
}

impl<'a, T> Fallible<'a> for &&&Outcome<'a, Option<T>> {
    type Value = T;
    #[inline]
    fn __thrivestack_success(&self) -> Option<&'a T> {
        self.value.as_ref()
    }
}

impl<'a, T, E> Fallible<'a> for &&&Outcome<'a, Poll<Result<T, E>>> {
    type Value = T;
    #[inline]
    fn __thrivestack_success(&self) -> Option<&'a T> {
        match self.value {
            Poll::Ready(Ok(value)) => Some(value),
            _ => None,
        }
    }
}

impl<'a, T, E> Fallible<'a> for &&&Outcome<'a, Poll<Option<Result<T, E>>>> {
    type Value = T;
    #[inline]
    fn __thrivestack_success(&self) -> Option<&'a T> {
        match self.value {
            Poll::Ready(Some(Ok(value))) => Some(value),
            _ => None,
        }
    }
}

/// A `Poll` of an `Option`.
pub trait PolledOption<'a> {
    /// The value of a success.
    type Value: 'a;
    /// The value, if there is one.
    fn __thrivestack_success(&self) -> Option<&'a Self::Value>;
}

impl<'a, T> PolledOption<'a> for &&Outcome<'a, Poll<Option<T>>> {
    type Value = T;
    #[inline]
    fn __thrivestack_success(&self) -> Option<&'a T> {
        match self.value {
            Poll::Ready(Some(value)) => Some(value),
            _ => None,
        }
    }
}

/// A future, which is no success before it is finished.
pub trait Unfinished<'a, T> {
    /// Never called.
    fn __thrivestack_success(&self) -> Option<&'a T>
    where
        T: Finished;
}

impl<'a, T: Future> Unfinished<'a, T> for &&Outcome<'a, T> {
    fn __thrivestack_success(&self) -> Option<&'a T>
    where
        T: Finished,
    {
        None
    }
}

/// A boxed future, which is none itself unless it is pinned.
pub trait UnfinishedBox<'a, T> {
    /// Never called.
    fn __thrivestack_success(&self) -> Option<&'a T>
    where
        T: Finished;
}

impl<'a, F: Future + ?Sized> UnfinishedBox<'a, Box<F>> for &Outcome<'a, Box<F>> {
    fn __thrivestack_success(&self) -> Option<&'a Box<F>>
    where
        Box<F>: Finished,
    {
        None
    }
}

/// Implemented by nothing: it only carries the message.
#[diagnostic::on_unimplemented(
    message = "this function returns a future, `{Self}`, which is no success yet",
    label = "returned before it is finished",
    note = "make it an `async fn`, or spell its type as `impl Future<Output = ..>` or `Pin<Box<dyn Future<Output = ..>>>`",
    note = "`on = always` sends the event when the future is made"
)]
pub trait Finished {}

/// Any other `Poll`.
pub trait Polled<'a> {
    /// The value of a success.
    type Value: 'a;
    /// The value, if there is one.
    fn __thrivestack_success(&self) -> Option<&'a Self::Value>;
}

impl<'a, T> Polled<'a> for &Outcome<'a, Poll<T>> {
    type Value = T;
    #[inline]
    fn __thrivestack_success(&self) -> Option<&'a T> {
        match self.value {
            Poll::Ready(value) => self.success_of(value),
            Poll::Pending => None,
        }
    }
}

/// Any other value.
pub trait Plain<'a> {
    /// The value of a success.
    type Value: 'a;
    /// The value, if there is one.
    fn __thrivestack_success(&self) -> Option<&'a Self::Value>;
}

impl<'a, T> Plain<'a> for Outcome<'a, T> {
    type Value = T;
    #[inline]
    fn __thrivestack_success(&self) -> Option<&'a T> {
        self.success_of(self.value)
    }
}

/// What `on = err` takes.
#[diagnostic::on_unimplemented(
    message = "`on = err` needs a function that returns a `Result`, and this one returns `{Self}`",
    label = "there is no `Err` to wait for"
)]
pub trait Failable<E> {
    /// The error, if there is one.
    fn error(&self) -> Option<&E>;
}

impl<T, E> Failable<E> for Result<T, E> {
    #[inline]
    fn error(&self) -> Option<&E> {
        self.as_ref().err()
    }
}

/// The error of what was returned.
#[inline]
pub fn error<T: Failable<E>, E>(returned: &T) -> Option<&E> {
    returned.error()
}

/// What an expansion brings into scope. Nothing of it has a name that could hide one of the user's.
pub mod methods {
    pub use super::{
        Fallible as _, Plain as _, Polled as _, PolledOption as _, Unfinished as _, UnfinishedBox as _,
    };
}

#[cfg(test)]
mod tests {
    use std::any::type_name;

    use super::{Outcome, is_fallible};

    #[test]
    fn what_a_type_parameter_stands_for_is_told_by_its_name() {
        assert!(is_fallible(type_name::<Result<u8, u8>>()));
        assert!(is_fallible(type_name::<std::io::Result<u8>>()));
        assert!(is_fallible(type_name::<Option<u8>>()));
        assert!(is_fallible(type_name::<&mut std::task::Poll<u8>>()));
        assert!(is_fallible(type_name::<&&Option<u8>>()));
        assert!(!is_fallible(type_name::<Vec<Option<u8>>>()));
        assert!(!is_fallible(type_name::<Outcome<'_, Option<u8>>>()));
    }
}
