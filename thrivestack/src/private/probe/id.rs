//! Ids: what is `Display`, or an `Option` of it.
//!
//! The traits are tried in their order by method resolution, which takes off one reference at a time. The method
//! has a name that no trait of the user's has for all types.

use std::borrow::Cow;
use std::fmt::Display;
use std::rc::Rc;
use std::sync::Arc;

use super::super::Arg;
use crate::bounds::Id;

/// The value of an id.
#[derive(Debug)]
pub struct IdOf<'a, T>(pub &'a T);

/// An id of a type that needs no `Display`, be it missing.
pub trait QuickId<'a> {
    /// The id as an argument.
    fn __thrivestack_id(&self) -> Arg<'a>;
}

impl<'a, T: Quick> QuickId<'a> for &&&IdOf<'a, T> {
    #[inline]
    fn __thrivestack_id(&self) -> Arg<'a> {
        self.0.arg()
    }
}

/// An id that may be missing.
pub trait MaybeId<'a> {
    /// The id as an argument.
    fn __thrivestack_id(&self) -> Arg<'a>;
}

impl<'a, T: Display> MaybeId<'a> for &&IdOf<'a, Option<T>> {
    #[inline]
    fn __thrivestack_id(&self) -> Arg<'a> {
        self.0.as_ref().map_or(Arg::Absent, |id| Arg::Display(id))
    }
}

impl<'a, T: Display> MaybeId<'a> for &&IdOf<'a, &'a Option<T>> {
    #[inline]
    fn __thrivestack_id(&self) -> Arg<'a> {
        self.0.as_ref().map_or(Arg::Absent, |id| Arg::Display(id))
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
        Arg::Display(self.0)
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

/// What most ids are: the texts and integers of the standard library, whose `Display` is known.
pub trait Quick {
    /// The id as an argument.
    fn arg(&self) -> Arg<'_>;
}

#[diagnostic::do_not_recommend]
impl<T: Quick> Quick for &T {
    #[inline]
    fn arg(&self) -> Arg<'_> {
        (**self).arg()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Quick> Quick for Option<T> {
    #[inline]
    fn arg(&self) -> Arg<'_> {
        self.as_ref().map_or(Arg::Absent, Quick::arg)
    }
}

macro_rules! quick {
    ($($text:ty),*) => {$(
        impl Quick for $text {
            #[inline]
            fn arg(&self) -> Arg<'_> {
                Arg::Text(self)
            }
        }
    )*};
}

quick!(&str, String, Box<str>, Rc<str>, Arc<str>, Cow<'_, str>, u8, u16, u32, u64, i8, i16, i32, i64);

/// What an expansion brings into scope. Nothing of it has a name that could hide one of the user's.
pub mod methods {
    pub use super::{MaybeId as _, NoId as _, QuickId as _, SureId as _};
}
