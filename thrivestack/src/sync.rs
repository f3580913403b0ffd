//! The lock of the queue, by a name of the crate's own: a model of the queue's threads puts another one in its place.

pub(crate) use std::sync::{Mutex, MutexGuard, PoisonError};
