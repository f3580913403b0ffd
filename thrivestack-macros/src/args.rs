//! The grammar between the parentheses of `#[track_event(..)]` and `track!(..)`.

use proc_macro2::{Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::token::Paren;
use syn::{Error, Expr, ExprClosure, ExprPath, Ident, Lit, LitStr, Path, Result, Token, parenthesized};

use crate::allow::Allow;
use crate::errors::Errors;
use crate::value::{Evaluated, Form, Slot, Value};
use crate::{assign, properties, suggest};

/// What one macro call says.
pub(crate) struct Args {
    pub(crate) name: Name,
    /// Every id, property and context value, in the order they are written.
    pub(crate) values: Vec<Value>,
    pub(crate) client: Option<Expr>,
    pub(crate) on: On,
    pub(crate) when: Option<Evaluated>,
    pub(crate) krate: Option<Path>,
    pub(crate) allow: Allow,
}

/// The event's name.
pub(crate) enum Name {
    Literal(LitStr),
    Const(Path),
}

/// Which returned values send the event.
#[derive(Clone, Copy)]
pub(crate) enum On {
    Ok,
    Err(Span),
    Always,
}

/// The macro that the arguments belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    /// `#[track_event]`, which has a function's returned value.
    Attribute,
    /// `track!`, which has none.
    Statement,
}

const KEYS: [&str; 13] = [
    "user_id",
    "group_id",
    "session_id",
    "device_id",
    "source",
    "timestamp",
    "properties",
    "context",
    "client",
    "when",
    "crate",
    "allow",
    // The last one is the attribute's only: it is about the returned value.
    "on",
];

impl Macro {
    /// The keys that it has.
    pub(crate) fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Attribute => &KEYS,
            Self::Statement => &KEYS[..KEYS.len() - 1],
        }
    }
}

impl Args {
    /// Parses all of the arguments, and reports everything that is wrong with them.
    pub(crate) fn parse(tokens: proc_macro2::TokenStream, of: Macro) -> Result<Self> {
        (|input: ParseStream<'_>| Parsing::new(of).parse(input)).parse2(tokens)
    }
}

/// The arguments while they are read.
struct Parsing {
    of: Macro,
    seen: Vec<String>,
    errors: Errors,
    args: Args,
}

impl Parsing {
    fn new(of: Macro) -> Self {
        let args = Args {
            name: Name::Literal(LitStr::new("", Span::call_site())),
            values: Vec::new(),
            client: None,
            on: On::Ok,
            when: None,
            krate: None,
            allow: Allow::default(),
        };
        Self { of, seen: Vec::new(), errors: Errors::default(), args }
    }

    fn parse(mut self, input: ParseStream<'_>) -> Result<Args> {
        if starts_with_key(input) {
            self.errors.push(Error::new(input.span(), NAME_FIRST));
            // `name = "invite_sent"` is one mistake.
            if !starts_with_known_key(input) {
                skip_to_comma(input);
                separator(input, &mut self.errors);
            }
        } else {
            match name(input) {
                Ok(name) => self.args.name = name,
                Err(error) => self.recover(input, error),
            }
            separator(input, &mut self.errors);
        }
        while !input.is_empty() {
            if let Err(error) = self.key(input) {
                self.recover(input, error);
            }
            separator(input, &mut self.errors);
        }
        self.errors.or(self.args)
    }

    fn recover(&mut self, input: ParseStream<'_>, error: Error) {
        self.errors.push(error);
        skip_to_comma(input);
    }

