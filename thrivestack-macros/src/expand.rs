//! The code that takes the place of an annotated function, or of a `track!`.
//!
//! The body runs in a closure (or an async block) of its own, so that `return` and `?` come back here. What is ours is
//! named with the hygiene of a local in `macro_rules!`, and what is the user's keeps its tokens.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ReceiverKind, ReturnType, Type, TypeParamBound, parse_quote};

use crate::args::Args;
use crate::arguments::Argument;
use crate::event::Event;
use crate::item::{
    Function, FutureKind, Returns, has_impl_trait, infer_impl_traits, last_segment, ungrouped,
};
use crate::kept::{Kept, mentions};
use crate::{bare, leaves, paths};

/// The function with its event.
pub(crate) fn attribute(args: &Args, mut function: Function) -> TokenStream {
    let event = Event::new(args);
    let returns = function.returns();
    let bare = bare::function(&event, &function, &returns);
    let arguments = function.arguments();
    let parts = Parts::new(&event, &function, &arguments);
    let block = match returns {
        Returns::Value(ty) if function.sig.asyncness.is_none() => parts.value(ty, &function),
        Returns::Value(ty) if parts.is_outside && is_free(&function) => {
            function.sig.asyncness = None;
            function.sig.output = lazy_output(parts.private, &ty);
            parts.lazy(ty)
        }
        Returns::Value(ty) => parts.awaited(ty, &function),
        Returns::Future { output, kind } => parts.future(&function, output, kind),
    };
    let mut block = Group::new(Delimiter::Brace, block);
    // With a span of ours, unused functions would no longer be reported.
    block.set_span(function.body.span());
    let Function { vis, default, sig, .. } = &function;
    let attrs = bare::attrs_of_expansion(&function.attrs);
    let tracked = quote!(#attrs #vis #default #sig #block);
    match bare {
        None => tracked,
        Some(bare) => {
            let (clippy, compiled) = bare::cfgs();
            quote!(#compiled #tracked #clippy #bare)
        }
    }
}

/// A block that sends the event where it stands.
pub(crate) fn statement(args: &Args) -> TokenStream {
    let event = Event::new(args);
    let p = &event.private;
    let facts = event.facts();
    let begun = event.begun();
    quote_spanned!(Span::mixed_site()=> { #facts #p::finish_now(#begun); })
}

/// Returns whether only the compiler reads the signature of an `async fn`, so that it may be that of a function that returns
/// a future. Its type is the same, and the future is not kept in another one.
fn is_free(function: &Function) -> bool {
    let has_lint = |name: &str| function.attrs.iter().any(|attr| bare::names(attr, name));
    !function.has_other_macros()
        && function.sig.abi.is_none()
        // These look for the `async`.
        && !has_lint("must_use")
        && !has_lint("async_fn_in_trait")
}

/// `-> impl Future<Output = ..>`. The edition of our tokens has it capture every lifetime, as an `async fn` does.
fn lazy_output(p: &TokenStream, ty: &Type) -> ReturnType {
    let span = Span::mixed_site().located_at(ty.span());
    let future = quote_spanned!(span=> impl #p::core::future::Future<Output = #ty>);
    ReturnType::Type(syn::Token![->](span), Box::new(Type::Verbatim(future)))
}

/// The code around and in the closure in which the body runs.
struct Parts<'a> {
    private: &'a TokenStream,
    event: &'a Event<'a>,
    facts: TokenStream,
    /// The event where the values are taken outside.
    begun: TokenStream,
    /// What comes before it, and leaves `pending`.
    pending: TokenStream,
    /// What stands in it: the arguments bound again, and the body.
    inside: TokenStream,
    /// Where the braces of the body are, which are those of the closure: what the body lacks is reported there.
    braces: Span,
    /// What comes after it, with the value in `returned`.
    after: TokenStream,
    /// Set if the values are taken outside of the closure.
    is_outside: bool,
    /// Whether the values can still be taken when the closure has taken what the body needs.
    outlives_body: bool,
    /// Set if the body can run with the arguments as the signature binds them.
    is_plain: bool,
    /// Tokens that state the rule of closures where it is broken.
    check: Option<TokenStream>,
    /// Tokens that let the closure take all of the arguments, in their order.
    order: TokenStream,
}

impl<'a> Parts<'a> {
    fn new(event: &'a Event<'_>, function: &Function, arguments: &[Argument]) -> Self {
        let p = &event.private;
        let (values, closures) = (event.values(), event.closures());
        let kept = Kept::new(arguments, &values, &closures);
        // The values are taken where the compiler has least to do, unless they may name what exists in the closure only.
        let named = quote!(#values #(#closures)*);
        let is_outside = arguments.iter().all(|argument| argument.is_visible_to(&named));
        let (begun, capture) = if is_outside {
            let is_copied = arguments.iter().all(|argument| argument.is_copied_by(&values))
                && (is_shared(function) || !mentions(values.clone(), "self"));
            (event.begun_apart(is_copied), TokenStream::new())
        } else {
            let begun = event.begun();
            let (slot, keep) = (kept.slot(p), kept.keep(p));
            let slot = quote_spanned! {Span::mixed_site()=>
                let mut pending = #p::Pending::idle();
                let slot = &mut pending;
                #slot
            };
            (slot, quote_spanned!(Span::mixed_site()=> *slot = #begun; #keep))
        };
        let pending = if is_outside {
            quote_spanned!(Span::mixed_site()=> let pending = #begun;)
        } else {
            begun.clone()
        };
        let outlives_body = is_outside
            && event.is_of_the_process()
            && arguments.iter().all(|argument| argument.is_copied_by(&named))
            && (is_shared(function) || !mentions(named, "self"));
        let receiver = bind_receiver(function);
        let rebind: TokenStream = arguments.iter().map(Argument::rebind).collect();
        let (used, check) = (kept.used(), kept.check(p));
        let body = &function.body;
        let body = if rebind.is_empty() && function.sig.asyncness.is_some() {
            // The type of the function stands in front, and must not be one that the body declares.
            bare::nested(body).into_token_stream()
        } else if rebind.is_empty() {
            body.stream()
        } else {
            // The arm of a `match` drops the temporaries of its value before the arguments, as the end of a function does.
            quote_spanned!(Span::mixed_site()=> match () { () => #body })
        };
        Self {
            private: p,
            event,
            facts: event.facts(),
            begun,
            pending,
            inside: quote!(#receiver #rebind #used #check #capture #body),
            braces: function.body.span(),
            after: event.finished(&kept),
            is_outside,
            outlives_body,
            is_plain: arguments.iter().all(Argument::is_plain),
            check,
            order: quote!(#receiver #(#arguments)*),
        }
    }

    /// A function that returns its value.
    fn value(&self, mut ty: Type, function: &Function) -> TokenStream {
        let Self { private: p, event, facts, pending, after, .. } = self;
        if is_closure(&ty) && self.is_outside && !event.has_closures() && event.is_for_any_success() {
            // Through a closure around the body, the compiler could not infer the types of the user's.
            let body = bare::nested(&function.body);
            return quote_spanned!(Span::mixed_site()=> #facts #pending let _event = #p::OnReturn::new(pending); #body);
        }
        infer_impl_traits(&mut ty);
        let block = self.block(&TokenStream::new());
        if !self.is_outside {
            return quote_spanned! {Span::mixed_site()=>
                #facts #pending
                let returned = #p::once(move || -> #ty #block)();
                #after
                returned
            };
        }
        // A frame of its own would hold everything twice, which a recursive function cannot afford.
        let inline = if is_small(&function.body) {
            quote_spanned!(Span::mixed_site()=> #[inline(always)])
        } else {
            quote_spanned!(Span::mixed_site()=> #[cfg_attr(debug_assertions, inline(always))])
        };
        let finish = event.finish_closure();
        let begun = &self.begun;
        let body = quote_spanned!(Span::mixed_site()=> #inline move || -> #ty #block);
        let may_stand = self.is_plain && !leaves::may_leave(function.body.stream(), false);
        let has_types = may_stand && declares_types(function.body.stream());
        let unoptimized = if may_stand && (has_types || is_small(&function.body)) {
            let returned = self.typed(&ty, function);
            quote_spanned! {Span::mixed_site()=>
                #returned
                #p::finished(&mut pending, &returned, #finish);
                returned
            }
        } else {
            quote_spanned! {Span::mixed_site()=>
                let returned = #p::once(#body)();
                #p::finished(&mut pending, &returned, #finish);
                returned
            }
        };
        if has_types {
            // In a closure, their paths would have it in them.
            return quote_spanned!(Span::mixed_site()=> #facts let mut pending = #begun; #unoptimized);
        }
        let optimized = if self.outlives_body {
            // Whoever sends nothing pays for one look at a flag: everything else is in a function of its own.
            let begun = event.begun();
            quote_spanned! {Span::mixed_site()=>
                let body = #p::once(#body);
                if #p::enabled() {
                    #p::listening(move || { let pending = #begun; let returned = body(); #after returned })
                } else {
                    body()
                }
            }
        } else {
            quote_spanned! {Span::mixed_site()=>
                #pending
                let body = #p::once(#body);
                if #p::Pending::is_live(&pending) {
                    #p::listening(move || { let returned = body(); #after returned })
                } else {
                    body()
                }
            }
        };
        // Optimized code has a frame that is no larger than without the attribute where nobody listens. In other code, one
        // call of the body costs less than two, and none less than one.
        quote_spanned! {Span::mixed_site()=>
            #facts
            #[cfg(not(debug_assertions))]
            { #optimized }
            #[cfg(debug_assertions)]
            { let mut pending = #begun; #unoptimized }
        }
    }

    /// An `async fn` that stays one, with its body in a block of its own.
    fn awaited(&self, mut ty: Type, function: &Function) -> TokenStream {
        let Self { facts, pending, after, .. } = self;
        if self.is_outside
            && self.is_plain
            && !has_impl_trait(&ty)
            && !leaves::may_leave(function.body.stream(), true)
        {
            // The block would keep the arguments once more.
            let returned = self.typed(&ty, function);
            return quote_spanned!(Span::mixed_site()=> #facts #pending #returned #after returned);
        }
        infer_impl_traits(&mut ty);
        let block = self.typed_block(&ty);
        quote_spanned! {Span::mixed_site()=>
            #facts #pending
            let returned = async move #block.await;
            #after
            returned
        }
    }

    /// An `async fn` that becomes a function which returns a future of ours.
    fn lazy(&self, mut ty: Type) -> TokenStream {
        let Self { private: p, event, facts, order, .. } = self;
        let begun = event.begun();
        infer_impl_traits(&mut ty);
        let typed =
            self.typed_block_after(&quote_spanned!(Span::mixed_site()=> #order #p::begun(#begun);), &ty);
        let finish = event.finish_closure();
        quote_spanned! {Span::mixed_site()=>
            #facts
            #p::lazy::<#ty, _, _>(async move #typed, #finish)
        }
    }

    /// A function that returns a future by its signature. The values are taken when it is called.
    fn future(&self, function: &Function, mut output: Type, kind: FutureKind) -> TokenStream {
        let Self { private: p, event, facts, pending, .. } = self;
        let block = self.block(&TokenStream::new());
        let finish = event.finish_closure();
        let (FutureKind::Boxed | FutureKind::Alias) = kind else {
            let wrap = if kind == FutureKind::Cloned { "tracked_and_cloned" } else { "tracked" };
            let wrap = syn::Ident::new(wrap, Span::mixed_site());
            infer_impl_traits(&mut output);
            return quote_spanned! {Span::mixed_site()=>
                #facts #pending
                let future = #p::run_future::<#output, _>(move || #block);
                #p::#wrap(future, pending, #finish)
            };
        };
        let ReturnType::Type(_, ty) = &function.sig.output else { unreachable!("a boxed future is a type") };
        let mut inferred: Type = parse_quote!(#ty);
        infer_impl_traits(&mut inferred);
        // What the new box requires of the output is required there.
        let span =
            Span::mixed_site().located_at(if kind == FutureKind::Alias { ty.span() } else { output.span() });
        let p = &paths::located(p, span);
        let tracked = quote_spanned!(span=> #p::tracked(future, pending, #finish));
        let boxed = match kind {
            FutureKind::Alias => quote_spanned!(span=> <#ty as #p::Rebox<_>>::rebox(#tracked)),
            _ => quote_spanned!(span=> #p::std::boxed::Box::pin(#tracked)),
        };
        quote_spanned! {Span::mixed_site()=>
            #facts #pending
            let future = #p::once(move || -> #inferred #block)();
            if !#p::Pending::is_live(&pending) { return future; }
            #boxed
        }
    }

    /// The value of a body that stands in the function itself. What follows would be reported as unreachable behind one
    /// that never ends, if there were no other way.
    fn typed(&self, ty: &Type, function: &Function) -> TokenStream {
        let Self { private: p, check, .. } = self;
        let body = bare::nested(&function.body);
        quote_spanned!(Span::mixed_site()=> #check let returned: #ty = if true #body else { #p::never::<#ty>() };)
    }

    fn block(&self, first: &TokenStream) -> Group {
        let inside = &self.inside;
        let mut block = Group::new(Delimiter::Brace, quote!(#first #inside));
        block.set_span(self.braces);
        block
    }

    /// An async block has no place for its type: a `return` that never runs tells it.
    fn typed_block(&self, ty: &Type) -> Group {
        self.typed_block_after(&TokenStream::new(), ty)
    }

    fn typed_block_after(&self, first: &TokenStream, ty: &Type) -> Group {
        let p = self.private;
        self.block(&quote_spanned!(Span::mixed_site()=> if false { return #p::never::<#ty>(); } #first))
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

/// Returns whether `self` is a shared reference.
fn is_shared(function: &Function) -> bool {
    function.receiver().is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(_, _, None)))
}

/// Returns whether the type is an `impl Fn(..)`, which is no failure.
pub(crate) fn is_closure(ty: &Type) -> bool {
    let Type::ImplTrait(it) = ungrouped(ty) else { return false };
    let is_closure = |bound: &TypeParamBound| {
        last_segment(bound)
            .is_some_and(|segment| ["Fn", "FnMut", "FnOnce"].iter().any(|it| segment.ident == it))
    };
    it.bounds.iter().any(is_closure)
}

/// Returns whether types are declared in a body, whose paths `type_name` tells.
fn declares_types(body: TokenStream) -> bool {
    body.into_iter().any(|token| match token {
        TokenTree::Ident(word) => ["enum", "fn", "struct", "trait", "union"].iter().any(|it| word == it),
        TokenTree::Group(group) => declares_types(group.stream()),
        _ => false,
    })
}

/// Returns whether a body is worth being compiled twice to save its caller a frame.
fn is_small(body: &Group) -> bool {
    const TOKENS: usize = 150;
    fn count(tokens: TokenStream) -> usize {
        tokens
            .into_iter()
            .map(|token| match token {
                TokenTree::Group(group) => 2 + count(group.stream()),
                _ => 1,
            })
            .sum()
    }
    count(body.stream()) <= TOKENS
}
