//! The four calls of ThriveStack's telemetry API.

use std::fmt;

use thrivestack_core::calls::Call;

/// One of ThriveStack's four calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Endpoint {
    /// Who a user is.
    Identify,
    /// Which account, organization or team exists.
    Group,
    /// What a user did.
    Track,
    /// Which page a user saw.
    Page,
}

impl Endpoint {
    /// In the order in which they are sent: ThriveStack wants a user and an account before the events that name them.
    pub(crate) const ALL: [Self; 4] = [Self::Identify, Self::Group, Self::Track, Self::Page];

    /// The name of the call, which is also the last segment of its path.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.call().name()
    }

    /// Returns the name of the member with the values that the caller chose.
    pub(crate) fn payload_field(self) -> &'static str {
        self.call().payload_field()
    }

    fn call(self) -> Call {
        match self {
            Self::Identify => Call::Identify,
            Self::Group => Call::Group,
            Self::Track => Call::Track,
            Self::Page => Call::Page,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
