//! The bounds that the fields of a generic struct need.
//!
//! They stand on the types of fields instead of on the parameters, so that `Vec<T>`, `T::Item` and a wrapper that
//! serializes whatever its parameter is ask for no more than they need.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Type};

use super::kind::Role;
use super::model::{Field, Model, Place, only_argument};
use crate::paths;

/// The predicates to add to the struct's own `where` clause.
pub(super) fn bounds(model: &Model<'_>) -> Vec<TokenStream> {
    let root = paths::root(model.attrs.krate.as_ref());
    model.fields.iter().filter_map(|field| bound(model.generics, field, &root)).collect()
}

/// The bound on the field's type, as if it stood there: an error about it is then an error about the field.
fn bound(generics: &Generics, field: &Field<'_>, root: &TokenStream) -> Option<TokenStream> {
    if field.with.is_some() || !depends_on_parameter(field.ty, generics) {
        return None;
    }
    let ty = field.ty;
    let (ty, name) = match field.place {
        Place::Role(Role::Timestamp) => (ty, "Moment"),
        Place::Role(_) => (optional(ty).unwrap_or(ty), "Identifier"),
        Place::Value(_) => (ty, Serializes::of(ty).bound()),
        Place::Flatten(_) => (ty, Serializes::Plainly.bound()),
    };
    let span = Span::mixed_site().located_at(ty.span());
    let (root, name) = (paths::located(root, span), Ident::new(name, span));
    Some(quote_spanned!(span=> #ty: #root::bounds::#name))
}

/// The way in which serde serializes a type, as far as its name tells: an error then says what can be done about it.
pub(super) enum Serializes {
    Plainly,
    /// With serde's feature `rc`.
    Shared,
    /// Up to a length.
    Array,
}

impl Serializes {
    pub(super) fn of(ty: &Type) -> Self {
        let tokens = ty.to_token_stream();
        if names_shared(tokens.clone()) {
            Self::Shared
        } else if has_array(tokens) {
            Self::Array
        } else {
            Self::Plainly
        }
    }

    /// The trait that carries the message.
    fn bound(&self) -> &'static str {
        match self {
            Self::Plainly => "SerializableField",
            Self::Shared => "SharedField",
            Self::Array => "ArrayField",
        }
    }

    /// The runtime's function that takes such a field.
    pub(super) fn function(&self) -> &'static str {
        match self {
            Self::Plainly => "value",
            Self::Shared => "shared_value",
            Self::Array => "array_value",
        }
    }
}

fn names_shared(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "Rc" || ident == "Arc",
        TokenTree::Group(group) => names_shared(group.stream()),
        _ => false,
    })
}

fn has_array(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            let is_array = group.delimiter() == Delimiter::Bracket
                && group.stream().into_iter().any(|token| token.to_string() == ";");
            is_array || has_array(group.stream())
        }
        _ => false,
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
    let is_parameter = |ident: &Ident| ident == "Self" || parameters.contains(&ident);
    !parameters.is_empty() && names_first(ty.to_token_stream(), &is_parameter)
}

/// Returns whether a path in the tokens begins with such a name.
fn names_first(tokens: TokenStream, is_meant: &impl Fn(&Ident) -> bool) -> bool {
    let mut after_colon = false;
    tokens.into_iter().any(|token| {
        // `other::T` is another `T`.
        let later_segment = after_colon;
        after_colon = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':');
        match token {
            TokenTree::Ident(ident) => !later_segment && is_meant(&ident),
            TokenTree::Group(group) => names_first(group.stream(), is_meant),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        }
    })
}
