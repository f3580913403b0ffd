//! The paths that expansions name.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Path;

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
