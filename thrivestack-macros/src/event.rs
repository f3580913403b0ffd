//! The event of an expansion: what is known of it at compile time, how it is begun, and how it is finished.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure};

use crate::args::{Args, Name, On};
use crate::json::json_string;
use crate::kept::Kept;
use crate::paths;
use crate::value::{Evaluated, Form, Slot, Value};

/// The parts of an event.
pub(crate) struct Event<'a> {
    args: &'a Args,
    root: TokenStream,
    /// The path of the hidden module that an expansion calls.
    pub(crate) private: TokenStream,
    /// The name of the `static`. Items have no hygiene of their own, so this one is named after us.
    site: Ident,
}

impl<'a> Event<'a> {
    pub(crate) fn new(args: &'a Args) -> Self {
        let renamed = args.krate.as_ref();
        Self {
            args,
            root: paths::root(renamed),
            private: paths::private(renamed),
            site: Ident::new("__THRIVESTACK_SITE", Span::mixed_site()),
        }
    }

    /// What is taken before the body, but for what is ready.
    fn before(&self) -> impl Iterator<Item = (&'a Value, &'a Expr)> {
        let values = self.args.values.iter().filter(|value| value.ready_property().is_none());
        values.filter_map(|value| match &value.evaluated {
            Evaluated::Before(expr) => Some((value, expr)),
            Evaluated::After(_) => None,
        })
    }

    fn after(&self) -> impl Iterator<Item = (&'a Value, &'a ExprClosure)> {
        self.args.values.iter().filter_map(|value| match &value.evaluated {
            Evaluated::After(closure) => Some((value, closure)),
            Evaluated::Before(_) => None,
        })
    }

