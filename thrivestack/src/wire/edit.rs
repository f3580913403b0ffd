//! Writes what a hook made of an object: what it changed as it is now, and everything else as the bytes that it was. Pure.

use std::collections::HashMap;
use std::ops::Range;

use serde::Serialize;
use serde_json::{Map, Value};

use super::reader::{self, Kind, Malformed, Member, Reader};
use super::{json, shown};

/// For each item of an array whose length changed, so many items of the original are compared with it, on average.
const COMPARISONS: usize = 4;

/// Appends `now`, which was made of what is [shown](shown::object) of `original`.
pub(crate) fn write_edited(
    original: &[u8],
    now: &Map<String, Value>,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    if original.starts_with(b"{") { object(original, now, shown::LEVELS, out) } else { plain(now, out) }
}

/// Adds a member to an object, which is all that `out` has.
pub(crate) fn add_member(out: &mut Vec<u8>, key: &str, value: &Map<String, Value>) -> Result<(), Malformed> {
    let end = out.iter().rposition(|byte| *byte == b'}').ok_or(Malformed)?;
    let is_empty = out[..end].trim_ascii_end().ends_with(b"{");
    out.truncate(end);
    if !is_empty {
        out.push(b',');
    }
    json::write_string(out, key);
    out.push(b':');
    plain(value, out)?;
    out.push(b'}');
    Ok(())
}

/// `levels` is how deep the values of the members were shown.
fn object(
    original: &[u8],
    now: &Map<String, Value>,
    levels: usize,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    let members = reader::members(original)?;
    let mut last = HashMap::new();
    for (index, member) in members.iter().enumerate() {
        last.insert(reader::text(&original[member.key.clone()]), index);
    }
    let mut is_same = HashMap::new();
    let mut object = Object { original, lead: 1, is_empty: true, out };
    object.out.push(b'{');
    for (index, member) in members.iter().enumerate() {
        let key = reader::text(&original[member.key.clone()]);
        let (Some(now), Some(&counts)) = (now.get(&*key), last.get(&key)) else {
            object.omit(member);
            continue;
        };
        let shown = &original[members[counts].value.clone()];
        let is_same = match is_same.get(&counts) {
            Some(is_same) => *is_same,
            None => *is_same.entry(counts).or_insert(shown::value(shown, levels)? == *now),
        };
        if is_same {
            object.keep(member);
        } else if index == counts {
            object.change(member, |out| value(shown, now, levels, out))?;
        } else {
            // The hook did not see it, and it is of what was changed.
            object.omit(member);
        }
    }
    for (key, value) in now.iter().filter(|(key, _)| !last.contains_key(key.as_str())) {
        object.add(key, value)?;
    }
    object.finish();
    Ok(())
}

fn value(original: &[u8], now: &Value, levels: usize, out: &mut Vec<u8>) -> Result<(), Malformed> {
    match (original.first(), now, levels.checked_sub(1)) {
        (Some(b'{'), Value::Object(now), Some(levels)) => object(original, now, levels, out),
        (Some(b'['), Value::Array(now), Some(levels)) => array(original, now, levels, out),
        _ => plain(now, out),
    }
}

fn plain(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Malformed> {
    serde_json::to_writer(out, value).map_err(|_| Malformed)
}

fn array(original: &[u8], now: &[Value], levels: usize, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let items = items(original)?;
    let shown = items.iter().map(|item| shown::value(&original[item.clone()], levels));
    let shown = shown.collect::<Result<Vec<_>, _>>()?;
    let mut comparisons = COMPARISONS * (shown.len() + now.len());
    let mut at = 0;
    out.push(b'[');
    for (index, now_item) in now.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if shown.len() == now.len() {
            match &items[index] {
                item if shown[index] == *now_item => out.extend_from_slice(&original[item.clone()]),
                item => value(&original[item.clone()], now_item, levels, out)?,
            }
            continue;
        }
        // Items were removed or added, so that an item may stand elsewhere than it did.
        let ahead = shown[at..].iter().take(comparisons).position(|shown| shown == now_item);
        comparisons = comparisons.saturating_sub(ahead.map_or(shown.len() - at, |ahead| ahead + 1));
        match ahead {
            Some(ahead) => {
                out.extend_from_slice(&original[items[at + ahead].clone()]);
                at += ahead + 1;
            }
            None => plain(now_item, out)?,
        }
    }
    out.push(b']');
    Ok(())
}

/// Returns where the items of an array stand.
fn items(array: &[u8]) -> Result<Vec<Range<usize>>, Malformed> {
    let mut reader = Reader::new(array);
    reader.token()?;
    let mut items = Vec::new();
    loop {
        let first = reader.token()?;
        if first.kind == Kind::End {
            return Ok(items);
        }
        items.push(reader.rest_of(first)?);
    }
}

/// An object while it is written anew, with what stands between its members where they are kept.
struct Object<'a, 'o> {
    original: &'a [u8],
    /// Where the last member of the original ended, or its brace.
    lead: usize,
    is_empty: bool,
    out: &'o mut Vec<u8>,
}

impl Object<'_, '_> {
    fn omit(&mut self, member: &Member) {
        self.lead = member.value.end;
    }

    fn keep(&mut self, member: &Member) {
        self.begin(member);
        self.out.extend_from_slice(&self.original[member.value.clone()]);
    }

    fn change(
        &mut self,
        member: &Member,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.begin(member);
        write(self.out)
    }

    fn add(&mut self, key: &str, value: &Value) -> Result<(), Malformed> {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        json::write_string(self.out, key);
        self.out.push(b':');
        plain(value, self.out)
    }

    fn finish(self) {
        self.out.extend_from_slice(&self.original[self.lead..]);
    }

    /// Appends what stands before the value of a member.
    fn begin(&mut self, member: &Member) {
        let lead = &self.original[self.lead..member.key.start];
        // The comma belongs to a member that is not there any more.
        let is_first = std::mem::take(&mut self.is_empty);
        let lead = if is_first && lead.contains(&b',') { &[] } else { lead };
        self.out.extend_from_slice(lead);
        self.out.extend_from_slice(&self.original[member.key.start..member.value.start]);
        self.lead = member.value.end;
    }
}

#[cfg(test)]
mod tests;
