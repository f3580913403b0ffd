//! What an event has at most one of, each a string.

use super::value::Value;

/// A longer id's memory is given back when the next event begins.
const LARGEST_KEPT: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Id {
    /// The name of a page.
    Page,
    User,
    Group,
    GroupType,
    Session,
    Device,
    Source,
}

/// The ids of an event, or of a scope.
#[derive(Clone, Default)]
pub(super) struct Ids {
    /// By [`Id`], each as the rest of a JSON string after its first quote, `u1"`, or empty if it is missing.
    texts: [Vec<u8>; Id::Source as usize + 1],
    has_large: bool,
}

impl Ids {
    /// The id, `u1"`, if it is there.
    pub(super) fn get(&self, id: Id) -> Option<&[u8]> {
        Some(self.texts[id as usize].as_slice()).filter(|text| !text.is_empty())
    }

    /// Sets an id. It is missing if the text is empty or cannot be told. The user's code runs in it, unguarded.
    #[inline]
    pub(super) fn set(&mut self, id: Id, value: &Value<'_>) {
        let text = &mut self.texts[id as usize];
        text.clear();
        if value.write_text(text).is_ok() && !text.is_empty() {
            text.push(b'"');
            self.has_large |= text.len() > LARGEST_KEPT;
        } else {
            text.clear();
        }
    }

    /// Sets an id to what is a JSON string, if it is one.
    pub(super) fn set_json(&mut self, id: Id, json: Option<&[u8]>) {
        let text = &mut self.texts[id as usize];
        text.clear();
        text.extend_from_slice(json.and_then(|json| json.strip_prefix(b"\"")).unwrap_or_default());
        self.has_large |= text.len() > LARGEST_KEPT;
    }

    pub(super) fn unset(&mut self, id: Id) {
        self.texts[id as usize].clear();
    }

    /// What this says, and what `weaker` says where this says nothing.
    pub(super) fn over(mut self, weaker: Self) -> Self {
        for (own, weaker) in self.texts.iter_mut().zip(weaker.texts) {
            if own.is_empty() {
                *own = weaker;
            }
        }
        self
    }

    /// Forgets all of them, and keeps the memory for others.
    #[inline]
    pub(super) fn clear(&mut self) {
        if self.has_large {
            *self = Self::default();
        }
        self.texts.iter_mut().for_each(Vec::clear);
    }
}
