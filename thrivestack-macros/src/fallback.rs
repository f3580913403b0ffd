//! What is left of a macro call that was refused.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

/// The errors, with the item as it was: whatever uses the item then has no errors of its own.
pub(crate) fn keep(item: &TokenStream, errors: &Error) -> TokenStream {
    let errors = errors.to_compile_error();
    quote!(#errors #item)
}