    /// Parses one key with what belongs to it.
    fn key(&mut self, input: ParseStream<'_>) -> Result<()> {
        let Ok(ident) = input.call(Ident::parse_any) else { return Err(assign::no_key(input, self.of)) };
        let key = ident.unraw().to_string();
        let known = KEYS.contains(&key.as_str());
        if known && self.seen.contains(&key) {
            self.errors.at(ident.span(), format!("`{key}` is given twice: leave this one out"));
        }
        self.seen.push(key.clone());
        if let Some(slot) = Slot::named(&key) {
            let evaluated = self.evaluated(&ident, input)?;
            self.args.values.push(Value {
                slot,
                key,
                key_span: ident.span(),
                form: Form::Serialize,
                evaluated,
            });
            return Ok(());
        }
        match key.as_str() {
            "properties" => self.entries(&ident, Slot::Property, input),
            "context" => self.entries(&ident, Slot::Context, input),
            "client" => match self.evaluated(&ident, input)? {
                Evaluated::Before(expr) => {
                    self.args.client = Some(expr);
                    Ok(())
                }
                Evaluated::After(closure) => Err(Error::new_spanned(
                    closure,
                    "the client is needed before the body runs: write an expression",
                )),
            },
            "on" if self.of == Macro::Statement => Err(Error::new(
                ident.span(),
                "`track!` has no returned value: `on` belongs to `#[track_event]`",
            )),
            "on" => {
                self.args.on = on(&ident, input)?;
                Ok(())
            }
            "when" => {
                let when = self.evaluated(&ident, input)?;
                no_condition(&when, self.of)?;
                self.args.when = Some(when);
                Ok(())
            }
            "crate" => {
                assign(&ident, input, "crate = ::telemetry")?;
                if input.peek(LitStr) {
                    return Err(Error::new(
                        input.span(),
                        "the crate is given as a path, without quotes: write `crate = ::telemetry`",
                    ));
                }
                self.args.krate = Some(input.call(Path::parse_mod_style)?);
                Ok(())
            }
            "allow" => {
                let content = parenthesized(&ident, input, "allow(event_name)")?;
                self.args.allow = content.parse()?;
                Ok(())
            }
            _ => Err(unknown(&ident, &key, self.of)),
        }
    }

    /// Parses `= expr` or `= |ret| expr` after a key; without it, the key names a variable.
    fn evaluated(&self, key: &Ident, input: ParseStream<'_>) -> Result<Evaluated> {
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(Evaluated::Before(variable(key)));
        }
        assign(key, input, &format!("{key} = expression"))?;
        if input.peek(Token![%]) || input.peek(Token![?]) {
            let message =
                format!("`{key}` takes the value as it is: `%` and `?` are for properties and context");
            return Err(Error::new(input.span(), message));
        }
        evaluated(key.span(), input, self.of)
    }

    fn entries(&mut self, key: &Ident, slot: Slot, input: ParseStream<'_>) -> Result<()> {
        let content = parenthesized(key, input, &format!("{key}(key = expression)"))?;
        let values = properties::parse(&content, slot, self.of, &mut self.errors);
        self.args.values.extend(values);
        Ok(())
    }
}

const NAME_FIRST: &str = "the event's name comes first, such as `\"invite_sent\"`";

fn starts_with_key(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    starts_with_known_key(input) || ahead.call(Ident::parse_any).is_ok() && ahead.peek(Token![=])
}

fn starts_with_known_key(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let Ok(ident) = ahead.call(Ident::parse_any) else { return false };
    KEYS.contains(&ident.unraw().to_string().as_str()) && !ahead.peek(Token![::])
}

fn name(input: ParseStream<'_>) -> Result<Name> {
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(input.span(), NAME_FIRST));
    }
    match ungrouped(input.parse()?) {
        Expr::Lit(literal) => match literal.lit {
            Lit::Str(text) => Ok(Name::Literal(text)),
            other => {
                Err(Error::new_spanned(other, "the event's name is a string, such as `\"invite_sent\"`"))
            }
        },
        Expr::Path(ExprPath { qself: None, path, .. }) if path.segments[0].ident == "Self" => {
            Err(Error::new_spanned(path, "a `static` cannot name `Self`: write the type's own name"))
        }
        Expr::Path(ExprPath { qself: None, path, .. }) => Ok(Name::Const(path)),
        other => Err(Error::new_spanned(
            other,
            "the event's name is known at compile time, a string literal or the path of a `const`: \
             put what varies into a property",
        )),
    }
}

fn on(key: &Ident, input: ParseStream<'_>) -> Result<On> {
    assign(key, input, "on = err")?;
    let expected = "`on` is `ok` (the default), `err` or `always`";
    let value = input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), expected))?;
    match value.to_string().as_str() {
        "ok" => Ok(On::Ok),
        "err" => Ok(On::Err(value.span())),
        "always" => Ok(On::Always),
        _ => Err(Error::new(value.span(), expected)),
    }
}

