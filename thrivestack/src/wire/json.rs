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
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        match rest.as_bytes()[at] {
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
        // Every byte that stops the scan is ASCII, so the next one begins a character.
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest.as_bytes());
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
