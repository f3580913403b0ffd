//! The paths that expansions name.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

/// The crate's root as the user's code sees it: `crate = path`, or `::thrivestack`.
pub(crate) fn root(renamed: Option<&Path>) -> TokenStream {
    match renamed {
        Some(path) => quote!(#path),
        None => quote!(::thrivestack),
    }
}

/// The hidden module that expansions call. Its name carries this crate's version, so that the macros of one version
/// and the runtime of another do not compile together.
pub(crate) fn private(renamed: Option<&Path>) -> TokenStream {
    let root = root(renamed);
    let module = format_ident!("__private_{}", env!("CARGO_PKG_VERSION").replace(['.', '-', '+'], "_"));
    quote!(#root::#module)
}

/// An item that checks the name of an event in a constant, at the path of the constant.
pub(crate) fn check_event_name(private: &TokenStream, path: &Path) -> TokenStream {
    let here = Span::mixed_site().located_at(path.span());
    let there = located(private, here);
    quote_spanned!(here=> const _: () = #there::check_event_name(#path);)
}

/// The path as if it stood at `span`, since the compiler points at the first token of a call. It is resolved where it
/// was written: it may begin with the `$crate` of a macro.
pub(crate) fn located(path: &TokenStream, span: Span) -> TokenStream {
    let relocate = |mut token: TokenTree| {
        token.set_span(token.span().located_at(span));
        token
    };
    path.clone().into_iter().map(relocate).collect()
}
