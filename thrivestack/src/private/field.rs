//! What the derives call for each field. The bounds are traits of ours, so that a type that does not fit is reported in
//! our words.

use std::fmt::Display;

pub use serde::Serialize;

use super::site::Arg;

/// A field that is sent as a trait or property.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent: it does not implement `serde::Serialize`",
    label = "not serializable",
    note = "derive `serde::Serialize` for `{Self}`, leave the field out with `skip`, or send something made of it using \
            `with = path`"
)]
pub trait Value: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> Value for T {}

/// Takes a reference to a reference, so that the last field of a struct may be unsized.
pub fn value<'v, T: Value + ?Sized>(value: &'v &'v T) -> Arg<'v> {
    Arg::Json(value)
}

pub fn flatten<'v, T: Value + ?Sized>(prefix: &'static str, value: &'v &'v T) -> Arg<'v> {
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
        R: Value,
    {
        Arg::Json(&self.0)
    }

    pub fn flatten(&self, prefix: &'static str) -> Arg<'_>
    where
        R: Value,
    {
        Arg::Flatten { prefix, value: &self.0 }
    }
}

/// The id of the user that is identified, or of the group.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the id of a user or group: it does not implement `Display`",
    label = "not an id",
    note = "an id is sent as the text of its `Display`",
    note = "an `Option` is refused here, even of an id: without it there is nobody to identify. Call `identify()` or \
            `group()` where the id is known"
)]
pub trait OwnId: Display {}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> OwnId for T {}

pub fn own_id<'v, T: OwnId + ?Sized>(value: &'v &'v T) -> Arg<'v> {
    Arg::Display(value)
}

/// A field of a packed struct.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent from a `#[repr(packed)]` struct: it is not `Copy`",
    label = "not `Copy`",
    note = "a field of a packed struct cannot be borrowed, so it is copied first: leave it out with `skip`"
)]
pub trait PackedField: Copy {}

#[diagnostic::do_not_recommend]
impl<T: Copy> PackedField for T {}

pub fn require_copy<T: PackedField>() {}
