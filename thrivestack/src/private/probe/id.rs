//! Ids: what is `Display`, or an `Option` of it.
//!
//! The traits are tried in their order by method resolution, which takes off one reference at a time. The method
//! has a name that no trait of the user's has for all types.

use std::fmt::Display;

use super::super::Arg;

/// The value of an id.
#[derive(Debug)]
pub struct IdOf<'a, T>(pub &'a T);

/// An id that may be missing.
pub trait MaybeId<'a> {
    /// The id as an argument.
    fn __thrivestack_id(&self) -> Arg<'a>;
}

impl<'a, T: Display> MaybeId<'a> for &&IdOf<'a, Option<T>> {
    #[inline]
    fn __thrivestack_id(&self) -> Arg<'a> {
        Arg::Id(self.0.as_ref().map(|id| id as &dyn Display))
    }
}

impl<'a, T: Display> MaybeId<'a> for &&IdOf<'a, &'a Option<T>> {
    #[inline]
    fn __thrivestack_id(&self) -> Arg<'a> {
        Arg::Id(self.0.as_ref().map(|id| id as &dyn Display))
    }
}

/// An id that is there.
pub trait SureId<'a> {
    /// The id as an argument.
    fn __thrivestack_id(&self) -> Arg<'a>;
}

impl<'a, T: Display> SureId<'a> for &IdOf<'a, T> {
    #[inline]
    fn __thrivestack_id(&self) -> Arg<'a> {
        Arg::Id(Some(self.0))
    }
}

/// Anything else, which is reported.
pub trait NoId<'a, T> {
    /// Never called.
    fn __thrivestack_id(&self) -> Arg<'a>
    where
        T: Id;
}

impl<'a, T> NoId<'a, T> for IdOf<'a, T> {
    fn __thrivestack_id(&self) -> Arg<'a>
    where
        T: Id,
    {
        Arg::Absent
    }
}

/// Implemented by nothing: it only carries the message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no id: an id implements `Display`, or is an `Option` of what does",
    label = "this value is no id"
)]
pub trait Id {}

/// What an expansion brings into scope. Nothing of it has a name that could hide one of the user's.
pub mod methods {
    pub use super::{MaybeId as _, NoId as _, SureId as _};
}
