//! The closed list of names that credentials go by.
//!
//! The derives ask it about fields at compile time, the runtime about the keys of flattened values.

/// The last word or words of a credential's key, in snake_case.
///
/// Each entry is compared with the last word or words of a key. An entry covers the longer names that end in it:
/// `token` stands for `access_token` too, which is listed for keys that run words together, like `accesstoken`.
pub const CREDENTIALS: &[&str] = &[
    // Passwords, and what they are checked against.
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "password_hash",
    "password_digest",
    "hashed_password",
    "encrypted_password",
    "salt",
    "pin",
    "pin_code",
    "security_answer",
    // Secrets and keys.
    "secret",
    "secrets",
    "client_secret",
    "shared_secret",
    "webhook_secret",
    "secret_hash",
    "api_key",
    "api_keys",
    "api_key_hash",
    "api_secret",
    "secret_key",
    "private_key",
    "access_key",
    "signing_key",
    "encryption_key",
    "master_key",
    "session_key",
    "ssh_key",
    // Tokens. Not `tokens`, which is a count of them more often than not.
    "token",
    "token_hash",
    "access_token",
    "refresh_token",
    "auth_token",
    "session_token",
    "bearer_token",
    "id_token",
    "csrf_token",
    "reset_token",
    "jwt",
    "cookie",
    "cookies",
    "authorization",
    "credential",
    "credentials",
    // Codes that let in whoever has them.
    "otp",
    "otp_code",
    "totp",
    "mfa_code",
    "verification_code",
    "recovery_code",
    "recovery_codes",
    "backup_code",
    "backup_codes",
    "seed_phrase",
    "recovery_phrase",
    "mnemonic",
    // Numbers of people, cards and bank accounts.
    "ssn",
    "social_security_number",
    "passport_number",
    "credit_card",
    "credit_card_number",
    "debit_card",
    "card_number",
    "security_code",
    "cvv",
    "cvc",
    "iban",
    "bank_account",
    "bank_account_number",
    "routing_number",
];

/// Returns true if the last word or words of `key` are on the list, in snake_case, kebab-case, camelCase or any other
/// style that shows where words begin.
#[must_use]
pub fn is_credential(key: &str) -> bool {
    CREDENTIALS.iter().any(|entry| ends_in(key, entry))
}

/// Compares from the end, so that a key needs no copy in the list's style: the runtime asks this for every key of
/// every flattened value.
fn ends_in(key: &str, entry: &str) -> bool {
    let mut rest = key.trim_end_matches(is_separator);
    let mut first = None;
    for wanted in entry.chars().rev().filter(|letter| *letter != '_') {
        rest = rest.trim_end_matches(is_separator);
        first = rest.chars().next_back();
        match first {
            Some(found) if found.eq_ignore_ascii_case(&wanted) => {
                rest = &rest[..rest.len() - found.len_utf8()];
            }
            _ => return false,
        }
    }
    let second = key[rest.len()..].chars().nth(1);
    first.is_some_and(|first| begins_word(rest.chars().next_back(), first, second))
}

/// Returns true if `letter` begins a word, seen between its neighbours: in `userPin` and `HTTPToken`, `P` and `T` do.
fn begins_word(before: Option<char>, letter: char, after: Option<char>) -> bool {
    match before {
        None => true,
        Some(before) if !before.is_alphabetic() => true,
        Some(before) if before.is_uppercase() => {
            letter.is_uppercase() && after.is_some_and(char::is_lowercase)
        }
        Some(_) => letter.is_uppercase(),
    }
}

fn is_separator(letter: char) -> bool {
    !letter.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::{CREDENTIALS, is_credential};

    #[test]
    fn the_last_words_count_in_any_style() {
        let keys = "password, user_password, PASSWORD, passwordHash, PasswordHash, password-hash, password_, user.password, \
                    apiKey, APIKey, api-key, apikey, X-Api-Key, stripeApiKey, MyAPIKey, HTTPToken, access_token, accesstoken, \
                    oauth2_token, oauth2Token, pin, card_pin, cardPIN, SSN, userSsn, client secret, Authorization, Set-Cookie";
        for key in keys.split(", ") {
            assert!(is_credential(key), "{key}");
        }
    }

    #[test]
    fn other_names_pass() {
        let keys = "email, token_count, input_tokens, password_changed_at, has_password_reset, spin, hairpin, shipping, pins, \
                    saltiness, basalt, secretary, keyboard, api_key_id, primary_key, public_key, XSSN, passwörd, größe, _, ";
        for key in keys.split(", ") {
            assert!(!is_credential(key), "{key}");
        }
    }

    #[test]
    fn every_entry_finds_itself() {
        for entry in CREDENTIALS {
            assert!(is_credential(entry), "{entry}");
            assert!(is_credential(&format!("user_{entry}")), "{entry}");
        }
    }
}
