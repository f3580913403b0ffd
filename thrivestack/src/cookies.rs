//! The cookies of a request.

/// The value of the first cookie of this name in the `Cookie` headers of a request.
pub(crate) fn find<'a>(mut headers: impl Iterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    headers.find_map(|header| {
        let mut pairs = header.split(';').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| key.trim() == name)?;
        let value = value.trim();
        Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
    })
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
            (&["visitors=v1; visitor"], None),
            (&["Visitor=v1"], None),
            (&[], None),
        ] {
            assert_eq!(find(headers.iter().copied(), "visitor"), expected, "{headers:?}");
        }
    }
}
