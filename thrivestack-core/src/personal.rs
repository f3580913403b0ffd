//! Personal data, and the fields that EU compliance removes or replaces.
//!
//! EU compliance is described in ThriveStack's guide of 15 May 2026.

/// The keys that EU compliance removes at any depth of properties, traits and context.
pub const REMOVED: &[&str] = &["user_email", "user_name", "invitee_email"];

/// The ids that EU compliance replaces by a hash where they are an e-mail address.
pub const HASHED_IDS: &[&str] = &["user_id", "group_id", "account_id"];

/// The keys that EU compliance removes in a B2C call, and elsewhere where their value is an e-mail address.
pub const REMOVED_IN_B2C: &[&str] = &["account_domain", "account_name"];

/// Keys that usually hold personal data and that EU compliance keeps, unless the SDK's user marks them as personal.
pub const SENSIBLE: &[&str] =
    &["email", "name", "first_name", "last_name", "phone", "avatar", "username", "invitee_name"];

/// Returns true if EU compliance removes a value under this key, whatever the value is.
#[must_use]
pub const fn is_removed(key: &[u8]) -> bool {
    contains(REMOVED, key)
}

/// Returns true if EU compliance removes a value under this key in a B2C call, or if the value is an e-mail address.
#[must_use]
pub const fn is_removed_in_b2c(key: &[u8]) -> bool {
    contains(REMOVED_IN_B2C, key)
}

/// Returns true if EU compliance hashes an e-mail address under this key.
#[must_use]
pub const fn is_hashed_id(key: &[u8]) -> bool {
    contains(HASHED_IDS, key)
}

/// Returns true if the text is an e-mail address: without the white space around it, it has exactly one `@`, something
/// on both sides of it and no white space within.
///
/// ```
/// use thrivestack_core::personal::is_email_address;
///
/// assert!(is_email_address(" ada@example.com "));
/// assert!(!is_email_address("@ada"));
/// ```
#[must_use]
pub fn is_email_address(text: &str) -> bool {
    let text = text.trim();
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !text.contains(char::is_whitespace)
}

const fn contains(list: &[&str], key: &[u8]) -> bool {
    let mut at = 0;
    while at < list.len() {
        if equal(list[at].as_bytes(), key) {
            return true;
        }
        at += 1;
    }
    false
}

const fn equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{is_email_address, is_hashed_id, is_removed, is_removed_in_b2c};

    #[test]
    fn keys_are_compared_whole() {
        assert!(is_removed(b"user_email") && is_removed(b"invitee_email"));
        assert!(!is_removed(b"user_emai") && !is_removed(b"user_email_sent") && !is_removed(b""));
        assert!(is_removed_in_b2c(b"account_domain") && is_hashed_id(b"group_id"));
        assert!(!is_removed_in_b2c(b"account_id") && !is_hashed_id(b"session_id"));
    }

    #[test]
    fn an_email_address_has_one_at_sign_with_something_around_it() {
        for address in ["a@b", "ada@example.com", "\tada@example.com\n", "größe@münchen.example"] {
            assert!(is_email_address(address), "{address}");
        }
        for other in ["", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", "example.com", " "] {
            assert!(!is_email_address(other), "{other}");
        }
    }
}
