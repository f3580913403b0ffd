//! The values of a request's headers that a context may want.
//!
//! Only the value that is asked for is decoded: what else a client sends, in whatever encoding, costs nothing of it.

/// Returns the value of the first cookie of this name in the `Cookie` headers of a request, unless it is no UTF-8.
pub(crate) fn find<'a>(mut headers: impl Iterator<Item = &'a [u8]>, name: &str) -> Option<&'a str> {
    let value = headers.find_map(|header| {
        let mut pairs = header.split(|byte| *byte == b';').filter_map(|pair| {
            let equals = pair.iter().position(|byte| *byte == b'=')?;
            Some((pair[..equals].trim_ascii(), &pair[equals + 1..]))
        });
        pairs.find(|(key, _)| *key == name.as_bytes()).map(|(_, value)| value.trim_ascii())
    })?;
    let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
    text(unquoted.unwrap_or(value))
}

/// Returns the value of a header as text, unless it is no UTF-8.
pub(crate) fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cookie_of_the_name_counts() {
        for (headers, expected) in [
            (&["visitor=v1"][..], Some("v1")),
            (&["theme=dark; visitor=v1; visitor=v2"], Some("v1")),
            (&["theme=dark", "visitor=\"v 1\""], Some("v 1")),
            (&["visitor=a=b=="], Some("a=b==")),
            (&["visitor="], Some("")),
            (&["visitor=\""], Some("\"")),
            (&["visitors=v1; visitor"], None),
            (&["Visitor=v1"], None),
            (&[], None),
        ] {
            let headers = headers.iter().map(|header| header.as_bytes());
            assert_eq!(find(headers.clone(), "visitor"), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_beside_others_in_any_encoding() {
        for (header, expected) in [
            (&b"name=Ren\xc3\xa9; visitor=v1"[..], Some("v1")),
            (b"visitor=v1; name=Ren\xe9", Some("v1")),
            (b"\xff\xfe=\xff; visitor=\"v1\"; \xff", Some("v1")),
            (b"visitor=Ren\xc3\xa9", Some("Ren\u{e9}")),
            (b"visitor=Ren\xe9", None),
        ] {
            assert_eq!(find([header].into_iter(), "visitor"), expected, "{}", header.escape_ascii());
        }
    }
}
