//! The function as the user wrote it, for clippy and rustdoc.
//!
//! Clippy judges a body by its shape, and an expansion has another one: with the user's own function, every lint and every
//! `#[expect]` is what it is without the attribute. The values of the event stand in it in a closure that never runs, so
//! that they are checked there too. A function that is compiled for any other purpose has no trace of it.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token, Type};

use crate::event::Event;
use crate::item::{Function, Returns, has_impl_trait};
use crate::kept::{Kept, mentions};

/// The lints that look for a shape which the expansion does not have. What is expected of them is allowed instead.
const OF_THE_SHAPE: [&str; 1] = ["unconditional_recursion"];
/// The same, where the function of this module has a closure in it.
const OF_ONE_EXPRESSION: [&str; 1] = ["manual_async_fn"];

/// The conditions under which the bare function is compiled, and under which it is not.
pub(crate) fn cfgs() -> (TokenStream, TokenStream) {
    let span = Span::mixed_site();
    (quote_spanned!(span=> #[cfg(any(clippy, doc))]), quote_spanned!(span=> #[cfg(not(any(clippy, doc)))]))
}

/// The bare function, unless the values cannot be checked in it.
pub(crate) fn function(event: &Event<'_>, function: &Function, returns: &Returns) -> Option<TokenStream> {
    let Function { attrs, vis, default, sig, body } = function;
    if !event.has_expressions() {
        return Some(quote!(#(#attrs)* #vis #default #sig #body));
    }
    let (Returns::Value(ty) | Returns::Future { output: ty, .. }) = returns;
    let is_spelled = !has_impl_trait(ty) && !matches!(ty, Type::Infer(_));
    if event.has_closures() && !is_spelled {
        return None;
    }
    let p = &event.private;
    let (facts, begun) = (event.facts(), event.begun());
    let finished = is_spelled.then(|| {
        let finished = event.finished(&Kept::default());
        quote_spanned!(Span::mixed_site()=> let returned = #p::never::<#ty>(); #finished)
    });
    let attrs = expecting_less(attrs, &OF_ONE_EXPRESSION);
    let nested = nested(body);
    let mut block = Group::new(
        Delimiter::Brace,
        quote_spanned!(Span::mixed_site()=> let _ = || { #facts let pending = #begun; #finished }; #nested),
    );
    block.set_span(if is_judged_by_its_shape(function) {
        Span::mixed_site().located_at(body.span())
    } else {
        body.span()
    });
    Some(quote!(#attrs #vis #default #sig #block))
}

/// The attributes for the expansion.
pub(crate) fn attrs_of_expansion(attrs: &[Attribute]) -> TokenStream {
    expecting_less(attrs, &OF_THE_SHAPE)
}

/// A block in another one. Braces around a single expression would be reported as needless if they were the user's, and
/// those of several statements are looked at for what stands between them.
pub(crate) fn nested(body: &Group) -> Group {
    let is_statement = |token: TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    let mut nested = Group::new(Delimiter::Brace, body.stream());
    let span = body.span();
    let has_statements = body.stream().into_iter().any(is_statement);
    nested.set_span(if has_statements { span } else { Span::mixed_site().located_at(span) });
    nested
}

/// Returns whether clippy requires the body to be a certain expression, or to be empty. It passes over what a macro made.
fn is_judged_by_its_shape(function: &Function) -> bool {
    function.body.stream().is_empty()
        || ["clone", "clone_from", "partial_cmp"].iter().any(|name| function.sig.ident == name)
}

/// Returns whether an attribute, of lints or any other, names something.
pub(crate) fn names(attr: &Attribute, name: &str) -> bool {
    mentions(attr.meta.to_token_stream(), name)
}

/// The attributes with `allow` in the place of `expect` for some lints.
fn expecting_less(attrs: &[Attribute], lints: &[&str]) -> TokenStream {
    attrs.iter().map(|attr| allowing(attr, lints).unwrap_or_else(|| attr.to_token_stream())).collect()
}

fn allowing(attr: &Attribute, lints: &[&str]) -> Option<TokenStream> {
    if !attr.path().is_ident("expect") || !lints.iter().any(|lint| names(attr, lint)) {
        return None;
    }
    let listed = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    let is_named = |meta: &&Meta| {
        lints.iter().any(|lint| meta.path().segments.last().is_some_and(|it| it.ident == lint))
    };
    let allowed = listed.iter().filter(is_named);
    let expected: Vec<_> = listed.iter().filter(|meta| !is_named(meta)).collect();
    let is_lint = |meta: &&&Meta| !meta.path().is_ident("reason");
    let expected = expected.iter().any(|meta| is_lint(&meta)).then(|| quote!(#[expect(#(#expected),*)]));
    Some(quote!(#[allow(#(#allowed),*)] #expected))
}
