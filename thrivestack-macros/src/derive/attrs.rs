//! The grammar of the helper attributes `#[identify(..)]`, `#[group(..)]` and `#[event(..)]`.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::token::Paren;
use syn::{Attribute, Error, ExprPath, Ident, LitStr, Meta, Path, Result, Token, parenthesized};

use super::kind::{Kind, Role};
use super::rename::RenameAll;
use crate::allow::Allow;
use crate::args::Name;
use crate::errors::Errors;
use crate::suggest;

/// What the attributes on the struct say.
#[derive(Default)]
pub(super) struct StructAttrs {
    keys: Keys,
    pub(super) event: Option<Name>,
    pub(super) group_type: Option<LitStr>,
    pub(super) rename_all: RenameAll,
    pub(super) krate: Option<Path>,
    pub(super) allow: Allow,
}

/// What the attributes on one field say.
#[derive(Default)]
pub(super) struct FieldAttrs {
    pub(super) keys: Keys,
    pub(super) role: Option<Role>,
    pub(super) rename: Option<LitStr>,
    pub(super) skip_if: Option<ExprPath>,
    pub(super) with: Option<ExprPath>,
    /// The prefix of a flattened field.
    pub(super) flatten: Option<String>,
}

/// The keys that were written, in order. An attribute that is given several times is one list.
#[derive(Default)]
pub(super) struct Keys(Vec<Ident>);

pub(super) const FIELD_KEYS: [&str; 7] =
    ["rename", "skip", "include", "skip_if", "with", "flatten", "personal"];

impl StructAttrs {
    pub(super) fn parse(kind: Kind, attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut parsed = Self::default();
        each_entry(kind, attrs, errors, |input, errors| {
            if kind == Kind::Event && is_name(input) {
                let (span, name) = (input.span(), name(input)?);
                if parsed.event.replace(name).is_some() {
                    return Err(Error::new(span, "an event has one name, and it is given already"));
                }
                return Ok(());
            }
            if kind == Kind::Group && input.peek(LitStr) {
                return Err(input.error("a group's type has a key: write `group_type = \"Account\"`"));
            }
            let key = key(kind.struct_keys()[0], input)?;
            parsed.keys.add(&key)?;
            parsed.value(kind, &key, input, errors)
        });
        parsed
    }

    fn value(&mut self, kind: Kind, key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Result<()> {
        match key.to_string().as_str() {
            "rename_all" => {
                let style = string(key, "camelCase", input)?;
                self.rename_all = errors.take(RenameAll::parse(&style)).unwrap_or_default();
            }
            "crate" => self.krate = Some(path::<ModPath>(key, "crate::telemetry", input)?.0),
            "group_type" if kind == Kind::Group => {
                let group_type = string(key, "Account", input)?;
                if group_type.value().is_empty() {
                    errors.at(group_type.span(), "a group needs a type, such as `Account`");
                }
                self.group_type = Some(group_type);
            }
            "allow" if kind != Kind::Identify => {
                if !input.peek(Paren) {
                    return Err(Error::new(
                        key.span(),
                        format!(
                            "write the check in parentheses: `allow({})`",
                            if kind == Kind::Group { "group_type" } else { "event_name" }
                        ),
                    ));
                }
                self.allow = parenthesized(input, Allow::parse)?;
            }
            "name" if kind == Kind::Event => {
                return Err(Error::new(
                    key.span(),
                    "write the event's name alone: `#[event(\"feature_used\")]`",
                ));
            }
            other => {
                let misplaced =
                    FIELD_KEYS.contains(&other) || kind.roles().iter().any(|role| role.key() == other);
                return Err(unknown_key(kind, key, kind.struct_keys(), misplaced.then_some("a field")));
            }
        }
        Ok(())
    }
}

impl FieldAttrs {
    pub(super) fn parse(kind: Kind, attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut parsed = Self::default();
        each_entry(kind, attrs, errors, |input, _| {
            let key = key(FIELD_KEYS[0], input)?;
            parsed.keys.add(&key)?;
            parsed.value(kind, &key, input)
        });
        parsed
    }

