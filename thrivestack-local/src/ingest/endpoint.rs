//! The four calls and what tells them apart.

use std::fmt;

use thrivestack_core::calls::Call;

/// One of the four calls of the telemetry API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/api/identify`: who a user is.
    Identify,
    /// `/api/group`: what account, team or workspace a user belongs to.
    Group,
    /// `/api/track`: what a user did.
    Track,
    /// `/api/page`: what page was seen.
    Page,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 4] = [Self::Identify, Self::Group, Self::Track, Self::Page];

    /// The call of the API.
    pub(crate) fn call(self) -> Call {
        match self {
            Self::Identify => Call::Identify,
            Self::Group => Call::Group,
            Self::Track => Call::Track,
            Self::Page => Call::Page,
        }
    }

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Identify => "/api/identify",
            Self::Group => "/api/group",
            Self::Track => "/api/track",
            Self::Page => "/api/page",
        }
    }

    /// The scope that authorizes this call alone.
    pub(crate) fn scope(self) -> &'static str {
        self.call().scope()
    }

    /// The field that holds what the user chose to send along.
    pub(crate) fn payload_field(self) -> &'static str {
        self.call().payload_field()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.call().name())
    }
}
