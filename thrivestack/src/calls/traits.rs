//! The traits of the derives.

use super::{GroupCall, IdentifyCall, TrackCall};

/// A user that ThriveStack can be told of. Derive it; see [the derive macro](derive@crate::Identify).
pub trait Identify {
    /// The identify call of this user, to add to it or to send it with a [`Client`](crate::Client).
    fn identify_call(&self) -> IdentifyCall;

    /// Sends it with the client of the process.
    #[track_caller]
    fn identify(&self) {
        self.identify_call().send();
    }
}

/// An account, organization or team that ThriveStack can be told of. Derive it; see
/// [the derive macro](derive@crate::Group).
pub trait Group {
    /// The group call, to add to it or to send it with a [`Client`](crate::Client).
    fn group_call(&self) -> GroupCall;

    /// Sends it with the client of the process.
    #[track_caller]
    fn group(&self) {
        self.group_call().send();
    }
}

/// An event whose properties are the fields of a struct. Derive it; see [the derive macro](derive@crate::Event).
pub trait Event {
    /// The track call, to add to it or to send it with a [`Client`](crate::Client).
    fn track_call(&self) -> TrackCall;

    /// Sends it with the client of the process.
    #[track_caller]
    fn track(&self) {
        self.track_call().send();
    }
}
