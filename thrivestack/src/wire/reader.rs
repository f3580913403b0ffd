//! Reads JSON as the bytes that it is: where each part of a document stands, without recursion, however deep it is nested.
//! No value is interpreted unless a caller asks for it. Pure.

use std::borrow::Cow;
use std::ops::Range;

use super::json;

/// The parts of a document, one after the other. Takes exactly the documents that serde_json takes for a raw value.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The containers that are open, true for an object.
    open: Vec<bool>,
    next: Next,
}

/// A part of a document, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `{`.
    Object,
    /// `[`.
    Array,
    /// The end of the innermost container.
    End,
    /// The key of a member, with its quotes.
    Key,
    /// A string, with its quotes.
    Text,
    Number,
    /// `true`, `false` or `null`.
    Word,
}

/// The error of bytes that are no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The part that may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    KeyOrEnd,
    CommaOrEnd,
    Nothing,
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Where its key stands, with the quotes.
    pub(crate) key: Range<usize>,
    pub(crate) value: Range<usize>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, open: Vec::new(), next: Next::Value }
    }

    /// Returns a reader of the value that comes next, and of nothing else.
    pub(crate) fn of_next_value(&self) -> Self {
        Self { at: self.at, ..Self::new(self.bytes) }
    }

    /// The number of containers that are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Returns the next part, or `None` at the end of the document.
    pub(crate) fn next(&mut self) -> Result<Option<Token>, Malformed> {
        self.skip_white_space();
        if self.next == Next::CommaOrEnd && self.byte() == Some(b',') {
            self.at += 1;
            self.skip_white_space();
            return match self.open.last() {
                Some(true) => self.key().map(Some),
                _ => self.value_token().map(Some),
            };
        }
        match (self.next, self.byte()) {
            (Next::Nothing, None) => Ok(None),
            (Next::ValueOrEnd | Next::CommaOrEnd, Some(b']')) => self.close(false).map(Some),
            (Next::KeyOrEnd | Next::CommaOrEnd, Some(b'}')) => self.close(true).map(Some),
            (Next::Value | Next::ValueOrEnd, _) => self.value_token().map(Some),
            (Next::KeyOrEnd, _) => self.key().map(Some),
            (Next::Nothing | Next::CommaOrEnd, _) => Err(Malformed),
        }
    }

    /// Returns the next part of a document that has not ended.
    pub(crate) fn token(&mut self) -> Result<Token, Malformed> {
        self.next()?.ok_or(Malformed)
    }

    /// Reads the next value to its end. Returns where it stands.
    pub(crate) fn value(&mut self) -> Result<Range<usize>, Malformed> {
        let first = self.token()?;
        self.rest_of(first)
    }

    /// Reads to its end the value that begins with `first`, which was read last. Returns where it stands.
    pub(crate) fn rest_of(&mut self, first: Token) -> Result<Range<usize>, Malformed> {
        let mut last = first;
        if matches!(first.kind, Kind::Object | Kind::Array) {
            let depth = self.depth();
            while self.depth() >= depth {
                last = self.token()?;
            }
        }
        Ok(first.start..last.end)
    }

    fn close(&mut self, is_object: bool) -> Result<Token, Malformed> {
        if self.open.pop() != Some(is_object) {
            return Err(Malformed);
        }
        let start = self.at;
        self.at += 1;
        self.end_value();
        Ok(Token { kind: Kind::End, start, end: self.at })
    }

    fn key(&mut self) -> Result<Token, Malformed> {
        let Range { start, end } = self.string()?;
        self.skip_white_space();
        if self.byte() != Some(b':') {
            return Err(Malformed);
        }
        self.at += 1;
        self.next = Next::Value;
        Ok(Token { kind: Kind::Key, start, end })
    }

    fn value_token(&mut self) -> Result<Token, Malformed> {
        let start = self.at;
        let kind = match self.byte().ok_or(Malformed)? {
            b'{' => return Ok(self.begin(Kind::Object, Next::KeyOrEnd)),
            b'[' => return Ok(self.begin(Kind::Array, Next::ValueOrEnd)),
            b'"' => self.string().map(|_| Kind::Text)?,
            b'-' | b'0'..=b'9' => self.number().map(|()| Kind::Number)?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => return Err(Malformed),
        };
        self.end_value();
        Ok(Token { kind, start, end: self.at })
    }

    fn begin(&mut self, kind: Kind, next: Next) -> Token {
        let start = self.at;
        self.at += 1;
        self.open.push(kind == Kind::Object);
        self.next = next;
        Token { kind, start, end: self.at }
    }

    fn end_value(&mut self) {
        self.next = if self.open.is_empty() { Next::Nothing } else { Next::CommaOrEnd };
    }

    fn word(&mut self, word: &[u8]) -> Result<Kind, Malformed> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(Malformed);
        }
        self.at += word.len();
        Ok(Kind::Word)
    }

    fn string(&mut self) -> Result<Range<usize>, Malformed> {
        let start = self.at;
        if self.byte() != Some(b'"') {
            return Err(Malformed);
        }
        self.at += 1;
        loop {
            self.at += json::first_to_escape(&self.bytes[self.at..]).ok_or(Malformed)?;
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(start..self.at);
                }
                b'\\' => self.at += escape_len(&self.bytes[self.at..])?,
                _ => return Err(Malformed),
            }
        }
    }

    fn number(&mut self) -> Result<(), Malformed> {
        self.skip(|byte| byte == b'-', 1);
        match self.byte() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.skip(|byte| byte == b'.', 1) {
            self.digits()?;
        }
        if self.skip(|byte| matches!(byte, b'e' | b'E'), 1) {
            self.skip(|byte| matches!(byte, b'+' | b'-'), 1);
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        if self.skip(|byte| byte.is_ascii_digit(), usize::MAX) { Ok(()) } else { Err(Malformed) }
    }

    fn skip_white_space(&mut self) {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'), usize::MAX);
    }

    /// Goes past at most `most` bytes of a kind. Returns true if there was one.
    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool, most: usize) -> bool {
        let skipped = self.bytes[self.at..].iter().take(most).take_while(|byte| is_skipped(**byte)).count();
        self.at += skipped;
        skipped > 0
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

impl Token {
    pub(crate) fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// The length of an escape sequence at the beginning of `bytes`.
fn escape_len(bytes: &[u8]) -> Result<usize, Malformed> {
    match bytes.get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => four_digits(bytes).map(|_| 6),
        _ => Err(Malformed),
    }
}

/// The number in `\u0041`, with which `bytes` begins.
fn four_digits(bytes: &[u8]) -> Result<u32, Malformed> {
    let digits = bytes.get(2..6).ok_or(Malformed)?;
    digits
        .iter()
        .try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
        .ok_or(Malformed)
}

/// Returns the members of an object that is the whole document, and nothing else.
pub(crate) fn members(object: &[u8]) -> Result<Vec<Member>, Malformed> {
    let mut reader = Reader::new(object);
    if reader.token()?.kind != Kind::Object {
        return Err(Malformed);
    }
    let mut members = Vec::new();
    loop {
        let token = reader.token()?;
        if token.kind == Kind::End {
            break;
        }
        members.push(Member { key: token.range(), value: reader.value()? });
    }
    reader.next()?.map_or(Ok(members), |_| Err(Malformed))
}

/// Returns where the first member of an object ends, of which that much has to be there.
pub(crate) fn end_of_first_member(object: &[u8]) -> Result<usize, Malformed> {
    let mut reader = Reader::new(object);
    reader.token()?;
    reader.token()?;
    reader.value().map(|value| value.end)
}

/// Returns the text of a string of a document, which is given with its quotes. The halves of a surrogate pair that stand
/// alone become U+FFFD.
pub(crate) fn text(string: &[u8]) -> Cow<'_, str> {
    let inner = string.get(1..string.len().saturating_sub(1)).unwrap_or_default();
    if memchr::memchr(b'\\', inner).is_none() {
        return String::from_utf8_lossy(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        text.push_str(&String::from_utf8_lossy(&rest[..at]));
        let (character, len) = unescape(&rest[at..]);
        text.push(character);
        rest = rest.get(at + len..).unwrap_or_default();
    }
    text.push_str(&String::from_utf8_lossy(rest));
    Cow::Owned(text)
}

/// The character of the escape sequence with which `bytes` begins, and its length.
fn unescape(bytes: &[u8]) -> (char, usize) {
    let character = match bytes.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unescape_unicode(bytes),
        Some(other) => char::from(*other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, 2)
}

fn unescape_unicode(bytes: &[u8]) -> (char, usize) {
    let first = four_digits(bytes).unwrap_or_default();
    let second =
        || bytes.get(6..).filter(|rest| rest.starts_with(b"\\u")).and_then(|rest| four_digits(rest).ok());
    if let (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) = (first, second()) {
        let pair = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

#[cfg(test)]
mod tests;
