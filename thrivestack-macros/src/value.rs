//! One value of an event, as the macros' arguments give it.

use proc_macro2::Span;
use syn::{Expr, ExprClosure, ExprLit, ExprUnary, Lit, UnOp};

use crate::json::{json_float, json_string};

pub(crate) struct Value {
    pub(crate) slot: Slot,
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) form: Form,
    pub(crate) evaluated: Evaluated,
}

/// When a value is evaluated.
pub(crate) enum Evaluated {
    /// Before the body, with the arguments at hand.
    Before(Expr),
    /// After the body, with a reference to the returned value.
    After(ExprClosure),
}

/// How a value is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Serialize,
    Display,
    Debug,
}

/// Where a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    UserId,
    GroupId,
    SessionId,
    DeviceId,
    Source,
    Timestamp,
    Property,
    Context,
}

impl Slot {
    /// The slot that a key of the macro names.
    pub(crate) fn named(key: &str) -> Option<Self> {
        Some(match key {
            "user_id" => Self::UserId,
            "group_id" => Self::GroupId,
            "session_id" => Self::SessionId,
            "device_id" => Self::DeviceId,
            "source" => Self::Source,
            "timestamp" => Self::Timestamp,
            _ => return None,
        })
    }

    /// The letter that the runtime knows it by, if it has one.
    fn letter(self) -> &'static str {
        match self {
            Self::UserId => "u",
            Self::GroupId => "g",
            Self::SessionId => "s",
            Self::DeviceId => "d",
            Self::Source => "o",
            Self::Timestamp => "t",
            Self::Property => "",
            Self::Context => "c",
        }
    }
}

impl Value {
    /// The runtime's `Field` for this value.
    pub(crate) fn field(&self) -> String {
        let letter = self.slot.letter();
        match self.slot {
            Slot::Property | Slot::Context => format!("{letter},{}:", json_string(&self.key)),
            _ => letter.to_owned(),
        }
    }

    /// The entry as JSON, `,"key":value`, where it is a property whose value is a literal.
    pub(crate) fn ready_property(&self) -> Option<String> {
        let json = if self.slot == Slot::Property { self.json_literal()? } else { return None };
        Some(format!(",{}:{json}", json_string(&self.key)))
    }

    /// The value as JSON, where it is a literal that needs no evaluation.
    pub(crate) fn json_literal(&self) -> Option<String> {
        match (&self.evaluated, self.form, self.slot) {
            (Evaluated::Before(expr), Form::Serialize, Slot::Property | Slot::Context) => literal(expr),
            _ => None,
        }
    }

    /// The text of a property whose value is a string literal.
    pub(crate) fn text_literal(&self) -> Option<(String, Span)> {
        match &self.evaluated {
            Evaluated::Before(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => {
                Some((text.value(), text.span()))
            }
            _ => None,
        }
    }
}

fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(json_string(&text.value())),
            Lit::Char(character) => Some(json_string(&character.value().to_string())),
            Lit::Bool(truth) => Some(truth.value.to_string()),
            Lit::Int(number) if !number.suffix().starts_with('f') => Some(number.base10_digits().to_owned()),
            Lit::Float(number) if number.suffix().is_empty() => json_float(number.base10_parse().ok()?),
            _ => None,
        },
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match &**expr {
            Expr::Lit(ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }) => {
                literal(expr).map(|json| format!("-{json}"))
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn literals_become_json() {
        for (rust, json) in [
            ("\"a\\\"b\"", Some("\"a\\\"b\"")),
            ("r\"a\\b\"", Some("\"a\\\\b\"")),
            ("'x'", Some("\"x\"")),
            ("true", Some("true")),
            ("1_000", Some("1000")),
            ("0xff_u8", Some("255")),
            ("-3", Some("-3")),
            ("1.50", Some("1.5")),
            ("1.", Some("1.0")),
            ("-2.5", Some("-2.5")),
            ("1e999", None),
            ("1f32", None),
            ("0.1f32", None),
            ("b\"x\"", None),
            ("!3", None),
            ("x", None),
        ] {
            let expr: syn::Expr = syn::parse_str(rust).unwrap();
            assert_eq!(literal(&expr).as_deref(), json, "{rust}");
        }
    }
}