/// Rejects a literal that is no `bool`: of everything else the compiler knows the type.
fn no_condition(when: &Evaluated, of: Macro) -> Result<()> {
    match when {
        Evaluated::Before(Expr::Lit(literal)) if !matches!(literal.lit, Lit::Bool(_)) => {
            let or_closure = if of == Macro::Attribute { ", or a closure, `when = |value| ..`" } else { "" };
            let message =
                format!("`when` is a condition: write a `bool`, such as `when = rows > 0`{or_closure}");
            Err(Error::new_spanned(literal, message))
        }
        _ => Ok(()),
    }
}

fn unknown(ident: &Ident, key: &str, of: Macro) -> Error {
    let message = match suggest::nearest(key, of.keys()) {
        Some(known) => format!("`{key}` is no key of this macro; did you mean `{known}`?"),
        None => format!(
            "`{key}` is no key of this macro: a property goes into `properties({key} = ..)`, and the keys are {}",
            suggest::list(of.keys())
        ),
    };
    Error::new(ident.span(), message)
}

/// Parses an expression, or a closure that takes the returned value.
pub(crate) fn evaluated(after: Span, input: ParseStream<'_>, of: Macro) -> Result<Evaluated> {
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(after, "a value is missing here: write an expression after the `=`"));
    }
    match ungrouped(input.parse()?) {
        Expr::Closure(closure) if of == Macro::Statement => Err(Error::new_spanned(
            closure,
            "`track!` has no returned value: write an expression, not a closure",
        )),
        Expr::Closure(closure) => one_argument(closure).map(Evaluated::After),
        expr => Ok(Evaluated::Before(expr)),
    }
}

fn one_argument(closure: ExprClosure) -> Result<ExprClosure> {
    if let Some(asyncness) = closure.asyncness {
        return Err(Error::new(
            asyncness.span,
            "the closure runs after the function and cannot wait: leave out `async`",
        ));
    }
    if closure.inputs.len() != 1 {
        let message = "the closure takes one argument, a reference to the returned value: write `|value| ..`";
        let span =
            if closure.inputs.is_empty() { closure.inputs_begin.span() } else { closure.inputs.span() };
        return Err(Error::new(span, message));
    }
    Ok(closure)
}

/// The variable that a bare key names.
pub(crate) fn variable(key: &Ident) -> Expr {
    let name = key.unraw().to_string();
    // A keyword is no variable's name, but its raw form may be.
    let ident = match syn::parse_str::<Ident>(&name) {
        Ok(_) => Ident::new(&name, key.span()),
        Err(_) => Ident::new_raw(&name, key.span()),
    };
    Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path: ident.into() })
}

fn assign(key: &Ident, input: ParseStream<'_>, example: &str) -> Result<()> {
    if assign::equals(input, example)? {
        return Ok(());
    }
    Err(Error::new(key.span(), format!("`{key}` needs a value: write `{example}`")))
}

fn parenthesized<'a>(
    key: &Ident,
    input: ParseStream<'a>,
    example: &str,
) -> Result<syn::parse::ParseBuffer<'a>> {
    if !input.peek(Paren) {
        return Err(Error::new(key.span(), format!("`{key}` has parentheses: write `{example}`")));
    }
    let content;
    parenthesized!(content in input);
    Ok(content)
}

/// Passes the comma after an argument. Where it is missing, what follows is still read.
pub(crate) fn separator(input: ParseStream<'_>, errors: &mut Errors) {
    if input.is_empty() {
        return;
    }
    match input.parse::<Token![,]>() {
        Ok(_) => {}
        Err(_) if input.peek(Ident::peek_any) || input.peek(LitStr) => {
            errors.at(input.span(), "expected a comma before this");
        }
        Err(_) => {
            errors.at(input.span(), "expected a comma");
            skip_to_comma(input);
            let _comma = input.parse::<Option<Token![,]>>();
        }
    }
}

/// Passes over what could not be parsed, so that the arguments behind it are checked as well.
pub(crate) fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) && input.parse::<TokenTree>().is_ok() {}
}

/// The expression without the invisible group that a `macro_rules!` fragment comes in.
fn ungrouped(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => ungrouped(*group.expr),
        other => other,
    }
}