    /// What is evaluated before the body.
    pub(crate) fn values(&self) -> TokenStream {
        let when = self.args.when.iter().filter_map(|when| match when {
            Evaluated::Before(expr) => Some(expr),
            Evaluated::After(_) => None,
        });
        self.before()
            .map(|(_, expr)| expr)
            .chain(when)
            .chain(&self.args.client)
            .map(|expr| quote!(#expr;))
            .collect()
    }

    /// What is evaluated after the body.
    pub(crate) fn closures(&self) -> Vec<&'a ExprClosure> {
        let when = self.args.when.iter().filter_map(|when| match when {
            Evaluated::After(closure) => Some(closure),
            Evaluated::Before(_) => None,
        });
        self.after().map(|(_, closure)| closure).chain(when).collect()
    }

    /// Whether the client of the process sends it.
    pub(crate) fn is_of_the_process(&self) -> bool {
        self.args.client.is_none()
    }

    /// Returns whether a closure looks at the returned value.
    pub(crate) fn has_closures(&self) -> bool {
        !self.closures().is_empty()
    }

    /// Returns whether there is an expression of the user's to check.
    pub(crate) fn has_expressions(&self) -> bool {
        self.has_closures()
            || self.args.client.is_some()
            || self.args.when.is_some()
            || matches!(self.args.name, Name::Const(_))
            || self.before().any(|(_, expr)| !matches!(expr, Expr::Lit(_)))
    }

    /// Returns whether every returned value sends it.
    pub(crate) fn is_for_any_success(&self) -> bool {
        !matches!(self.args.on, On::Err(_))
    }

    /// The facts that are known at compile time.
    pub(crate) fn facts(&self) -> TokenStream {
        let Self { private: p, site, .. } = self;
        let properties: String = self.args.values.iter().filter_map(Value::ready_property).collect();
        let named = |name: TokenStream| quote_spanned!(Span::mixed_site()=> #p::Head::Named { name: #name, properties: #properties });
        let head = match &self.args.name {
            Name::Literal(name) => {
                let start = format!(r#","event_name":{},"properties":"#, json_string(&name.value()));
                let (json, properties_start) = (format!("{start}{properties}"), start.len());
                quote_spanned!(Span::mixed_site()=> #p::Head::Json { json: #json, properties_start: #properties_start })
            }
            Name::Const(path) => named(path.to_token_stream()),
        };
        let check = self.name_check();
        let before = self.before().map(|(value, _)| value.field());
        let after = self.after().map(|(value, _)| value.field());
        quote_spanned! {Span::mixed_site()=>
            #check
            static #site: #p::Site = #p::Site {
                head: #head, before: &[#(#before),*], after: &[#(#after),*],
            };
        }
    }

    /// Checks the name that a constant holds, at the constant.
    fn name_check(&self) -> Option<TokenStream> {
        match &self.args.name {
            Name::Const(path) if !self.args.allow.event_name => {
                Some(paths::check_event_name(&self.private, path))
            }
            _ => None,
        }
    }

    /// The event that is begun with the values, if someone listens.
    pub(crate) fn begun(&self) -> TokenStream {
        self.begun_in(|begin| begin)
    }

    /// The same with the values in a closure, whose space on the stack is free while the body runs. A copy of an argument
    /// stays in a register, which a borrowed one does not.
    pub(crate) fn begun_apart(&self, is_copied: bool) -> TokenStream {
        let p = &self.private;
        let capture = is_copied.then(|| quote_spanned!(Span::mixed_site()=> move));
        self.begun_in(|begin| quote_spanned!(Span::mixed_site()=> #p::values(#capture || { #begin })))
    }

    fn begun_in(&self, place: impl FnOnce(TokenStream) -> TokenStream) -> TokenStream {
        let Self { private: p, root, site, .. } = self;
        let values = self.before().map(|(value, expr)| match value.json_literal() {
            Some(json) => quote_spanned!(Span::mixed_site()=> #p::Arg::Raw(#json)),
            None => argument(p, value, &Located::of(expr)),
        });
        let values = quote_spanned!(Span::mixed_site()=> &[#(#values),*]);
        let condition = match &self.args.when {
            Some(Evaluated::Before(expr)) => {
                let condition = Located::of(expr).condition(p);
                quote_spanned!(Span::mixed_site()=> && #condition)
            }
            _ => TokenStream::new(),
        };
        let ids = ids(p, self.before().any(|(value, _)| is_id(value)));
        match &self.args.client {
            None => {
                let begin = place(quote_spanned!(Span::mixed_site()=> #ids #p::begin(&#site, #values)));
                quote_spanned!(Span::mixed_site()=> if #p::enabled() #condition { #begin } else { #p::Pending::idle() })
            }
            Some(client) => {
                let client = Located::of(client);
                let (borrowed, ty) = (client.borrowed(), client.at_first(&quote!(&#root::Client)));
                let begin =
                    place(quote_spanned!(Span::mixed_site()=> #ids #p::begin_on(client, &#site, #values)));
                quote_spanned! {Span::mixed_site()=> {
                    let client: #ty = #borrowed;
                    if #p::client_enabled(client) #condition {
                        #begin
                    } else {
                        #p::Pending::idle()
                    }
                }}
            }
        }
    }

    /// A closure that sends the event, which was begun, if what was returned is a success.
    pub(crate) fn finish_closure(&self) -> TokenStream {
        let send = self.sent(&Kept::default(), &quote_spanned!(Span::mixed_site()=> returned));
        // What it takes of the arguments is reported where the first of the user's closures stands.
        let after = self.after().map(|(_, closure)| closure.body.span()).next();
        let span = Span::mixed_site().located_at(after.unwrap_or_else(Span::mixed_site));
        let mut body = Group::new(Delimiter::Brace, send);
        body.set_span(span);
        let (pending, returned) =
            (Ident::new("pending", Span::mixed_site()), Ident::new("returned", Span::mixed_site()));
        quote_spanned!(span=> move |#pending, #returned| #body)
    }

    /// Sends the event that was begun, if what was returned is a success.
    pub(crate) fn finished(&self, kept: &Kept) -> TokenStream {
        let p = &self.private;
        let send = self.sent(kept, &quote_spanned!(Span::mixed_site()=> &returned));
        quote_spanned!(Span::mixed_site()=> if #p::Pending::is_live(&pending) { #send })
    }

    /// Sends the event if `returned`, a reference, is a success.
    fn sent(&self, kept: &Kept, returned: &TokenStream) -> TokenStream {
        let Self { private: p, site, .. } = self;
        let has_closures = self.has_closures();
        let values: Vec<_> =
            self.after().map(|(value, closure)| argument(p, value, &Located::applied(p, closure))).collect();
        let mut finish = quote_spanned!(Span::mixed_site()=> #p::finish(&#site, pending, &[#(#values),*]););
        if let Some(Evaluated::After(closure)) = &self.args.when {
            let closure = of_ours(closure);
            finish = quote_spanned!(Span::mixed_site()=> if #p::decide(value, #closure) { #finish });
        }
        let send = match self.outcome(returned) {
            None if has_closures => quote_spanned!(Span::mixed_site()=> let value = #returned; #finish),
            None => finish,
            // Without a closure nobody needs the value, and the compiler has less to do.
            Some(outcome) if !has_closures => quote_spanned! {Span::mixed_site()=>
                #p::finish_if(pending, #outcome);
            },
            Some(outcome) => quote_spanned! {Span::mixed_site()=>
                if let #p::core::option::Option::Some(value) = #outcome { #finish }
            },
        };
        let probes = matches!(self.args.on, On::Ok)
            .then(|| quote_spanned!(Span::mixed_site()=> use #p::outcome::methods::*;));
        let ids = ids(p, self.after().any(|(value, _)| is_id(value)));
        let send = kept.recall(p, send);
        quote_spanned!(Span::mixed_site()=> #probes #ids #send)
    }

    /// The value of a success as an `Option`, unless everything that is returned is one.
    fn outcome(&self, returned: &TokenStream) -> Option<TokenStream> {
        let p = &self.private;
        match (self.args.on, &self.args.when) {
            (On::Always, _) => None,
            (On::Err(span), _) => {
                let span = Span::mixed_site().located_at(span);
                let (p, returned) = (paths::located(p, span), paths::located(returned, span));
                Some(quote_spanned!(span=> #p::error(#returned)))
            }
            (On::Ok, None) => Some(
                quote_spanned!(Span::mixed_site()=> (&&&&#p::Outcome::of(#returned)).__thrivestack_success()),
            ),
            (On::Ok, Some(_)) => Some(
                quote_spanned!(Span::mixed_site()=> (&&&&#p::Outcome::vouched(#returned)).__thrivestack_success()),
            ),
        }
    }
}

fn ids(p: &TokenStream, needed: bool) -> TokenStream {
    if needed { quote_spanned!(Span::mixed_site()=> use #p::id::methods::*;) } else { TokenStream::new() }
}

fn is_id(value: &Value) -> bool {
    !matches!(value.slot, Slot::Property | Slot::Context | Slot::Timestamp)
}

/// The closure with its first token marked as ours. A closure is the grammar's way to say when, and no lint should ask for
/// a path in its place.
fn of_ours(closure: &ExprClosure) -> TokenStream {
    let mut tokens = closure.to_token_stream().into_iter();
    let mut first = tokens.next();
    if let Some(first) = &mut first {
        first.set_span(Span::mixed_site().located_at(first.span()));
    }
    first.into_iter().chain(tokens).collect()
}

/// Tokens that take the place of an expression of the user's, and where that expression stands.
struct Located {
    tokens: TokenStream,
    first: Span,
    last: Span,
}

impl Located {
    fn of(expr: &Expr) -> Self {
        Self::at(expr, expr.to_token_stream())
    }

    /// The closure applied to the returned value, where its body stands.
    fn applied(p: &TokenStream, closure: &ExprClosure) -> Self {
        let applied = of_ours(closure);
        Self::at(&closure.body, quote_spanned!(Span::mixed_site()=> #p::apply(value, #applied)))
    }

    fn at(expr: &Expr, tokens: TokenStream) -> Self {
        let last =
            expr.to_token_stream().into_iter().last().map_or_else(Span::call_site, |token| token.span());
        let here = |span| Span::mixed_site().located_at(span);
        Self { tokens, first: here(expr.span()), last: here(last) }
    }

    fn parenthesized(&self) -> Group {
        let mut group = Group::new(Delimiter::Parenthesis, self.tokens.clone());
        group.set_span(self.last);
        group
    }

    /// The tokens where the expression begins, so that what the compiler says of them points there.
    fn at_first(&self, tokens: &TokenStream) -> TokenStream {
        paths::located(tokens, self.first)
    }

    /// The expression as a `bool`, with its own place in errors about its type.
    fn condition(&self, p: &TokenStream) -> TokenStream {
        let value = self.parenthesized();
        let ty = self.at_first(&quote!(#p::core::primitive::bool));
        quote_spanned!(self.first=> { let condition: #ty = #value; condition })
    }

    fn borrowed(&self) -> TokenStream {
        let value = self.parenthesized();
        quote_spanned!(self.first=> &#value)
    }
}

/// The runtime's `Arg` for a value.
fn argument(p: &TokenStream, value: &Value, located: &Located) -> TokenStream {
    let span = located.first;
    let borrowed = located.borrowed();
    let wrap = match (value.slot, value.form) {
        (Slot::Timestamp, _) => "time",
        (Slot::Property | Slot::Context, Form::Serialize) => "json",
        (Slot::Property | Slot::Context, Form::Display) => "display",
        (Slot::Property | Slot::Context, Form::Debug) => "debug",
        _ => return quote_spanned!(span=> (&&&&#p::IdOf(#borrowed)).__thrivestack_id()),
    };
    let wrap = format_ident!("{wrap}", span = span);
    quote_spanned!(span=> #p::#wrap(#borrowed))
}
