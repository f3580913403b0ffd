//! The traits that messages of the compiler name when a value does not fit.
//!
//! There is nothing to implement here: each trait is implemented for every type that it is about. They exist so that
//! the compiler says in the terms of this crate how a value of another type is sent.

use std::fmt::{Debug, Display};
use std::time::SystemTime;

use serde::Serialize;

use crate::wire::Json;

/// A property, a trait or a value of the context that is given to a builder: anything that serde serializes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent: it does not implement `serde::Serialize`",
    label = "this value has no JSON",
    note = "for a type of your own, derive `serde::Serialize`; a type of another crate may have it behind a feature `serde`",
    note = "otherwise send something made of the value, such as its text (`value.to_string()`) or, of a long array, a slice",
    note = "`Rc` and `Arc` are serialized with serde's feature `rc`"
)]
pub trait Serializable: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> Serializable for T {}

/// An id, a source or a group's type that is given to a builder: anything that has a text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no text to be sent as an id: it does not implement `Display`",
    label = "this value has no `Display`",
    note = "an `Option` of an id is given to `maybe_user_id` or `maybe_group_id`"
)]
pub trait Identifier: Display {}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> Identifier for T {}

/// The time of an event that is given to a builder: anything that converts into a [`SystemTime`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the time of an event: it does not convert into `std::time::SystemTime`",
    label = "this value is no time",
    note = "seconds since 1970 are `SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)`; chrono's `DateTime` converts as \
            it is, and a reference to a time does not: write `*time`"
)]
pub trait Timestamp: Into<SystemTime> {}

#[diagnostic::do_not_recommend]
impl<T: Into<SystemTime>> Timestamp for T {}

/// A property or a value of the context in [`track_event`](macro@crate::track_event) or [`track!`](crate::track!).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent: it does not implement `serde::Serialize`",
    label = "this value has no JSON",
    note = "derive `serde::Serialize` for it, or send its text: `%value` for `Display`, `?value` for `Debug`"
)]
pub trait Property: Json {}

#[diagnostic::do_not_recommend]
impl<T: Json> Property for T {}

/// A value behind a `%` in a macro.
#[diagnostic::on_unimplemented(
    message = "`%` sends the text of a `Display`, and `{Self}` does not implement it",
    label = "this value has no `Display`",
    note = "leave out the `%` to serialize it, or write `?` for its `Debug`"
)]
pub trait Displayed: Display {}

#[diagnostic::do_not_recommend]
impl<T: Display> Displayed for T {}

/// A value behind a `?` in a macro.
#[diagnostic::on_unimplemented(
    message = "`?` sends the text of a `Debug`, and `{Self}` does not implement it",
    label = "this value has no `Debug`",
    note = "leave out the `?` to serialize it, or write `%` for its `Display`"
)]
pub trait Debugged: Debug {}

#[diagnostic::do_not_recommend]
impl<T: Debug> Debugged for T {}

/// A `timestamp` in a macro or a derive.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no time: `timestamp` takes what converts into `std::time::SystemTime`",
    label = "this value is no time",
    note = "a reference is not converted: write `*time`"
)]
pub trait Moment: Clone + Into<SystemTime> {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Into<SystemTime>> Moment for T {}

/// A `user_id`, `group_id` or another id in a macro or a derive. Implemented by nothing: it carries the message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no id: an id implements `Display`, or is an `Option` of what does",
    label = "this value is no id"
)]
pub trait Id {}

/// A field that a derive sends as a trait or property.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent: it does not implement `serde::Serialize`",
    label = "not serializable",
    note = "for a type of your own, derive `serde::Serialize`; a type of another crate may have it behind a feature `serde`",
    note = "otherwise send something made of it, `with = path` of a function that takes a reference to it (for what has a \
            `Display`, `with = ToString::to_string`), or leave the field out with `skip`"
)]
pub trait SerializableField: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> SerializableField for T {}

/// A [`SerializableField`] with an `Rc` or `Arc` in its type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent: it does not implement `serde::Serialize`",
    label = "not serializable",
    note = "serde serializes an `Rc` or `Arc` of what it serializes, with its feature `rc`: \
            `serde = {{ version = \"1\", features = [\"rc\"] }}`",
    note = "otherwise send something made of it, `with = path` of a function that takes a reference to it (for what has a \
            `Display`, `with = ToString::to_string`), or leave the field out with `skip`"
)]
pub trait SharedField: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> SharedField for T {}

/// A [`SerializableField`] with an array in its type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent: it does not implement `serde::Serialize`",
    label = "not serializable",
    note = "serde serializes arrays of up to 32 elements: send a longer one as a slice, `with = <[u8; 64]>::as_slice` for a \
            `[u8; 64]`, or leave the field out with `skip`",
    note = "the elements have to implement `serde::Serialize` too"
)]
pub trait ArrayField: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> ArrayField for T {}

/// The id without which a derived call says nothing: the user's of an identify call, the group's of a group call.
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

/// A field of a `#[repr(packed)]` struct.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent from a `#[repr(packed)]` struct: it is not `Copy`",
    label = "not `Copy`",
    note = "a field of a packed struct cannot be borrowed, so it is copied first: leave it out with `skip`"
)]
pub trait PackedField: Copy {}

#[diagnostic::do_not_recommend]
impl<T: Copy> PackedField for T {}

/// An argument that a closure of [`track_event`](macro@crate::track_event) uses, which runs after the body.
#[diagnostic::on_unimplemented(
    message = "a closure of `#[track_event]` runs after the body, which took this argument: `{Self}` is not `Copy`",
    label = "moved into the body",
    note = "leave out the `|_|` to evaluate the expression before the body, which borrows the argument",
    note = "a closure may use its own argument, and arguments of the function that are `Copy`, such as shared references"
)]
pub trait Remaining: Copy {}

#[diagnostic::do_not_recommend]
impl<T: Copy> Remaining for T {}
