//! The four calls of the telemetry API, its address and its limits.

/// The base address of the API.
pub const ENDPOINT: &str = "https://api.app.thrivestack.ai/api";

/// The `content-type` of every request. The body is a JSON array of one or more objects.
pub const CONTENT_TYPE: &str = "application/json";

/// The most objects of one request.
pub const MAX_REQUEST_EVENTS: usize = 1_000;

/// The most bytes of one request's body: the documentation's "2 MB", read as the smaller of its two meanings.
pub const MAX_REQUEST_BYTES: usize = 2_000_000;

/// The `context.source` of events inside a product, and of everything that a backend sends.
pub const SOURCE_PRODUCT: &str = "product";

/// The `context.source` of events on the public site.
pub const SOURCE_MARKETING: &str = "marketing";

/// One of the four calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// The call that says who a user is.
    Identify,
    /// Which account, organization or team exists.
    Group,
    /// Something that a user did.
    Track,
    /// A page that a user saw.
    Page,
}

impl Call {
    /// Every call, in the order in which they are sent: a user and an account come before the events that name them.
    pub const ALL: [Self; 4] = [Self::Identify, Self::Group, Self::Track, Self::Page];

    /// Returns the name of the call, which is also the last segment of its path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Group => "group",
            Self::Track => "track",
            Self::Page => "page",
        }
    }

    /// Returns the scope that authorizes this call alone, which older pages of the documentation list.
    #[must_use]
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Identify => "identify_api",
            Self::Group => "group_api",
            Self::Track => "track_api",
            Self::Page => "page_api",
        }
    }

    /// Returns the field that holds the values which the caller chose.
    #[must_use]
    pub const fn payload_field(self) -> &'static str {
        match self {
            Self::Identify | Self::Group => "traits",
            Self::Track | Self::Page => "properties",
        }
    }
}
