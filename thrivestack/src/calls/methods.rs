//! The methods that all four builders have, written once.

/// Gives a builder the methods of every call. `$what` is what `with` sets: a property or a trait.
macro_rules! call_methods {
    ($call:ident, $what:literal) => {
        impl $call {
            #[doc = concat!("Sets a ", $what, ". The last value of a key wins.")]
            ///
            /// What serializes to `null` (`None`, `NaN`) is left out, since ThriveStack wants what is not available
            /// left out. A value that fails to serialize is left out too, and counted.
            pub fn with(self, key: impl AsRef<str>, value: impl $crate::bounds::Serializable) -> Self {
                let value = &$crate::wire::Value::Json(&value);
                Self(self.0.edit(|draft| draft.set_property(key.as_ref(), value)))
            }

            /// Sets a key of the context. A key that has a method of its own (`group_id`, `source`, …) has the call
            /// refused.
            pub fn context(self, key: impl AsRef<str>, value: impl $crate::bounds::Serializable) -> Self {
                let value = &$crate::wire::Value::Json(&value);
                Self(self.0.edit(|draft| draft.set_context(key.as_ref(), value)))
            }

            /// Sets the user's id: whatever is stable, such as the key of the user's row. An empty id is a missing one.
            pub fn user_id(self, id: impl $crate::bounds::Identifier) -> Self {
                self.id($crate::wire::Id::User, &$crate::wire::Value::Display(&id))
            }

            /// [`user_id`](Self::user_id) if there is one.
            pub fn maybe_user_id(self, id: Option<impl $crate::bounds::Identifier>) -> Self {
                match id {
                    Some(id) => self.user_id(id),
                    None => self.id($crate::wire::Id::User, &$crate::wire::Value::Absent),
                }
            }

            /// Sets the group's id. It goes into the context, as ThriveStack asks.
            pub fn group_id(self, id: impl $crate::bounds::Identifier) -> Self {
                self.id($crate::wire::Id::Group, &$crate::wire::Value::Display(&id))
            }

            /// [`group_id`](Self::group_id) if there is one.
            pub fn maybe_group_id(self, id: Option<impl $crate::bounds::Identifier>) -> Self {
                match id {
                    Some(id) => self.group_id(id),
                    None => self.id($crate::wire::Id::Group, &$crate::wire::Value::Absent),
                }
            }

            /// Sets the session's id.
            pub fn session_id(self, id: impl $crate::bounds::Identifier) -> Self {
                self.id($crate::wire::Id::Session, &$crate::wire::Value::Display(&id))
            }

            /// Sets the device's id.
            pub fn device_id(self, id: impl $crate::bounds::Identifier) -> Self {
                self.id($crate::wire::Id::Device, &$crate::wire::Value::Display(&id))
            }

            /// Sets `context.source` instead of the configured one: `product` for what happens in the application,
            /// `marketing` for the public site.
            pub fn source(self, source: impl $crate::bounds::Identifier) -> Self {
                self.id($crate::wire::Id::Source, &$crate::wire::Value::Display(&source))
            }

            /// Sets when it happened, as anything that converts into a [`SystemTime`](std::time::SystemTime), instead of the moment of [`send`](Self::send). Sent in milliseconds.
            pub fn timestamp(self, timestamp: impl $crate::bounds::Timestamp) -> Self {
                Self(self.0.edit(|draft| draft.set_timestamp(timestamp.into())))
            }

            /// Puts the event into the queue. Never blocks, never panics. A call that is rejected because of how it is
            /// written is counted, and logged with the line of this call.
            #[track_caller]
            pub fn send(self) {
                // The rejection is counted and logged; `try_send` returns it.
                let _ = self.try_send();
            }

            /// Like [`send`](Self::send), but says why the call was refused.
            ///
            /// # Errors
            ///
            /// The reason of the refusal. `Ok` means that the event is in the queue, not that it was delivered.
            #[track_caller]
            pub fn try_send(self) -> Result<(), $crate::Rejected> {
                self.0.send_with(None, std::panic::Location::caller())
            }

            /// Like [`try_send`](Self::try_send), but says when the event is on disk, for what must not be lost: a
            /// future, or [`Durable::wait`]($crate::Durable::wait) for it. The event is sent whether anybody waits or not.
            ///
            /// It resolves to `Ok` when the event outlives what [`Config::durability`]($crate::Config::durability) says. It
            /// resolves to [`Rejected::NotDurable`]($crate::Rejected::NotDurable) if the event was taken in memory only,
            /// because there is no [spool]($crate::Config::spool) or because its disk fails, and to any other reason if
            /// the call was refused.
            #[track_caller]
            pub fn send_durable(self) -> $crate::Durable {
                self.0.send_durable_with(None, std::panic::Location::caller())
            }

            fn id(self, id: $crate::wire::Id, value: &$crate::wire::Value<'_>) -> Self {
                Self(self.0.edit(|draft| {
                    draft.guard(|draft| draft.set_id(id, value));
                }))
            }
        }

        impl From<$call> for $crate::calls::Call {
            fn from(call: $call) -> Self {
                Self(call.0)
            }
        }

        // What is in it is the user's data, which has no place in a log.
        impl std::fmt::Debug for $call {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($call)).finish_non_exhaustive()
            }
        }
    };
}
