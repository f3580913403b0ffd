//! The code that takes the place of an annotated function, or of a `track!`.
//!
//! The body runs in a closure (or an async block) of its own, so that `return` and `?` come back here. What is ours is
//! named with the hygiene of a local in `macro_rules!`, and what is the user's keeps its tokens.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{ReceiverKind, ReturnType, Type};

use crate::args::Args;
use crate::arguments::Argument;
use crate::event::Event;
use crate::item::{Function, Returns, infer_impl_traits};
use crate::kept::{Kept, mentions};

/// The function with its event.
pub(crate) fn attribute(args: &Args, mut function: Function) -> TokenStream {
    let returns = function.returns();
    let arguments = function.arguments();
    let event = Event::new(args);
    let parts = Parts::new(&event, &function, &arguments);
    let block = match returns {
        Returns::Value(ty) => parts.value(ty, function.sig.asyncness.is_some()),
        Returns::Future { output, boxed } => parts.future(&function, output, boxed),
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
    let p = &event.private;
    let facts = event.facts();
    let begun = event.begun();
    quote_spanned!(Span::mixed_site()=> { #facts #p::finish_now(#begun); })
}

/// The code around and in the closure in which the body runs.
struct Parts<'a> {
    private: &'a TokenStream,
    /// What comes before it, and leaves `pending`.
    before: TokenStream,
    /// What stands in it: the arguments bound again, and the body.
    inside: TokenStream,
    /// Where the braces of the body are, which are those of the closure: what the body lacks is reported there.
    braces: Span,
    /// What comes after it, with the value in `returned`.
    after: TokenStream,
    /// Whether the values can still be taken when the closure has taken what the body needs.
    outlives_body: bool,
}

impl<'a> Parts<'a> {
    fn new(event: &'a Event<'_>, function: &Function, arguments: &[Argument]) -> Self {
        let p = &event.private;
        let facts = event.facts();
        let begun = event.begun();
        let (values, closures) = (event.values(), event.closures());
        let kept = Kept::new(arguments, &values, &closures);
        // The values are taken where the compiler has least to do, unless they may name what exists in the closure only.
        let is_outside = arguments.iter().all(Argument::is_visible_outside);
        let (pending, capture) = if is_outside {
            (quote_spanned!(Span::mixed_site()=> let pending = #begun;), TokenStream::new())
        } else {
            let (slot, keep) = (kept.slot(p), kept.keep(p));
            let pending = quote_spanned! {Span::mixed_site()=>
                let mut pending = #p::Pending::idle();
                let slot = &mut pending;
                #slot
            };
            (pending, quote_spanned!(Span::mixed_site()=> *slot = #begun; #keep))
        };
        let receiver = bind_receiver(function);
        let named = quote!(#values #(#closures)*);
        let outlives_body = is_outside
            && event.is_of_the_process()
            && !arguments.iter().any(|argument| argument.moves_what_is_named_in(&named))
            && (is_shared(function) || !mentions(named, "self"));
        let rebind: TokenStream = arguments.iter().map(Argument::rebind).collect();
        let (used, check) = (kept.used(), kept.check(p));
        let body = &function.body;
        let body = if rebind.is_empty() {
            body.stream()
        } else {
            // The arm of a `match` drops the temporaries of its value before the arguments, as the end of a function does.
            quote_spanned!(Span::mixed_site()=> match () { () => #body })
        };
        Self {
            private: p,
            before: quote!(#facts #pending),
            inside: quote!(#receiver #rebind #used #check #capture #body),
            braces: function.body.span(),
            after: event.finished(&kept),
            outlives_body,
        }
    }

    /// A function that returns its value, or an `async fn`.
    fn value(&self, mut ty: Type, is_async: bool) -> TokenStream {
        let Self { private: p, before, after, outlives_body, .. } = self;
        infer_impl_traits(&mut ty);
        if is_async {
            // An async block has no place for its type: a `return` that never runs tells it.
            let block =
                self.block(&quote_spanned!(Span::mixed_site()=> if false { return #p::never::<#ty>(); }));
            return quote_spanned! {Span::mixed_site()=>
                #before
                let returned = async move #block.await;
                #after
                returned
            };
        }
        let block = self.block(&TokenStream::new());
        let body = quote_spanned!(Span::mixed_site()=> move || -> #ty #block);
        if *outlives_body {
            // Whoever sends nothing pays for one look at a flag: everything else is in a function of its own.
            return quote_spanned! {Span::mixed_site()=>
                let body = #p::once(#body);
                if !#p::enabled() { return body(); }
                #p::listening(move || { #before let returned = body(); #after returned })
            };
        }
        quote_spanned!(Span::mixed_site()=> #before let returned = #p::once(#body)(); #after returned)
    }

    /// A function that returns a future by its signature. The values are taken when it is called.
    fn future(&self, function: &Function, mut output: Type, boxed: bool) -> TokenStream {
        let Self { private: p, before, after, .. } = self;
        let block = self.block(&TokenStream::new());
        let tracked =
            quote_spanned!(Span::mixed_site()=> async move { let returned = future.await; #after returned });
        if boxed {
            let ReturnType::Type(_, ty) = &function.sig.output else {
                unreachable!("a boxed future is a type")
            };
            return quote_spanned! {Span::mixed_site()=>
                #before
                let future = #p::once(move || -> #ty #block)();
                if !#p::Pending::is_live(&pending) { return future; }
                #p::std::boxed::Box::pin(#tracked)
            };
        }
        infer_impl_traits(&mut output);
        quote_spanned! {Span::mixed_site()=>
            #before
            let future = #p::run_future::<#output, _>(move || #block);
            #tracked
        }
    }

    fn block(&self, first: &TokenStream) -> Group {
        let inside = &self.inside;
        let mut block = Group::new(Delimiter::Brace, quote!(#first #inside));
        block.set_span(self.braces);
        block
    }
}

/// Has the closure capture all of `self`: it would capture no more than the body names, and the rest would be dropped at
/// another time. A reference has nothing to drop.
fn bind_receiver(function: &Function) -> Option<TokenStream> {
    let receiver = function.receiver()?;
    let token = &receiver.self_token;
    let is_reference = matches!(receiver.kind, ReceiverKind::Reference(..));
    (!is_reference).then(|| quote_spanned!(Span::mixed_site()=> let _ = &#token;))
}

/// Whether `self` is still there when the body has taken it.
fn is_shared(function: &Function) -> bool {
    function.receiver().is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(_, _, None)))
}
