//! The program `thrivestack`, and a ThriveStack on your own machine.
//!
//! `thrivestack dev` is a [`LocalServer`] as a program. `thrivestack doctor` looks at the environment of an application, and
//! `thrivestack spool` shows or delivers the events that wait in a directory. They come with the feature `program`, which
//! is on by default.
//!
//! The types of `LocalServer` are those of the crate [`thrivestack_local`]: for tests, depend on that crate instead.

/// The README's examples are tests too.
#[cfg(all(doctest, feature = "program"))]
#[doc = include_str!("../README.md")]
struct Readme;

pub use thrivestack_local::{
    Endpoint, Fault, LocalCall, LocalKey, LocalRequest, LocalServer, LocalServerBuilder, WaitTimeout,
};
