//! API keys: where they travel, what they authorize and what they look like.

/// The request header that carries the key.
pub const HEADER: &str = "x-api-key";

/// The scope that authorizes all four calls. The older scopes of one call each are
/// [`Call::scope`](crate::calls::Call::scope).
pub const SCOPE: &str = "telemetry_apis";

/// Returns true if the key has the shape of the console's keys: 44 characters of base64 that end in `=`.
///
/// Other keys may be valid too. The shape tells only that a key was probably cut off or encoded on its way.
#[must_use]
pub fn has_usual_shape(key: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    key.len() == 44 && key.strip_suffix('=').is_some_and(|rest| rest.bytes().all(is_base64))
}

#[cfg(test)]
mod tests {
    use super::has_usual_shape;

    #[test]
    fn a_key_that_was_cut_or_encoded_has_another_shape() {
        let key = "q+Zt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5iA=";
        assert!(has_usual_shape(key));
        for other in ["", "key", &key[1..], &key[..43], "q%2BZt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5="] {
            assert!(!has_usual_shape(other), "{other}");
        }
    }
}
