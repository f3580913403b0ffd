//! The bounds that the fields of a generic struct need.
//!
//! They stand on the types of fields instead of on the parameters, so that `Vec<T>`, `T::Item` and a wrapper that
//! serializes whatever its parameter is ask for no more than they need.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Generics, Type};

use super::kind::Role;
use super::model::{Field, Model, Place, only_argument};

/// The predicates to add to the struct's own `where` clause.
pub(super) fn bounds(model: &Model<'_>, private: &TokenStream) -> Vec<TokenStream> {
    model.fields.iter().filter_map(|field| bound(model.generics, field, private)).collect()
}

fn bound(generics: &Generics, field: &Field<'_>, private: &TokenStream) -> Option<TokenStream> {
    if field.with.is_some() || !depends_on_parameter(field.ty, generics) {
        return None;
    }
    let ty = field.ty;
    Some(match field.place {
        Place::Role(Role::Timestamp) => {
            quote!(#ty: #private::core::clone::Clone + #private::core::convert::Into<#private::std::time::SystemTime>)
        }
        Place::Role(_) => {
            let id = optional(ty).unwrap_or(ty);
            quote!(#id: #private::core::fmt::Display)
        }
        Place::Value(_) | Place::Flatten(_) => quote!(#ty: #private::Serialize),
    })
}

/// The `T` of an `Option<T>`, which may be behind a reference. An id may be one, and `Option` has no `Display`.
fn optional(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) => optional(&reference.elem),
        Type::Group(group) => optional(&group.elem),
        Type::Path(path) => only_argument(&path.path, &["Option"]),
        _ => None,
    }
}

/// Whether the type names a parameter, or `Self`, which has them all. Without one it is known here and now whether the
/// type fits, and an error about it belongs to the field. Constants count: `serde` knows arrays of some lengths only.
fn depends_on_parameter(ty: &Type, generics: &Generics) -> bool {
    let types = generics.type_params().map(|parameter| &parameter.ident);
    let parameters: Vec<_> = types.chain(generics.const_params().map(|parameter| &parameter.ident)).collect();
    !parameters.is_empty() && names_any(ty.to_token_stream(), &parameters)
}

fn names_any(tokens: TokenStream, parameters: &[&Ident]) -> bool {
    let mut after_colon = false;
    tokens.into_iter().any(|token| {
        // `other::T` is another `T`.
        let later_segment = after_colon;
        after_colon = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':');
        match token {
            TokenTree::Ident(ident) => !later_segment && (ident == "Self" || parameters.contains(&&ident)),
            TokenTree::Group(group) => names_any(group.stream(), parameters),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        }
    })
}
