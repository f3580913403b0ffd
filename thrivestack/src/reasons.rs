//! What becomes of an event: why it was not taken, and why a taken one was not delivered.

use std::fmt;

/// Why a call was refused: it was never accepted, and is counted by [`Stats::rejected`](crate::Stats::rejected).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejected {
    /// A track, identify or group call without a user's id, or with an empty one.
    NoUserId,
    /// A group call without a group's id, or with an empty one.
    NoGroupId,
    /// A group call without a group type, which ThriveStack's documentation makes mandatory.
    NoGroupType,
    /// A page call with neither a user's nor a session's id.
    NoUserOrSession,
    /// `context(key, …)` with a key that has a method of its own, such as `group_id` or `source`.
    ReservedContextKey,
    /// The event alone is larger than the 2,000,000 bytes that ThriveStack takes in one request.
    TooLarge,
    /// The queue holds as many bytes as it may.
    QueueFull,
    /// The [`spool`](crate::Config::spool) holds as many bytes as it may.
    SpoolFull,
    /// Of `send_durable` alone: the event was taken, but in memory only, because there is no
    /// [`spool`](crate::Config::spool) or because its disk fails. It is delivered unless the process ends before that,
    /// and counts as accepted, not as refused.
    NotDurable,
    /// A value's `Serialize`, `Display` or `Debug` panicked.
    Panicked,
    /// A value's `Serialize` wrote what is no JSON, so that [EU compliance](crate::Config::eu_compliance) cannot look into it.
    Malformed,
    /// The client was shut down.
    ShutDown,
    /// There is no client, or it is disabled.
    Disabled,
    /// The event was emitted from inside of this crate, as by an allocator that reports what it is asked for.
    Reentrant,
}

/// Why an accepted event was given up, as counted by [`Stats::dropped`](crate::Stats::dropped).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// ThriveStack refused the request with a status that a repetition does not change.
    RefusedByServer,
    /// [`before_send`](crate::Config::before_send) decided to drop it.
    Hook,
    /// [`before_send`](crate::Config::before_send) panicked.
    HookPanicked,
    /// Larger than the server takes, or made larger than ThriveStack takes by
    /// [`before_send`](crate::Config::before_send).
    TooLarge,
    /// The client was shut down before it could be delivered.
    ShutDown,
    /// It waited on disk for longer than [`spool_max_age`](crate::Config::spool_max_age).
    Expired,
    /// Its record in the [`spool`](crate::Config::spool) is not as it was written.
    Damaged,
    /// It is no JSON object, so that neither [`before_send`](crate::Config::before_send) nor
    /// [EU compliance](crate::Config::eu_compliance) can look into it. A `Serialize` that wrote no JSON, or a spool that
    /// something else wrote, has such events.
    Malformed,
}

/// What becomes of the events of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportOutcome {
    /// ThriveStack has them.
    Delivered,
    /// They will be sent again after a back-off.
    WillRetry,
    /// They wait for another key, or for another endpoint: the answer was 401, 403 or a redirect.
    Parked,
    /// They are given up.
    Dropped(DropReason),
}

impl Rejected {
    pub(crate) const COUNT: usize = Self::Reentrant as usize + 1;
}

impl DropReason {
    pub(crate) const COUNT: usize = Self::Malformed as usize + 1;
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoUserId => "the call has no user id: set one with `user_id`",
            Self::NoGroupId => "the group call has no group id: give it to `group`",
            Self::NoGroupType => {
                "the group call has no group type: set `group_type`, `Account` for the one that is billed"
            }
            Self::NoUserOrSession => "the page call has neither a user nor a session: set `user_id` or `session_id`",
            Self::ReservedContextKey => {
                "a context key has a method of its own: use `user_id`, `group_id`, `session_id`, `device_id`, \
                 `source`, `group_type` or `timestamp`"
            }
            Self::TooLarge => "the event is larger than the 2,000,000 bytes of one request: send less with it",
            Self::QueueFull => {
                "the queue is full: the service is unreachable or slower than the events, or `queue_bytes` is too small"
            }
            Self::SpoolFull => {
                "the spool is full: the service is unreachable or slower than the events, or `spool_bytes` is too small"
            }
            Self::NotDurable => {
                "the event was taken in memory only: set `Config::spool`, and see to it that its disk has room and works"
            }
            Self::Panicked => "a value panicked while it was serialized: fix its `Serialize`, `Display` or `Debug`",
            Self::Malformed => "a value is no JSON: fix its `Serialize`, which EU compliance cannot look into",
            Self::ShutDown => "the client was shut down: send before the guard is dropped",
            Self::Disabled => "telemetry is off: call `init` first, or enable it",
            Self::Reentrant => {
                "the event was emitted from inside of thrivestack, as by an allocator: emit it on another thread"
            }
        })
    }
}

impl std::error::Error for Rejected {}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RefusedByServer => "refused by the server",
            Self::Hook => "dropped by `before_send`",
            Self::HookPanicked => "`before_send` panicked",
            Self::TooLarge => "larger than the server takes",
            Self::ShutDown => "not delivered before the shutdown",
            Self::Expired => "too old when it could have been delivered",
            Self::Damaged => "damaged on disk",
            Self::Malformed => "no JSON object",
        })
    }
}

impl fmt::Display for ReportOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered => f.write_str("delivered"),
            Self::WillRetry => f.write_str("will be sent again"),
            Self::Parked => f.write_str("waiting for another key or endpoint"),
            Self::Dropped(reason) => write!(f, "dropped: {reason}"),
        }
    }
}
