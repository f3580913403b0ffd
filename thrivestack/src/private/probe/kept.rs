//! Copies of a destructured argument's variables, for the closures that run after the body.

use std::marker::PhantomData;

use crate::bounds::Remaining;

/// Copies a variable for a closure that runs after the body.
#[inline]
pub fn remaining<T: Remaining>(value: &T) -> T {
    *value
}

/// A variable that may be `Copy`.
#[derive(Debug)]
pub struct Copied<'a, T>(pub &'a T);

/// Keeps what is `Copy`.
pub trait KeepCopy<T> {
    /// The copy.
    fn __thrivestack_keep(&self) -> T;
}

impl<T: Copy> KeepCopy<T> for &Copied<'_, T> {
    #[inline]
    fn __thrivestack_keep(&self) -> T {
        *self.0
    }
}

/// Keeps only the type of what is not.
pub trait KeepType<T> {
    /// What is left of it.
    fn __thrivestack_keep(&self) -> MovedIntoTheBody<T>;
}

impl<T> KeepType<T> for Copied<'_, T> {
    #[inline]
    fn __thrivestack_keep(&self) -> MovedIntoTheBody<T> {
        MovedIntoTheBody(PhantomData)
    }
}

/// Takes the place of a variable that is not `Copy`. A closure that uses it does not compile, and says this name.
pub struct MovedIntoTheBody<T>(PhantomData<fn() -> T>);

/// What an expansion brings into scope. Nothing of it has a name that could hide one of the user's.
pub mod methods {
    pub use super::{KeepCopy as _, KeepType as _};
}
