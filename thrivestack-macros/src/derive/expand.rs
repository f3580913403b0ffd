//! The implementation of the trait.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Path};

use super::bounds::{Serializes, bounds};
use super::kind::{Kind, Role};
use super::model::{Field, Model, Place};
use crate::args::Name;
use crate::json::json_string;
use crate::paths;

/// The implementation for a struct without errors.
pub(super) fn implementation(model: &Model<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let private = paths::private(model.attrs.krate.as_ref());
    let mut fields = Vec::new();
    let mut args = Vec::new();
    if let Some(group_type) = &model.attrs.group_type {
        fields.push("k".to_owned());
        args.push(quote_spanned!(span=> #private::Arg::Display(&#group_type)));
    }
    for sent in &model.fields {
        let property = if sent.personal { "P" } else { "p" };
        fields.push(match &sent.place {
            Place::Role(role) => role.letter().to_owned(),
            Place::Value(name) => format!("{property},{}:", json_string(name)),
            Place::Flatten(_) => property.to_owned(),
        });
        args.push(arg(model, sent, &private));
    }

    let new_call = new_call(model, &private);
    let has_maybe_ids = model.fields.iter().any(|field| is_maybe_id(model, field));
    let probes = has_maybe_ids
        .then(|| quote_spanned!(span=> use #private::id::{MaybeId as _, NoId as _, SureId as _};));
    let body = quote_spanned! {span=>
        #probes
        let mut call = #new_call;
        if #private::Fill::is_live(&call) {
            #private::Fill::fill(&mut call, &[#(#fields),*], &[#(#args),*]);
        }
        call
    };
    trait_impl(model.kind, model.ident, model.generics, model.attrs.krate.as_ref(), &bounds(model), &body)
}

/// An implementation beside the errors, so that none about missing methods follow them.
pub(super) fn fallback(kind: Kind, ident: &Ident, generics: &Generics, krate: Option<&Path>) -> TokenStream {
    let private = paths::private(krate);
    let body = quote_spanned!(Span::mixed_site()=> #private::core::unreachable!());
    trait_impl(kind, ident, generics, krate, &[], &body)
}

fn trait_impl(
    kind: Kind,
    ident: &Ident,
    generics: &Generics,
    krate: Option<&Path>,
    bounds: &[TokenStream],
    body: &TokenStream,
) -> TokenStream {
    let span = Span::mixed_site();
    let root = paths::root(krate);
    let name = Ident::new(kind.name(), span);
    let (method, call) = match kind {
        Kind::Identify => ("identify_call", "IdentifyCall"),
        Kind::Group => ("group_call", "GroupCall"),
        Kind::Event => ("track_call", "TrackCall"),
    };
    let (method, call) = (Ident::new(method, span), Ident::new(call, span));
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let own_bounds =
        where_clause.into_iter().flat_map(|clause| &clause.predicates).map(ToTokens::to_token_stream);
    let bounds: Vec<_> = own_bounds.chain(bounds.iter().cloned()).collect();
    quote_spanned! {span=>
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics #root::#name for #ident #type_generics where #(#bounds,)* {
            fn #method(&self) -> #root::#call {
                #body
            }
        }
    }
}

/// The call before a field is in it.
fn new_call(model: &Model<'_>, private: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    match model.kind {
        Kind::Identify => quote_spanned!(span=> #private::identify_call()),
        Kind::Group => quote_spanned!(span=> #private::group_call()),
        Kind::Event => {
            let name = model.attrs.event.as_ref().map(|name| match name {
                Name::Literal(name) => name.to_token_stream(),
                Name::Const(path) if model.attrs.allow.event_name => path.to_token_stream(),
                Name::Const(path) => {
                    let check = paths::check_event_name(private, path);
                    quote_spanned!(span=> { #check #path })
                }
            });
            quote_spanned!(span=> #private::track_call(#name))
        }
    }
}

/// The field's value. The field's type is named in each call, so that an error about it stands on the user's type.
fn arg(model: &Model<'_>, field: &Field<'_>, private: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let (member, ty) = (&field.member, field.ty);
    let value = if model.packed {
        quote_spanned!(span=> { #private::require_copy::<#ty>(); self.#member })
    } else {
        quote_spanned!(span=> self.#member)
    };
    let skip = field.skip_if.as_ref().map(|path| {
        let here = span.located_at(path.span());
        let there = paths::located(private, here);
        quote_spanned!(here=> #there::skip_if::<#ty>(&#value, #path))
    });
    let arg = match (&field.place, &field.with) {
        (Place::Role(Role::Timestamp), _) => return quote_spanned!(span=> #private::time::<#ty>(&#value)),
        (Place::Role(role), _) if model.kind.own_id() == Some(*role) => {
            return quote_spanned!(span=> #private::own_id::<#ty>(&&#value));
        }
        (Place::Role(_), _) => {
            let id = Ident::new("__thrivestack_id", span.located_at(ty.span()));
            return quote_spanned!(span=> (&&&#private::IdOf::<#ty>(&#value)).#id());
        }
        (place, Some(path)) => {
            let skip = skip.unwrap_or_else(|| quote_spanned!(span=> false));
            // What the path gives may not be serializable, which is an error at the path.
            let here = span.located_at(path.span());
            let there = paths::located(private, here);
            let converted = quote_spanned!(here=> #there::with(#skip, &#value, #path));
            return match place {
                Place::Flatten(prefix) => quote_spanned!(here=> #converted.flatten(#prefix)),
                _ => quote_spanned!(here=> #converted.value()),
            };
        }
        (Place::Flatten(prefix), None) => {
            quote_spanned!(span=> #private::flatten::<#ty>(#prefix, &&#value))
        }
        (Place::Value(_), None) => {
            let value_of = Ident::new(Serializes::of(ty).function(), span);
            quote_spanned!(span=> #private::#value_of::<#ty>(&&#value))
        }
    };
    match skip {
        Some(skip) => quote_spanned!(span=> #private::unless(#skip, #arg)),
        None => arg,
    }
}

/// Whether the field is an id that may be missing.
fn is_maybe_id(model: &Model<'_>, field: &Field<'_>) -> bool {
    matches!(field.place, Place::Role(role) if role != Role::Timestamp && model.kind.own_id() != Some(role))
}
