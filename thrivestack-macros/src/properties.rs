//! The grammar between the parentheses of `properties(..)` and `context(..)`.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::token::Brace;
use syn::{Error, Ident, LitStr, Result, Token};

use crate::args::{Macro, evaluated, separator, skip_to_comma, variable};
use crate::assign;
use crate::errors::Errors;
use crate::value::{Evaluated, Form, Slot, Value};

/// The keys of the context that have an argument of their own.
const OWN_ARGUMENT: [&str; 5] = ["user_id", "group_id", "session_id", "device_id", "source"];

/// Parses every entry, and adds everything that is wrong with them to the errors.
pub(crate) fn parse(input: ParseStream<'_>, slot: Slot, of: Macro, errors: &mut Errors) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    while !input.is_empty() {
        match entry(input, slot, of) {
            Ok(value) => {
                check(&value, &values, errors);
                values.push(value);
            }
            Err(error) => {
                errors.push(error);
                skip_to_comma(input);
            }
        }
        separator(input, errors);
    }
    values
}

fn check(value: &Value, before: &[Value], errors: &mut Errors) {
    let Value { key, key_span, .. } = value;
    if key.is_empty() {
        errors.at(*key_span, "a key is not empty: write the name of the property between the quotes");
    }
    if before.iter().any(|other| other.key == *key) {
        errors.at(*key_span, format!("`{key}` is given twice: leave this one out"));
    }
    if value.slot == Slot::Context && OWN_ARGUMENT.contains(&key.as_str()) {
        let message = format!("`{key}` has an argument of its own: write `{key} = ..` beside `context(..)`");
        errors.at(*key_span, message);
    }
}

fn entry(input: ParseStream<'_>, slot: Slot, of: Macro) -> Result<Value> {
    let value = |key: String, key_span, form, evaluated| Value { slot, key, key_span, form, evaluated };
    if let Some(form) = form(input)? {
        let key = key(input)?;
        if input.peek(Token![=]) {
            let message = "the `%` or `?` stands before the value: write `key = %expression`";
            return Err(Error::new(key.span(), message));
        }
        return Ok(value(key.unraw().to_string(), key.span(), form, Evaluated::Before(variable(&key))));
    }
    let (name, span, bare) = match input.parse::<Option<LitStr>>()? {
        Some(quoted) => (quoted.value(), quoted.span(), None),
        None => {
            let key = key(input)?;
            (key.unraw().to_string(), key.span(), Some(key))
        }
    };
    let example = bare.as_ref().map_or_else(|| format!("{name:?}"), ToString::to_string);
    if assign::equals(input, &format!("{example} = expression"))? {
        let form = form(input)?.unwrap_or(Form::Serialize);
        return Ok(value(name, span, form, evaluated(span, input, of)?));
    }
    match bare {
        Some(key) if input.is_empty() || input.peek(Token![,]) || input.peek(Ident::peek_any) => {
            Ok(value(name, span, Form::Serialize, Evaluated::Before(variable(&key))))
        }
        _ => Err(Error::new(span, format!("`{name}` needs a value here: write `{example} = expression`"))),
    }
}

/// A key that is no quoted string. Keywords are keys like any other word.
fn key(input: ParseStream<'_>) -> Result<Ident> {
    input.call(Ident::parse_any).map_err(|error| {
        let message = if input.peek(Brace) {
            "the entries stand here without braces: write `key = expression, ..`"
        } else {
            "expected `key = expression`, the name of a variable, or `\"any key\" = expression`"
        };
        Error::new(error.span(), message)
    })
}

/// `%` is `Display`, `?` is `Debug`.
fn form(input: ParseStream<'_>) -> Result<Option<Form>> {
    if input.parse::<Option<Token![%]>>()?.is_some() {
        return Ok(Some(Form::Display));
    }
    Ok(input.parse::<Option<Token![?]>>()?.map(|_| Form::Debug))
}
