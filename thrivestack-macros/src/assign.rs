//! The `=` between a key and its value, and what is written in its place out of habit.

use proc_macro2::Span;
use syn::parse::ParseStream;
use syn::token::{Brace, Bracket};
use syn::{Error, LitStr, Result, Token};

use crate::args::Macro;
use crate::suggest;

/// Parses the `=`, if one stands here. Another sign is an error at that sign.
pub(crate) fn equals(input: ParseStream<'_>, example: &str) -> Result<bool> {
    for (is_here, sign) in
        [(input.peek(Token![=>]), "=>"), (input.peek(Token![==]), "=="), (input.peek(Token![:]), ":")]
    {
        if is_here {
            let message = format!("write `=` in place of `{sign}`: `{example}`");
            return Err(Error::new(sign_span(input), message));
        }
    }
    Ok(input.parse::<Option<Token![=]>>()?.is_some())
}

/// The sign's first character: a span of two characters is joined on nightly compilers only.
fn sign_span(input: ParseStream<'_>) -> Span {
    input.cursor().token_tree().map_or_else(|| input.span(), |(token, _)| token.span())
}

/// The error where a key of the macro has to stand.
pub(crate) fn no_key(input: ParseStream<'_>, of: Macro) -> Error {
    let message = if let Ok(key) = input.fork().parse::<LitStr>() {
        if of.keys().contains(&key.value().as_str()) {
            return Error::new(key.span(), format!("write the key without quotes: `{}`", key.value()));
        }
        format!(
            "a property goes into `properties(..)`: write `properties({key:?} = expression)`",
            key = key.value()
        )
    } else if input.peek(Brace) || input.peek(Bracket) {
        "properties are written with their keys: write `properties(key = expression, ..)`".to_owned()
    } else {
        format!("expected a key: {}", suggest::list(of.keys()))
    };
    Error::new(input.span(), message)
}
