//! Writing text into a byte buffer as JSON.

use std::fmt;

/// Appends `text` as a JSON string.
pub(super) fn write_string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
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
pub(super) fn write_escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    if is_plain(bytes) {
        out.extend_from_slice(bytes);
    } else {
        escape(out, bytes);
    }
}

#[cold]
fn escape(out: &mut Vec<u8>, mut rest: &[u8]) {
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

/// Whether no byte of a text needs an escape, as in nearly all text.
fn is_plain(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk::<8>() {
        // All are asked before one is answered, which takes no branches; some bytes of the last word twice, which takes
        // less than asking the rest one by one.
        let (words, _) = text.as_chunks::<8>();
        let last = to_escape(u64::from_ne_bytes(*last));
        words.iter().fold(last, |found, word| found | to_escape(u64::from_ne_bytes(*word))) == 0
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        to_escape(u64::from(u32::from_ne_bytes(*first)) << 32 | u64::from(u32::from_ne_bytes(*last))) == 0
    } else {
        !text.iter().copied().any(needs_escape)
    }
}

/// The highest bits of those of eight bytes that need an escape, and maybe of some above them.
fn to_escape(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // A byte less than `n` borrows into its highest bit, which `!word` says was not set before: bytes of UTF-8 beyond
    // ASCII have it set and are never escaped.
    let control = word.wrapping_sub(ONES * 0x20);
    let quote = (word ^ (ONES * u64::from(b'"'))).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
    (control | quote | backslash) & !word & HIGH
}

/// Where the first byte is that JSON wants escaped.
fn first_to_escape(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    let plain = words.iter().take_while(|word| to_escape(u64::from_ne_bytes(**word)) == 0).count();
    let rest = if plain == words.len() { rest } else { &bytes[plain * 8..] };
    rest.iter().copied().position(needs_escape).map(|at| plain * 8 + at)
}

fn needs_escape(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// Escapes what is formatted into it.
pub(super) struct Escaped<'a>(pub(super) &'a mut Vec<u8>);

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

    fn written(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        write_string(&mut out, text);
        out
    }

    proptest! {
        #[test]
        fn a_string_is_written_as_serde_json_writes_it(text: String) {
            prop_assert_eq!(written(&text), serde_json::to_vec(&text).unwrap());
        }

        #[test]
        fn control_characters_are_written_as_serde_json_writes_them(text in "[\\x00-\\x22\\\\a]{0,40}") {
            prop_assert_eq!(written(&text), serde_json::to_vec(&text).unwrap());
        }
    }

    #[test]
    fn one_byte_that_needs_an_escape_is_found_anywhere() {
        for len in 1..70 {
            for at in 0..len {
                for byte in ['"', '\\', '\0', '\u{1f}'] {
                    let text: String = (0..len).map(|it| if it == at { byte } else { 'x' }).collect();
                    assert_eq!(written(&text), serde_json::to_vec(&text).unwrap(), "{text:?}");
                }
            }
        }
    }
}