    fn value(&mut self, kind: Kind, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        let name = key.to_string();
        if let Some(role) = kind.roles().iter().find(|role| role.key() == name) {
            self.role.get_or_insert(*role);
            return flag(key, input);
        }
        match name.as_str() {
            "skip" | "include" | "personal" => flag(key, input)?,
            "rename" => {
                let rename = string(key, "user_email", input)?;
                if rename.value().is_empty() {
                    return Err(Error::new(rename.span(), format!("a {} needs a name", kind.value())));
                }
                self.rename = Some(rename);
            }
            "skip_if" => self.skip_if = Some(path(key, "Vec::is_empty", input)?),
            "with" => self.with = Some(path(key, "crate::masked", input)?),
            "flatten" => self.flatten = Some(prefix(input)?),
            other => {
                let known: Vec<_> = kind.roles().iter().map(|role| role.key()).chain(FIELD_KEYS).collect();
                let misplaced = kind.struct_keys().contains(&other).then_some("the struct");
                return Err(unknown_key(kind, key, &known, misplaced));
            }
        }
        Ok(())
    }
}

impl Keys {
    fn add(&mut self, key: &Ident) -> Result<()> {
        if self.0.contains(key) {
            return Err(Error::new(key.span(), format!("`{key}` is given twice")));
        }
        self.0.push(key.clone());
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn span(&self, key: &str) -> Option<Span> {
        self.0.iter().find(|written| *written == key).map(Ident::span)
    }

    /// The written keys that are not among `these`.
    pub(super) fn other_than(&self, these: &[&str]) -> impl Iterator<Item = &Ident> {
        self.0.iter().filter(|written| !these.iter().any(|key| *written == key))
    }
}

/// Parses the comma-separated entries of every attribute of this derive. After a wrong entry it goes on with the next.
fn each_entry(
    kind: Kind,
    attrs: &[Attribute],
    errors: &mut Errors,
    mut entry: impl FnMut(ParseStream<'_>, &mut Errors) -> Result<()>,
) {
    let helper = kind.helper();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(helper)) {
        let Meta::List(list) = &attr.meta else {
            errors.at(
                attr.path().span(),
                format!("this says nothing: write `#[{helper}(..)]` with a key inside"),
            );
            continue;
        };
        let parsed = list.parse_args_with(|input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = entry(input, errors) {
                    errors.push(error);
                    while !input.is_empty() && !input.peek(Token![,]) {
                        input.parse::<TokenTree>()?;
                    }
                }
                if !input.is_empty() && input.parse::<Token![,]>().is_err() {
                    return Err(input.error("expected a comma before the next key"));
                }
            }
            Ok(())
        });
        errors.take(parsed);
    }
}

/// Whether the event's name comes next, and not a key. A key is followed by its value, or is known.
fn is_name(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if ahead.peek(LitStr) || ahead.peek(Token![::]) {
        return true;
    }
    let Ok(first) = ahead.call(Ident::parse_any) else { return false };
    let keys = Kind::Event.struct_keys().iter().chain(&FIELD_KEYS);
    let known =
        keys.copied().chain(Kind::Event.roles().iter().map(|role| role.key())).any(|key| first == key);
    ahead.peek(Token![::]) || !known && (ahead.is_empty() || ahead.peek(Token![,]))
}

fn name(input: ParseStream<'_>) -> Result<Name> {
    if input.peek(LitStr) {
        input.parse().map(Name::Literal)
    } else {
        Path::parse_mod_style(input).map(Name::Const)
    }
}

/// A key, which may be a keyword.
fn key(example: &str, input: ParseStream<'_>) -> Result<Ident> {
    Ident::parse_any(input)
        .map_err(|error| Error::new(error.span(), format!("expected a key, such as `{example}`")))
}

fn flag(key: &Ident, input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error(format!("`{key}` takes no value")))
}

fn string(key: &Ident, example: &str, input: ParseStream<'_>) -> Result<LitStr> {
    let value = || Error::new(key.span(), format!("write a string: `{key} = \"{example}\"`"));
    input.parse::<Token![=]>().map_err(|_| value())?;
    input.parse().map_err(|error| if input.is_empty() { value() } else { Error::new(error.span(), value()) })
}

fn path<P: Parse>(key: &Ident, example: &str, input: ParseStream<'_>) -> Result<P> {
    let value = |span| Error::new(span, format!("write a path, without quotes: `{key} = {example}`"));
    input.parse::<Token![=]>().map_err(|_| value(key.span()))?;
    let start = if input.is_empty() { key.span() } else { input.span() };
    if input.peek(Token![|]) || input.peek(Token![move]) {
        return Err(Error::new(
            start,
            format!("write a named function's path, not a closure: `{key} = {example}`"),
        ));
    }
    input.parse().map_err(|_| value(start))
}

/// A path without generic arguments, like that of an import.
struct ModPath(Path);

impl Parse for ModPath {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        Path::parse_mod_style(input).map(ModPath)
    }
}

/// `(prefix = "…")` after `flatten`, if it is there.
fn prefix(input: ParseStream<'_>) -> Result<String> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(String::new());
    }
    let wrong = |span| Error::new(span, "write `flatten` or `flatten(prefix = \"billing_\")`");
    if !input.peek(Paren) {
        return Err(wrong(input.span()));
    }
    parenthesized(input, |inside| {
        let key: Ident = inside.parse().map_err(|error| wrong(error.span()))?;
        if key != "prefix" {
            return Err(wrong(key.span()));
        }
        let prefix = string(&key, "billing_", inside)?;
        if prefix.value().is_empty() {
            return Err(Error::new(prefix.span(), "an empty prefix is none: write `flatten`"));
        }
        if inside.is_empty() { Ok(prefix.value()) } else { Err(wrong(inside.span())) }
    })
}

/// Parses what is in parentheses. Takes all of it on an error too, which `syn` would report a second time.
fn parenthesized<T>(input: ParseStream<'_>, parse: impl FnOnce(ParseStream<'_>) -> Result<T>) -> Result<T> {
    let inside;
    parenthesized!(inside in input);
    let parsed = parse(&inside);
    inside.parse::<TokenStream>()?;
    parsed
}

fn unknown_key(kind: Kind, key: &Ident, known: &[&str], belongs_on: Option<&str>) -> Error {
    let helper = kind.helper();
    let message = match belongs_on {
        Some(place) => format!("`{key}` goes on {place}"),
        None => format!(
            "`#[{helper}(..)]` has no key `{key}` here{}",
            suggest::did_you_mean(&key.to_string(), known)
        ),
    };
    Error::new(key.span(), message)
}
