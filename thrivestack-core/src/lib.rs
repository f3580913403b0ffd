//! Facts about ThriveStack's telemetry API and its rules, as data and pure functions.
//!
//! Each fact stands here once. The macros check names against it at compile time, the runtime encodes and sends by it,
//! the local server and its page warn by it, and the program and the documentation print it. Everything that another
//! crate of this workspace knows about ThriveStack comes from here, or is tested against it.
//!
//! The facts are those of ThriveStack's public documentation. A rule carries the date of the page that states it.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod calls;
pub mod checklist;
pub mod credentials;
pub mod environment;
pub mod events;
pub mod features;
pub mod flows;
pub mod group_types;
pub mod key;
pub mod names;
pub mod near;
pub mod onboarding;
pub mod personal;
pub mod rules;
