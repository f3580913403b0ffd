//! The attribute and derive macros of the [`thrivestack`](https://docs.rs/thrivestack) crate, which re-exports and
//! documents them. Use them through it: an expansion calls hidden items of the runtime crate of the same version.

use proc_macro::TokenStream;

mod allow;
mod args;
mod arguments;
mod assign;
mod bare;
mod derive;
mod errors;
mod event;
mod expand;
mod fallback;
mod item;
mod json;
mod kept;
mod leaves;
mod paths;
mod properties;
mod signature;
mod suggest;
mod uses;
mod validate;
mod value;

use args::{Args, Macro};
use item::Function;

/// Sends a track call when the function succeeds.
#[proc_macro_attribute]
pub fn track_event(args: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    attribute(args.into(), item.clone()).unwrap_or_else(|errors| fallback::keep(&item, &errors)).into()
}

/// Sends a track call where it stands.
#[proc_macro]
pub fn track(input: TokenStream) -> TokenStream {
    statement(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

fn attribute(
    args: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
) -> syn::Result<proc_macro2::TokenStream> {
    let mut errors = errors::Errors::default();
    let function = errors.take(syn::parse2::<Function>(item));
    let args = errors.take(Args::parse(args, Macro::Attribute));
    if let Some(args) = &args {
        errors.take(validate::args(args));
    }
    if let (Some(function), Some(args)) = (&function, &args) {
        errors.take(signature::check(function, args));
    }
    let parsed = errors.or(function.zip(args))?;
    let (function, args) = parsed.expect("what was not parsed is an error");
    Ok(expand::attribute(&args, function))
}

fn statement(input: proc_macro2::TokenStream) -> syn::Result<proc_macro2::TokenStream> {
    let args = Args::parse(input, Macro::Statement)?;
    validate::args(&args)?;
    Ok(expand::statement(&args))
}

/// Sends an identify call from a struct's fields.
#[proc_macro_derive(Identify, attributes(identify))]
pub fn identify(input: TokenStream) -> TokenStream {
    derive::identify(input.into()).into()
}

/// Sends a group call from a struct's fields.
#[proc_macro_derive(Group, attributes(group))]
pub fn group(input: TokenStream) -> TokenStream {
    derive::group(input.into()).into()
}

/// Sends a track call from a struct's fields.
#[proc_macro_derive(Event, attributes(event))]
pub fn event(input: TokenStream) -> TokenStream {
    derive::event(input.into()).into()
}
