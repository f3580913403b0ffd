//! Writing text into a byte buffer as JSON.

use std::fmt;

/// Appends `text` as a JSON string.
#[inline]
pub(super) fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    write_escaped(out, text);
    out.push(b'"');
}

/// Makes the comma of an object's first entry, which begins at `start`, its brace.
#[inline]
pub(super) fn open_object(out: &mut Vec<u8>, start: usize) {
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
}

/// Makes an object of the entries that begin at `start`.
#[inline]
pub(super) fn close_object(out: &mut Vec<u8>, start: usize) {
    open_object(out, start);
    out.push(b'}');
}

/// Appends an integer, as serde_json does it.
pub(super) fn write_integer(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends the `Display` of `value` as a JSON string.
pub(super) fn write_display(out: &mut Vec<u8>, value: fmt::Arguments<'_>) -> fmt::Result {
    out.push(b'"');
    fmt::write(&mut Escaped(out), value)?;
    out.push(b'"');
    Ok(())
}

/// Appends `text` with what JSON wants escaped escaped, as serde_json does it.
#[inline]
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

/// Whether no byte of a text needs an escape, as in nearly all text. It calls nothing, so that a call of it is cheap, and
/// asks most texts without a loop: that some of their bytes are asked twice takes less than branches that are hard to
/// foresee.
#[inline(never)]
fn is_plain(text: &[u8]) -> bool {
    if text.len() > 64 {
        first_to_escape(text).is_none()
    } else if let (Some(first), Some(last)) = (text.first_chunk::<32>(), text.last_chunk::<32>()) {
        are_plain([first, last])
    } else if let (Some(first), Some(last)) = (text.first_chunk::<16>(), text.last_chunk::<16>()) {
        are_plain([first, last])
    } else if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        are_plain([first, last])
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        are_plain([first, last])
    } else {
        !text.iter().copied().any(needs_escape)
    }
}

/// Asks all bytes before it answers, which compilers make a few instructions of.
#[inline(always)]
fn are_plain<const N: usize, const BLOCKS: usize>(blocks: [&[u8; N]; BLOCKS]) -> bool {
    // It is zero for a control character, a quote and a backslash: one comparison for all three. The quote is one of two
    // bytes that change places, which puts it next to the control characters, and a space behind it.
    let distance = |byte: u8| (byte ^ 2).saturating_sub(b' ').min(byte ^ b'\\');
    let nearest = |at: usize| blocks.iter().fold(u8::MAX, |nearest, block| nearest.min(distance(block[at])));
    (0..N).fold(0, |so_far, at| so_far | u8::from(nearest(at) == 0)) == 0
}

/// Where the first byte is that JSON wants escaped.
pub(super) fn first_to_escape(bytes: &[u8]) -> Option<usize> {
    let (blocks, _) = bytes.as_chunks::<16>();
    let plain = 16 * blocks.iter().take_while(|block| are_plain([*block])).count();
    bytes[plain..].iter().copied().position(needs_escape).map(|at| plain + at)
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
