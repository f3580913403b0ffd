//! Functions that the derives call for each field.

pub use serde::Serialize;

use super::site::Arg;
use crate::bounds::{ArrayField, OwnId, PackedField, SerializableField, SharedField};

/// Takes a reference to a reference, so that the last field of a struct may be unsized.
pub fn value<'v, T: SerializableField + ?Sized>(value: &'v &'v T) -> Arg<'v> {
    Arg::Json(value)
}

/// [`value`] of a type with an `Rc` or `Arc` in it.
pub fn shared_value<'v, T: SharedField + ?Sized>(value: &'v &'v T) -> Arg<'v> {
    Arg::Json(value)
}

/// [`value`] of a type with an array in it.
pub fn array_value<'v, T: ArrayField + ?Sized>(value: &'v &'v T) -> Arg<'v> {
    Arg::Json(value)
}

pub fn flatten<'v, T: SerializableField + ?Sized>(prefix: &'static str, value: &'v &'v T) -> Arg<'v> {
    Arg::Flatten { prefix, value }
}

/// The argument, unless `skip_if` said to leave it out.
pub fn unless(skip: bool, arg: Arg<'_>) -> Arg<'_> {
    if skip { Arg::Absent } else { arg }
}

/// Takes a function pointer, so that a function of another kind is a plain mismatch of types at the user's path.
pub fn skip_if<T: ?Sized>(value: &T, path: fn(&T) -> bool) -> bool {
    path(value)
}

/// What is sent instead of the field. `None`, which serializes to `null`, is left out.
#[derive(Debug)]
pub struct Converted<R>(Option<R>);

pub fn with<'v, T: ?Sized, R>(skip: bool, value: &'v T, path: fn(&'v T) -> R) -> Converted<R> {
    Converted((!skip).then(|| path(value)))
}

impl<R> Converted<R> {
    pub fn value(&self) -> Arg<'_>
    where
        R: SerializableField,
    {
        Arg::Json(&self.0)
    }

    pub fn flatten(&self, prefix: &'static str) -> Arg<'_>
    where
        R: SerializableField,
    {
        Arg::Flatten { prefix, value: &self.0 }
    }
}

pub fn own_id<'v, T: OwnId + ?Sized>(value: &'v &'v T) -> Arg<'v> {
    Arg::Display(value)
}

pub fn require_copy<T: PackedField>() {}
