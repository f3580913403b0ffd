//! What a scope says of every event in it.

use std::fmt::Display;

use super::fields::Fields;
use super::ids::{Id, Ids};
use super::value::Value;
use crate::panics;

/// Ids and context of a scope, weaker than what an event says itself.
#[derive(Clone, Default)]
pub(crate) struct Ambient {
    ids: Ids,
    pub(crate) fields: Fields,
}

impl Ambient {
    /// Sets an id; the empty text is a missing one, and so is one that cannot be told.
    pub(crate) fn set_id(&mut self, id: Id, value: &dyn Display) {
        // The id's `Display` is user code, and an id is missing whose text panics.
        let _ = panics::catch(|| self.ids.set(id, &Value::Display(value)));
    }

    /// What this says, and what `weaker` says where this says nothing.
    pub(crate) fn over(self, weaker: Self) -> Self {
        let mut fields = weaker.fields;
        fields.append(self.fields);
        Self { ids: self.ids.over(weaker.ids), fields }
    }

    /// The id, `u1"`.
    pub(super) fn id(&self, id: Id) -> Option<&[u8]> {
        self.ids.get(id)
    }
}
