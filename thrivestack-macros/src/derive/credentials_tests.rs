use std::fs;
use std::path::Path;

use super::credentials::{CREDENTIALS, is_credential};

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

#[test]
fn the_runtime_has_the_same_list() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = fs::read_to_string(package.join("src/derive/credentials.rs")).unwrap();
    let runtime = fs::read_to_string(package.join("../thrivestack/src/credentials.rs")).unwrap();
    assert!(
        ours == runtime,
        "copy thrivestack-macros/src/derive/credentials.rs to thrivestack/src/credentials.rs"
    );
}
