//! Finds API keys in text that comes from outside, escaped as it may be. Pure.

/// The number of escapes that may be inside one another: a key in JSON, in a URL, in a page of HTML.
const MOST_ESCAPES: u32 = 3;
/// As many first characters of a key are found at the end of a text that was cut off.
const LEAST_CUT: usize = 4;
/// The end of a text, where more would have to follow.
const CUT: usize = usize::MAX;
const REDACTED: &str = "[API key]";

/// The names that HTML has for the characters of keys.
const NAMES: &[(&str, u8)] = &[
    ("amp", b'&'),
    ("apos", b'\''),
    ("ast", b'*'),
    ("bsol", b'\\'),
    ("colon", b':'),
    ("comma", b','),
    ("commat", b'@'),
    ("dollar", b'$'),
    ("equals", b'='),
    ("excl", b'!'),
    ("grave", b'`'),
    ("gt", b'>'),
    ("Hat", b'^'),
    ("lbrace", b'{'),
    ("lbrack", b'['),
    ("lcub", b'{'),
    ("lowbar", b'_'),
    ("lpar", b'('),
    ("lsqb", b'['),
    ("lt", b'<'),
    ("num", b'#'),
    ("percnt", b'%'),
    ("period", b'.'),
    ("plus", b'+'),
    ("quest", b'?'),
    ("quot", b'"'),
    ("rbrace", b'}'),
    ("rbrack", b']'),
    ("rcub", b'}'),
    ("rpar", b')'),
    ("rsqb", b']'),
    ("semi", b';'),
    ("sol", b'/'),
    ("verbar", b'|'),
    ("vert", b'|'),
];

/// Replaces every key in `text`: as it is, or with any of its characters escaped as JSON, HTML or a URL do, up to three times.
/// A text that ends within a key, behind its fourth character, was cut off and ends there.
pub(crate) fn redact(text: &str, keys: &[&[u8]]) -> String {
    let bytes = text.as_bytes();
    let mut redacted = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        if let Some(end) = keys.iter().filter_map(|key| key_end(bytes, at, key)).max() {
            redacted.push_str(REDACTED);
            at = end.min(bytes.len());
        } else {
            redacted.push(character);
            at += character.len_utf8();
        }
    }
    redacted
}

/// Returns where a key ends that begins at `at`.
fn key_end(text: &[u8], at: usize, key: &[u8]) -> Option<usize> {
    let mut ends = vec![at];
    let mut is_cut = false;
    for (index, byte) in key.iter().enumerate() {
        let mut next = Vec::new();
        for end in ends {
            escaped(text, end, *byte, MOST_ESCAPES, &mut next);
        }
        is_cut |= next.contains(&CUT) && index >= LEAST_CUT;
        next.retain(|end| *end != CUT);
        next.sort_unstable();
        next.dedup();
        ends = next;
    }
    ends.into_iter().max().or(is_cut.then_some(CUT))
}

/// Adds every place where `byte` may end that begins at `at`, literally or escaped at most so many times.
fn escaped(text: &[u8], at: usize, byte: u8, escapes: u32, ends: &mut Vec<usize>) {
    match text.get(at) {
        None => ends.push(CUT),
        Some(found) if *found == byte => ends.push(at + 1),
        Some(_) => {}
    }
    // Every escape begins with one of these, be it escaped itself.
    if escapes == 0 || !matches!(text.get(at), Some(b'%' | b'\\' | b'&')) {
        return;
    }
    let escapes = escapes - 1;
    for after in one(text, at, b'%', escapes) {
        ends.extend(hex(text, after, 2, byte));
    }
    for after in one(text, at, b'\\', escapes) {
        if byte.is_ascii_punctuation() {
            escaped(text, after, byte, escapes, ends);
        }
        for after in one(text, after, b'u', 0) {
            ends.extend(hex(text, after, 4, byte));
            for after in one(text, after, b'{', 0) {
                numeric(text, after, 16, byte, b'}', escapes, ends);
            }
        }
        for after in one(text, after, b'x', 0) {
            ends.extend(hex(text, after, 2, byte));
        }
    }
    for after in one(text, at, b'&', escapes) {
        for after in one(text, after, b'#', escapes) {
            numeric(text, after, 10, byte, b';', escapes, ends);
            for after in one(text, after, b'x', 0).into_iter().chain(one(text, after, b'X', 0)) {
                numeric(text, after, 16, byte, b';', escapes, ends);
            }
        }
        for (name, _) in NAMES.iter().filter(|(_, named)| *named == byte) {
            let rest = text.get(after..).unwrap_or_default();
            if rest.starts_with(name.as_bytes()) {
                closed(text, after + name.len(), b';', escapes, ends);
            } else if name.as_bytes().starts_with(rest) {
                ends.push(CUT);
            }
        }
    }
}

fn one(text: &[u8], at: usize, byte: u8, escapes: u32) -> Vec<usize> {
    let mut ends = Vec::new();
    if at != CUT {
        escaped(text, at, byte, escapes, &mut ends);
    }
    ends
}

