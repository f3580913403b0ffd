//! `#[derive(Identify)]`, `#[derive(Group)]` and `#[derive(Event)]`: parsed in `attrs` and `model`, judged there and in
//! `validate`, written in `expand`.

use proc_macro2::TokenStream;
use syn::{Error, Item, Result};

mod attrs;
mod bounds;
mod combinations;
mod expand;
mod kind;
mod model;
mod rename;
mod validate;

use self::attrs::StructAttrs;
use self::kind::Kind;
use self::model::Model;
use crate::errors::Errors;

pub(crate) fn identify(input: TokenStream) -> TokenStream {
    derive(Kind::Identify, input)
}

pub(crate) fn group(input: TokenStream) -> TokenStream {
    derive(Kind::Group, input)
}

pub(crate) fn event(input: TokenStream) -> TokenStream {
    derive(Kind::Event, input)
}

fn derive(kind: Kind, input: TokenStream) -> TokenStream {
    let item = match syn::parse2::<Item>(input) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let (attrs, ident, generics) = match &item {
        Item::Struct(item) => (&item.attrs, &item.ident, &item.generics),
        Item::Enum(item) => (&item.attrs, &item.ident, &item.generics),
        Item::Union(item) => (&item.attrs, &item.ident, &item.generics),
        other => return Error::new_spanned(other, "a derive takes structs").into_compile_error(),
    };
    let mut errors = Errors::default();
    let on_struct = StructAttrs::parse(kind, attrs, &mut errors);
    expand(kind, &item, &on_struct, errors).unwrap_or_else(|error| {
        let mut tokens = error.into_compile_error();
        tokens.extend(expand::fallback(kind, ident, generics, on_struct.krate.as_ref()));
        tokens
    })
}

fn expand(kind: Kind, item: &Item, on_struct: &StructAttrs, mut errors: Errors) -> Result<TokenStream> {
    let Some(item) = errors.take(model::require_struct(kind, item)) else {
        return errors.or(TokenStream::new());
    };
    let model = Model::read(kind, item, on_struct, &mut errors);
    let read = errors.or(());
    // What is missing can be told only where everything that was written was understood.
    let understood = read.is_ok();
    let mut errors = Errors::default();
    errors.take(read);
    validate::validate(&model, understood, &mut errors);
    errors.or(())?;
    Ok(expand::implementation(&model))
}
