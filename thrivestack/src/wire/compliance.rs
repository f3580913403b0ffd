//! EU compliance, as ThriveStack's guide of 15 May 2026 describes it: what it removes from an event that is written, and what
//! it replaces. Pure.
//!
//! It works on the bytes of the whole event, so that nothing depends on the way by which a value came in.

use hmac_sha256::Hash;
use thrivestack_core::personal;

use super::reader::{self, Kind, Malformed, Member, Reader, Token};

/// Appends an event without what EU compliance removes: the e-mail address and the name of a user, at any depth, and in a
/// B2C call those of an account. Ids that are e-mail addresses are replaced by a hash.
///
/// All other bytes stay as they were. An event that it wrote stays as it is.
pub(crate) fn write_compliant(event: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut filter = Filter {
        event,
        reader: Reader::new(event),
        is_b2c: is_b2c(event)?,
        copied: 0,
        lead: 0,
        open: Vec::new(),
        clean: 0,
        hashed_above: None,
        out,
    };
    while let Some(token) = filter.reader.next()? {
        filter.take(token)?;
    }
    filter.copy_up_to(event.len());
    Ok(())
}

/// Returns true if the group of an event is its user, by the ids as they are sent.
fn is_b2c(event: &[u8]) -> Result<bool, Malformed> {
    let members = reader::members(event)?;
    let user = find(event, &members, "user_id");
    let context = find(event, &members, "context").filter(|context| context.starts_with(b"{"));
    let context_group = match context {
        Some(context) => find(context, &reader::members(context)?, "group_id"),
        None => None,
    };
    let groups = [find(event, &members, "group_id"), context_group];
    Ok(groups.into_iter().flatten().any(|group| user.is_some_and(|user| are_same(user, group))))
}

fn are_same(one: &[u8], other: &[u8]) -> bool {
    match (one.first(), other.first()) {
        (Some(b'"'), Some(b'"')) => reader::text(one) == reader::text(other),
        _ => one == other,
    }
}

/// Returns the value of a key.
fn find<'a>(object: &'a [u8], members: &[Member], key: &str) -> Option<&'a [u8]> {
    let member = members.iter().rfind(|member| reader::text(&object[member.key.clone()]) == key)?;
    Some(&object[member.value.clone()])
}

struct Filter<'a, 'o> {
    event: &'a [u8],
    reader: Reader<'a>,
    is_b2c: bool,
    /// Up to where the event was copied or left out.
    copied: usize,
    /// Where the last member ended, or the brace of its object.
    lead: usize,
    /// For each container that is open, what became of its members.
    open: Vec<Members>,
    /// Up to where no value of an account is an e-mail address.
    clean: usize,
    /// The number of containers that are open outside of the id whose value is being read.
    hashed_above: Option<usize>,
    out: &'o mut Vec<u8>,
}

/// The outcome of the members of an object so far.
#[derive(Default)]
struct Members {
    has_kept: bool,
    has_removed: bool,
}

impl Filter<'_, '_> {
    fn take(&mut self, token: Token) -> Result<(), Malformed> {
        match token.kind {
            Kind::Key => return self.take_key(token),
            Kind::Object | Kind::Array => self.open.push(Members::default()),
            Kind::End => drop(self.open.pop()),
            Kind::Text if self.hashed_above.is_some() => self.hash(token),
            Kind::Text | Kind::Number | Kind::Word => {}
        }
        self.lead = token.end;
        if self.hashed_above == Some(self.reader.depth()) {
            self.hashed_above = None;
        }
        Ok(())
    }

    fn take_key(&mut self, token: Token) -> Result<(), Malformed> {
        let key = reader::text(&self.event[token.range()]);
        let key = key.as_bytes();
        if personal::is_removed(key)
            || (personal::is_removed_in_b2c(key) && self.is_personal_account(token)?)
        {
            return self.remove();
        }
        self.keep(token);
        if personal::is_hashed_id(key) && self.hashed_above.is_none() {
            self.hashed_above = Some(self.reader.depth());
        }
        Ok(())
    }

    /// Leaves a member out whose key was read last.
    fn remove(&mut self) -> Result<(), Malformed> {
        let value = self.reader.value()?;
        self.copy_up_to(self.lead);
        self.copied = value.end;
        self.lead = value.end;
        if let Some(members) = self.open.last_mut() {
            members.has_removed = true;
        }
        Ok(())
    }

    fn keep(&mut self, token: Token) {
        let Some(members) = self.open.last_mut() else { return };
        if members.has_removed && !members.has_kept {
            // The comma belongs to a member that is not there any more.
            self.copied = token.start;
        }
        members.has_kept = true;
    }

    /// Returns true if the value of an account that comes next is not to be sent.
    fn is_personal_account(&mut self, key: Token) -> Result<bool, Malformed> {
        if self.is_b2c {
            return Ok(true);
        }
        if key.end < self.clean {
            return Ok(false);
        }
        let mut value = self.reader.of_next_value();
        loop {
            let token = value.token()?;
            if token.kind == Kind::Text && self.is_address(token) {
                return Ok(true);
            }
            if value.depth() == 0 {
                self.clean = token.end;
                return Ok(false);
            }
        }
    }

    fn is_address(&self, text: Token) -> bool {
        personal::is_email_address(&reader::text(&self.event[text.range()]))
    }

    fn hash(&mut self, text: Token) {
        let id = reader::text(&self.event[text.range()]);
        if personal::is_email_address(&id) {
            self.copy_up_to(text.start);
            self.copied = text.end;
            write_hash(&id, self.out);
        }
    }

    fn copy_up_to(&mut self, end: usize) {
        self.out.extend_from_slice(&self.event[self.copied..end]);
        self.copied = end;
    }
}

/// Appends the hash of an e-mail address as a JSON string.
fn write_hash(address: &str, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for byte in Hash::hash(address.trim().to_lowercase().as_bytes()) {
        out.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests;
