//! The code that takes the place of an annotated function, or of a `track!`.
//!
//! The body runs in a closure (or an async block) of its own, so that `return` and `?` come back here. What is ours is
//! named with the hygiene of a local in `macro_rules!`, and what is the user's keeps its tokens.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, FnArg, ReturnType, Type};

use crate::args::{Args, Name, On};
use crate::arguments::Argument;
use crate::item::{Function, Returns, infer_impl_traits};
use crate::json::json_string;
use crate::kept::Kept;
use crate::paths;
use crate::value::{Evaluated, Form, Slot, Value};

/// The function with its event.
pub(crate) fn attribute(args: &Args, mut function: Function) -> TokenStream {
    let returns = function.returns();
    let arguments = function.arguments();
    let event = Event::new(args);
    let kept = Kept::new(&arguments, &event.closures());
    let inside = inside(&event, &function, &arguments, &kept);
    let block = match returns {
        Returns::Value(ty) => event.value(ty, function.sig.asyncness.is_some(), &inside, &kept),
        Returns::Future { output, boxed } => event.future(&function, output, boxed, &inside, &kept),
    };
    let mut block = Group::new(Delimiter::Brace, block);
    // With a span of ours, unused functions would no longer be reported.
    block.set_span(function.body.span());
    let Function { attrs, vis, default, sig, .. } = &function;
    quote!(#(#attrs)* #vis #default #sig #block)
}

/// A block that sends the event where it stands.
pub(crate) fn statement(args: &Args) -> TokenStream {
    let event = Event::new(args);
    let Event { private: p, site, .. } = &event;
    let facts = event.facts();
    let capture =
        event.capture(|begin| quote_spanned!(Span::mixed_site()=> #p::finish(&#site, #begin, &[]);));
    quote_spanned!(Span::mixed_site()=> { #facts #capture })
}

/// What stands in the closure around the body: the arguments bound again, the values taken, the body.
fn inside(event: &Event<'_>, function: &Function, arguments: &[Argument], kept: &Kept) -> TokenStream {
    let receiver = function.sig.inputs.iter().find_map(|input| match input {
        FnArg::Receiver(receiver) => Some(&receiver.self_token),
        FnArg::Typed(_) => None,
    });
    // A closure would capture no more of `self` than the body names, and drop the rest at another time.
    let receiver = receiver.map(|receiver| quote_spanned!(Span::mixed_site()=> let _ = &#receiver;));
    let rebind = arguments.iter().map(Argument::rebind);
    let used = kept.used();
    let keep = kept.keep(&event.private);
    let capture = event.capture(|begin| quote_spanned!(Span::mixed_site()=> *slot = #begin; #keep));
    let body = &function.body;
    // The arm of a `match` drops the temporaries of its value before the arguments, as the end of a function does.
    quote_spanned!(Span::mixed_site()=> #receiver #(#rebind)* #used #capture match () { () => #body })
}

/// The parts of an expansion.
struct Event<'a> {
    args: &'a Args,
    root: TokenStream,
    private: TokenStream,
    /// The name of the `static`. Items have no hygiene of their own, so this one is named after us.
    site: Ident,
}

impl<'a> Event<'a> {
    fn new(args: &'a Args) -> Self {
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

    fn closures(&self) -> Vec<TokenStream> {
        let when = self.args.when.iter().filter_map(|when| match when {
            Evaluated::After(closure) => Some(closure.to_token_stream()),
            Evaluated::Before(_) => None,
        });
        self.after().map(|(_, closure)| closure.to_token_stream()).chain(when).collect()
    }

    /// The facts that are known at compile time.
    fn facts(&self) -> TokenStream {
        let Self { private: p, site, .. } = self;
        let properties: String = self.args.values.iter().filter_map(Value::ready_property).collect();
        let named = |name: TokenStream| quote_spanned!(Span::mixed_site()=> #p::Head::Named { name: #name, properties: #properties });
        let head = match &self.args.name {
            Name::Literal(name) => {
                let start = format!(r#"{{"event_name":{},"properties":"#, json_string(&name.value()));
                let (json, properties_start) = (format!("{start}{properties}"), start.len());
                quote_spanned!(Span::mixed_site()=> #p::Head::Json { json: #json, properties_start: #properties_start })
            }
            Name::Const(path) if self.args.allow.event_name => named(path.to_token_stream()),
            Name::Const(path) => {
                let span = Span::mixed_site().located_at(path.span());
                named(quote_spanned!(span=> #p::event_name(#path)))
            }
        };
        let before = self.before().map(|(value, _)| value.field(p));
        let after = self.after().map(|(value, _)| value.field(p));
        quote_spanned! {Span::mixed_site()=>
            static #site: #p::Site = #p::Site {
                head: #head, before: &[#(#before),*], after: &[#(#after),*],
            };
        }
    }

    /// Evaluates the values and begins the event, if someone listens. `then` gets the expression that begins it.
    fn capture(&self, then: impl FnOnce(TokenStream) -> TokenStream) -> TokenStream {
        let Self { private: p, root, site, .. } = self;
        let values = self.before().map(|(value, expr)| match value.json_literal() {
            Some(json) => quote_spanned!(Span::mixed_site()=> #p::Arg::Raw(#json)),
            None => argument(p, value, &Located::of(expr)),
        });
        let values = quote_spanned!(Span::mixed_site()=> &[#(#values),*]);
        let condition = match &self.args.when {
            Some(Evaluated::Before(expr)) => {
                let condition = Located::of(expr).parenthesized();
                quote_spanned!(Span::mixed_site()=> && #condition)
            }
            _ => TokenStream::new(),
        };
        let ids = ids(p, self.before().any(|(value, _)| is_id(value)));
        match &self.args.client {
            None => {
                let then = then(quote_spanned!(Span::mixed_site()=> #p::begin(&#site, #values)));
                quote_spanned!(Span::mixed_site()=> if #p::enabled() #condition { #ids #then })
            }
            Some(client) => {
                let borrowed = Located::of(client).borrowed();
                let then = then(quote_spanned!(Span::mixed_site()=> #p::begin_on(client, &#site, #values)));
                quote_spanned! {Span::mixed_site()=> {
                    let client: &#root::Client = #borrowed;
                    if #p::client_enabled(client) #condition { #ids #then }
                }}
            }
        }
    }

    /// Sends the event that was begun, if what was returned is a success.
    fn finish(&self, kept: &Kept) -> TokenStream {
        let Self { private: p, site, .. } = self;
        let values: Vec<_> =
            self.after().map(|(value, closure)| argument(p, value, &Located::applied(p, closure))).collect();
        let mut finish = quote_spanned!(Span::mixed_site()=> #p::finish(&#site, pending, &[#(#values),*]););
        if let Some(Evaluated::After(closure)) = &self.args.when {
            finish = quote_spanned!(Span::mixed_site()=> if #p::decide(value, #closure) { #finish });
        }
        let value = if self.closures().is_empty() {
            quote!(_)
        } else {
            Ident::new("value", Span::mixed_site()).to_token_stream()
        };
        let outcome = match (self.args.on, &self.args.when) {
            (On::Always, _) => None,
            (On::Err(span), _) => {
                let span = Span::mixed_site().located_at(span);
                Some(quote_spanned!(span=> #p::error(&returned)))
            }
            (On::Ok, None) => Some(
                quote_spanned!(Span::mixed_site()=> (&&&&#p::Outcome::of(&returned)).__thrivestack_success()),
            ),
            (On::Ok, Some(_)) => Some(
                quote_spanned!(Span::mixed_site()=> (&&&&#p::Outcome::vouched(&returned)).__thrivestack_success()),
            ),
        };
        let probes = matches!(self.args.on, On::Ok)
            .then(|| quote_spanned!(Span::mixed_site()=> use #p::outcome::methods::*;));
        let ids = ids(p, self.after().any(|(value, _)| is_id(value)));
        let send = match outcome {
            None => quote_spanned!(Span::mixed_site()=> let #value = &returned; #finish),
            Some(outcome) => quote_spanned! {Span::mixed_site()=>
                if let #p::core::option::Option::Some(#value) = #outcome { #finish }
            },
        };
        let send = kept.recall(p, send);
        // A closure is the grammar's way to say when; a path in its place would be a value taken before the body.
        let lints = (!self.closures().is_empty())
            .then(|| quote!(#[allow(clippy::redundant_closure, clippy::redundant_closure_for_method_calls)]));
        quote_spanned!(Span::mixed_site()=> #lints if #p::Pending::is_live(&pending) { #probes #ids #send })
    }

    /// A function that returns its value, or an `async fn`.
    fn value(&self, mut ty: Type, is_async: bool, inside: &TokenStream, kept: &Kept) -> TokenStream {
        let p = &self.private;
        let slots = self.slots(kept);
        let finish = self.finish(kept);
        infer_impl_traits(&mut ty);
        let run = if is_async {
            // An async block has no place for its type: a `return` that never runs tells it.
            quote_spanned! {Span::mixed_site()=>
                async move {
                    if let #p::core::option::Option::Some(never) = #p::core::option::Option::<#ty>::None { return never; }
                    #inside
                }
                .await
            }
        } else {
            quote_spanned!(Span::mixed_site()=> #p::run(move || -> #ty { #inside }))
        };
        quote_spanned!(Span::mixed_site()=> #slots let returned = #run; #finish returned)
    }

    /// A function that returns a future by its signature. The values are taken when it is called.
    fn future(
        &self,
        function: &Function,
        mut output: Type,
        boxed: bool,
        inside: &TokenStream,
        kept: &Kept,
    ) -> TokenStream {
        let p = &self.private;
        let slots = self.slots(kept);
        let finish = self.finish(kept);
        let tracked =
            quote_spanned!(Span::mixed_site()=> async move { let returned = future.await; #finish returned });
        if boxed {
            let ReturnType::Type(_, ty) = &function.sig.output else {
                unreachable!("a boxed future is a type")
            };
            return quote_spanned! {Span::mixed_site()=>
                #slots
                let future = #p::run(move || -> #ty { #inside });
                if !#p::Pending::is_live(&pending) { return future; }
                #p::std::boxed::Box::pin(#tracked)
            };
        }
        infer_impl_traits(&mut output);
        quote_spanned! {Span::mixed_site()=>
            #slots
            let future = #p::run_future::<#output, _>(move || { #inside });
            #tracked
        }
    }

    /// Where the closure around the body leaves what is needed after it.
    fn slots(&self, kept: &Kept) -> TokenStream {
        let p = &self.private;
        let facts = self.facts();
        let kept = kept.slot(p);
        quote_spanned! {Span::mixed_site()=>
            #facts
            let mut pending = #p::Pending::idle();
            let slot = &mut pending;
            #kept
        }
    }
}

fn ids(p: &TokenStream, needed: bool) -> TokenStream {
    if needed { quote_spanned!(Span::mixed_site()=> use #p::id::methods::*;) } else { TokenStream::new() }
}

fn is_id(value: &Value) -> bool {
    !matches!(value.slot, Slot::Property | Slot::Context | Slot::Timestamp)
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
        Self::at(&closure.body, quote_spanned!(Span::mixed_site()=> #p::apply(value, #closure)))
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
