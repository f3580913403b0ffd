//! Writing JSON into a byte buffer.

use std::fmt;

/// A value that can be written as JSON: everything that serde serializes.
///
/// The object-safe face of [`serde::Serialize`], so that expansions can hand values to functions that are compiled
/// once.
pub trait Json {
    /// Appends the value as JSON.
    ///
    /// # Errors
    ///
    /// Whatever the value's `Serialize` reports; the buffer may hold a part of it then.
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: serde::Serialize + ?Sized> Json for T {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        serde_json::to_writer(out, self)
    }
}

/// Appends `text` as a JSON string.
pub(super) fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    write_escaped(out, text);
    out.push(b'"');
}

/// Appends the `Display` of `value` as a JSON string.
pub(super) fn write_display(out: &mut Vec<u8>, value: fmt::Arguments<'_>) -> fmt::Result {
    out.push(b'"');
    fmt::write(&mut Escaped(out), value)?;
    out.push(b'"');
    Ok(())
}

/// Appends `text` with what JSON wants escaped escaped, as serde_json does it.
fn write_escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some(at) = first_to_escape(rest) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            control => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(control >> 4)]);
                out.push(HEX[usize::from(control & 15)]);
            }
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Where the first byte is that JSON wants escaped.
fn first_to_escape(bytes: &[u8]) -> Option<usize> {
    let needs_escape = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    // Nearly all text needs no escape, so eight bytes are asked at once first.
    let (words, rest) = bytes.as_chunks::<8>();
    let clean = words.iter().take_while(|word| !has_one_to_escape(u64::from_ne_bytes(**word))).count();
    let tail = if clean == words.len() { rest } else { &bytes[clean * 8..] };
    tail.iter().position(needs_escape).map(|at| clean * 8 + at)
}

/// Whether one of eight bytes is a control character, a quote or a backslash.
fn has_one_to_escape(word: u64) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // A byte less than `n` borrows into its highest bit, which `!word` says was not set before: bytes of UTF-8 beyond
    // ASCII have it set and are never escaped.
    let less_than = |word: u64, n: u64| word.wrapping_sub(ONES * n) & !word & HIGH;
    let equal_to = |byte: u8| less_than(word ^ (ONES * u64::from(byte)), 1);
    (less_than(word, 0x20) | equal_to(b'"') | equal_to(b'\\')) != 0
}

/// Escapes what is formatted into it.
struct Escaped<'a>(&'a mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(self.0, text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_string_is_written_as_serde_json_writes_it(text: String) {
            let mut ours = Vec::new();
            write_string(&mut ours, &text);
            prop_assert_eq!(ours, serde_json::to_vec(&text).unwrap());
        }

        #[test]
        fn control_characters_are_written_as_serde_json_writes_them(text in "[\\x00-\\x22\\\\a]{0,40}") {
            let mut ours = Vec::new();
            write_display(&mut ours, format_args!("{text}")).unwrap();
            prop_assert_eq!(ours, serde_json::to_vec(&text).unwrap());
        }
    }
}
