//! Whether a returned value is a success, told by its type.
//!
//! The traits are tried in their order by method resolution, which takes off one reference at a time. An alias of
//! `Result`, or a user's type of the same name, is thereby what it is and not what it is called. The method has a name
//! that no trait of the user's has for all types.

use std::future::Future;
use std::task::Poll;

mod generic;

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
    fn success_of<V, W>(&self, value: &'a V, judged: &W) -> Option<&'a V> {
        (self.vouched || generic::is_success(judged)).then_some(value)
    }
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

macro_rules! through_references {
    ($([$($reference:tt)*])*) => {$(
        impl<'a, T, E> Fallible<'a> for &&&Outcome<'a, $($reference)* Result<T, E>> {
            type Value = T;
            #[inline]
            fn __thrivestack_success(&self) -> Option<&'a T> {
                self.value.as_ref().ok()
            }
        }

        impl<'a, T> Fallible<'a> for &&&Outcome<'a, $($reference)* Option<T>> {
            type Value = T;
            #[inline]
            fn __thrivestack_success(&self) -> Option<&'a T> {
                self.value.as_ref()
            }
        }
    )*};
}

through_references!([&'a] [&'a mut] [&'a &'a]);

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
            Poll::Ready(value) => self.success_of(value, value),
            Poll::Pending => None,
        }
    }
}

/// Any other reference.
pub trait Referred<'a> {
    /// The value of a success.
    type Value: 'a;
    /// The value, if there is one.
    fn __thrivestack_success(&self) -> Option<&'a Self::Value>;
}

impl<'a, T> Referred<'a> for &Outcome<'a, &'a T> {
    type Value = &'a T;
    #[inline]
    fn __thrivestack_success(&self) -> Option<&'a &'a T> {
        self.success_of(self.value, *self.value)
    }
}

impl<'a, T> Referred<'a> for &Outcome<'a, &'a mut T> {
    type Value = &'a mut T;
    #[inline]
    fn __thrivestack_success(&self) -> Option<&'a &'a mut T> {
        self.success_of(self.value, &**self.value)
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
        self.success_of(self.value, self.value)
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
        Fallible as _, Plain as _, Polled as _, PolledOption as _, Referred as _, Unfinished as _,
        UnfinishedBox as _,
    };
}