/// Returns where so many hexadecimal digits end, if they are those of `byte`.
fn hex(text: &[u8], at: usize, digits: usize, byte: u8) -> Option<usize> {
    let rest = text.get(at..).unwrap_or_default();
    let Some(number) = rest.get(..digits) else {
        return rest.iter().all(u8::is_ascii_hexdigit).then_some(CUT);
    };
    let number = std::str::from_utf8(number).ok()?;
    (u32::from_str_radix(number, 16) == Ok(u32::from(byte))).then_some(at + digits)
}

/// Adds where a number of any length ends, if it is that of `byte`.
fn numeric(text: &[u8], at: usize, radix: u32, byte: u8, close: u8, escapes: u32, ends: &mut Vec<usize>) {
    let Some(rest) = text.get(at..) else { return ends.push(CUT) };
    let digits = rest.iter().take_while(|digit| char::from(**digit).is_digit(radix)).count();
    let number = std::str::from_utf8(&rest[..digits]).unwrap_or_default();
    if digits == rest.len() {
        ends.push(CUT);
    }
    if u32::from_str_radix(number, radix) == Ok(u32::from(byte)) {
        closed(text, at + digits, close, escapes, ends);
    }
}

/// Adds the end of an escape that is closed, or that a lenient reader takes without that.
fn closed(text: &[u8], at: usize, close: u8, escapes: u32, ends: &mut Vec<usize>) {
    let mut closed = one(text, at, close, escapes);
    closed.retain(|end| *end != CUT);
    if closed.is_empty() { ends.push(at) } else { ends.append(&mut closed) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "7Hq+vASNFZ4mrze8BI0Vnia/N7wEjRWeJq83+Wd0Ztg=";

    fn redact_one(text: &str, key: &str) -> String {
        redact(text, &[key.as_bytes()])
    }

    #[test]
    fn a_key_is_found_however_it_is_escaped() {
        let slashes = KEY.replace('/', r"\/");
        let unicode = KEY.replace('/', r"\u002F").replace('+', r"\u002b");
        let html = KEY.replace('/', "&#x2F;").replace('+', "&#43;").replace('=', "&equals;");
        let url = KEY.replace('/', "%2f").replace('+', "%2B").replace('=', "%3D");
        let twice = url.replace('%', "%25");
        let json_in_json = KEY.replace('/', r"\\\/");
        for form in [KEY, &slashes, &unicode, &html, &url, &twice, &json_in_json] {
            assert_eq!(redact_one(&format!("[\"no {form}!\"]"), KEY), "[\"no [API key]!\"]", "{form}");
        }
    }

    #[test]
    fn a_text_that_is_cut_off_in_a_key_ends_there() {
        for len in LEAST_CUT..KEY.len() {
            assert_eq!(redact_one(&format!("no {}", &KEY[..len]), KEY), "no [API key]");
        }
        assert_eq!(redact_one("no 7Hq+%", "7Hq+/"), "no [API key]");
        assert_eq!(redact_one("expected 7", KEY), "expected 7");
        assert_eq!(redact_one("7Hq+ is no key", KEY), "7Hq+ is no key");
    }

    /// A character as any of the escapes has it.
    fn escape(character: char, how: u8) -> String {
        let code = u32::from(character);
        let named = NAMES.iter().find(|(_, byte)| char::from(*byte) == character);
        match how {
            0 => format!("%{code:02X}"),
            1 => format!("\\u{code:04x}"),
            2 => format!("&#{code};"),
            3 => format!("&#x{code:X};"),
            4 if character.is_ascii_punctuation() => format!("\\{character}"),
            5 if named.is_some() => format!("&{};", named.unwrap().0),
            _ => character.to_string(),
        }
    }

    proptest! {
        #[test]
        fn no_key_is_left_however_its_characters_are_escaped(
            key in "[!-~]{1,30}",
            hows in prop::collection::vec((0..9_u8, 0..9_u8), 30),
            before in "[ äöü€]{0,9}",
            after in "[ äöü€]{0,9}",
        ) {
            let escape_twice = |(character, (inner, outer)): (char, &(u8, u8))| {
                let once = escape(character, *inner);
                // What begins an escape may itself be escaped, as by a program that quotes another one.
                let first: String = once.chars().take(1).map(|first| escape(first, *outer)).collect();
                first + &once[1..]
            };
            let form: String = key.chars().zip(&hows).map(escape_twice).collect();
            let text = format!("{before} {form} {after}");
            prop_assert_eq!(redact_one(&text, &key), format!("{before} {REDACTED} {after}"), "{}", text);
        }

        #[test]
        fn any_text_is_read_without_a_panic(
            text in ".{0,80}|[%&#;x0-9\\\\u{}a-f]{0,80}",
            key in "[!-~]{1,8}|[%&#;x0-9\\\\u{}a-f]{1,8}",
        ) {
            redact_one(&text, &key);
            prop_assert_eq!(redact(&text, &[]), text);
        }
    }
}
