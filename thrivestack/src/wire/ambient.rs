//! What a scope says of every event in it.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::draft::Id;
use super::fields::Fields;
use super::value::Value;

/// Ids and context of a scope, weaker than what an event says itself.
#[derive(Clone, Default)]
pub(crate) struct Ambient {
    /// Each as an entry, by [`Id`].
    ids: [Option<Vec<u8>>; Id::COUNT],
    pub(crate) fields: Fields,
}

impl Ambient {
    /// Sets an id; the empty text is a missing one, and so is one that cannot be told.
    pub(crate) fn set_id(&mut self, id: Id, value: &dyn Display) {
        let mut entry = Vec::new();
        // The id's `Display` is user code.
        let written = catch_unwind(AssertUnwindSafe(|| id.write(&mut entry, &Value::Display(value))));
        self.ids[id as usize] = matches!(written, Ok(true)).then_some(entry);
    }

    /// What this says, and what `weaker` says where this says nothing.
    pub(crate) fn over(self, weaker: Self) -> Self {
        let mut ids = weaker.ids;
        for (id, own) in ids.iter_mut().zip(self.ids) {
            *id = own.or(id.take());
        }
        let mut fields = weaker.fields;
        fields.append(self.fields);
        Self { ids, fields }
    }

    /// The id as an entry, `,"user_id":"u1"`.
    pub(super) fn id(&self, id: Id) -> Option<&[u8]> {
        self.ids[id as usize].as_deref()
    }
}
