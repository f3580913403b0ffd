//! The three derives: what sets them apart.

/// Which of the derives is expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Identify,
    Group,
    Event,
}

/// A place of the event that a field can fill instead of being a trait or property.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    UserId,
    GroupId,
    SessionId,
    DeviceId,
    Timestamp,
}

impl Kind {
    /// The derive, and the trait that it implements.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Identify => "Identify",
            Kind::Group => "Group",
            Kind::Event => "Event",
        }
    }

    /// The helper attribute.
    pub(super) fn helper(self) -> &'static str {
        match self {
            Kind::Identify => "identify",
            Kind::Group => "group",
            Kind::Event => "event",
        }
    }

    /// What ThriveStack calls a value of the call.
    pub(super) fn value(self) -> &'static str {
        match self {
            Kind::Identify | Kind::Group => "trait",
            Kind::Event => "property",
        }
    }

    /// The id without which the call says nothing.
    pub(super) fn own_id(self) -> Option<Role> {
        match self {
            Kind::Identify => Some(Role::UserId),
            Kind::Group => Some(Role::GroupId),
            Kind::Event => None,
        }
    }

    /// The roles that a field can have. When a user is identified the time and the session are those of the call, so
    /// these are no part of a user or group.
    pub(super) fn roles(self) -> &'static [Role] {
        match self {
            Kind::Identify | Kind::Group => &[Role::UserId, Role::GroupId],
            Kind::Event => &[Role::UserId, Role::GroupId, Role::SessionId, Role::DeviceId, Role::Timestamp],
        }
    }

    /// The keys of the helper attribute on the struct. The first is the example in errors.
    pub(super) fn struct_keys(self) -> &'static [&'static str] {
        match self {
            Kind::Identify => &["rename_all", "crate"],
            Kind::Group => &["group_type", "allow", "rename_all", "crate"],
            Kind::Event => &["allow", "rename_all", "crate"],
        }
    }
}

impl Role {
    pub(super) const ALL: [Role; 5] =
        [Role::UserId, Role::GroupId, Role::SessionId, Role::DeviceId, Role::Timestamp];

    /// The key that gives a field this role.
    pub(super) fn key(self) -> &'static str {
        match self {
            Role::UserId => "user_id",
            Role::GroupId => "group_id",
            Role::SessionId => "session_id",
            Role::DeviceId => "device_id",
            Role::Timestamp => "timestamp",
        }
    }

    /// The letter of the runtime's slot.
    pub(super) fn letter(self) -> &'static str {
        match self {
            Role::UserId => "u",
            Role::GroupId => "g",
            Role::SessionId => "s",
            Role::DeviceId => "d",
            Role::Timestamp => "t",
        }
    }

    /// The value in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Role::UserId => "the user's id",
            Role::GroupId => "the group's id",
            Role::SessionId => "the session's id",
            Role::DeviceId => "the device's id",
            Role::Timestamp => "the time of the event",
        }
    }
}
