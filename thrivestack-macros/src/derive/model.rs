//! The struct and its fields, as far as each can be judged alone.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{ExprPath, Fields, Generics, Ident, Item, ItemStruct, LitStr, Member, Path, Type};
use thrivestack_core::credentials::is_credential;

use super::attrs::{FieldAttrs, StructAttrs};
use super::combinations;
use super::kind::{Kind, Role};
use crate::errors::Errors;

/// What is expanded. Only fields that are sent are in it.
pub(super) struct Model<'a> {
    pub(super) kind: Kind,
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    pub(super) attrs: &'a StructAttrs,
    /// Whether the struct is `#[repr(packed)]`, so that its fields can be copied but not borrowed.
    pub(super) packed: bool,
    pub(super) fields: Vec<Field<'a>>,
}

/// One field that is sent.
pub(super) struct Field<'a> {
    pub(super) member: Member,
    pub(super) ty: &'a Type,
    /// Where an error about the field belongs.
    pub(super) span: Span,
    pub(super) place: Place,
    pub(super) personal: bool,
    pub(super) skip_if: Option<ExprPath>,
    pub(super) with: Option<ExprPath>,
}

/// Where a field's value goes.
pub(super) enum Place {
    Role(Role),
    /// A trait or property of this name.
    Value(String),
    /// Several of them, whose names begin with this prefix.
    Flatten(String),
}

impl<'a> Model<'a> {
    pub(super) fn read(
        kind: Kind,
        item: &'a ItemStruct,
        attrs: &'a StructAttrs,
        errors: &mut Errors,
    ) -> Self {
        let members = item.fields.members().zip(&item.fields);
        let fields =
            members.filter_map(|(member, field)| read_field(kind, attrs, member, field, errors)).collect();
        let packed = item.attrs.iter().any(is_packed);
        Self { kind, ident: &item.ident, generics: &item.generics, attrs, packed, fields }
    }
}

impl Field<'_> {
    /// What the user calls the field.
    pub(super) fn label(&self) -> String {
        label(&self.member)
    }
}

/// The struct in a derive's input. Everything else is refused with the reason.
pub(super) fn require_struct(kind: Kind, item: &Item) -> syn::Result<&ItemStruct> {
    let derive = kind.name();
    let refuse = |span, reason: &str| {
        Err(syn::Error::new(span, format!("`derive({derive})` takes structs: {reason}")))
    };
    match item {
        Item::Struct(item) if matches!(item.fields, Fields::Unit) => refuse(
            item.ident.span(),
            "a unit struct has no fields to send. Write `struct Name {}` if nothing but the context is to be sent",
        ),
        Item::Struct(item) => Ok(item),
        Item::Enum(item) => refuse(
            item.enum_token.span,
            "the fields of an enum differ from variant to variant, and so would what is sent. Put what is sent into a \
             struct, with the enum as one of its fields",
        ),
        other => refuse(other.span(), "nothing tells which field of a union may be read"),
    }
}

fn read_field<'a>(
    kind: Kind,
    on_struct: &StructAttrs,
    member: Member,
    field: &'a syn::Field,
    errors: &mut Errors,
) -> Option<Field<'a>> {
    let attrs = FieldAttrs::parse(kind, &field.attrs, errors);
    if attrs.keys.is_empty() && is_phantom_data(&field.ty) {
        return None;
    }
    combinations::check(kind, &attrs, errors);
    if attrs.keys.span("skip").is_some() {
        return None;
    }
    let span = match &member {
        Member::Named(ident) => ident.span(),
        Member::Unnamed(_) => field.ty.span(),
    };
    let place = match (attrs.role, attrs.flatten) {
        (Some(role), _) => Place::Role(role),
        (None, Some(prefix)) => {
            check_flattened(field, attrs.with.is_some(), errors);
            Place::Flatten(prefix)
        }
        (None, None) => match (&attrs.rename, &member) {
            (Some(rename), _) => Place::Value(rename.value()),
            (None, Member::Named(ident)) => {
                Place::Value(on_struct.rename_all.apply(&ident.unraw().to_string()))
            }
            (None, Member::Unnamed(_)) => {
                let (helper, value) = (kind.helper(), kind.value());
                errors.at(
                    span,
                    format!(
                        "this field has no name to be sent under: write `#[{helper}(rename = \"name_of_the_{value}\")]`, \
                         or `#[{helper}(skip)]`"
                    ),
                );
                return None;
            }
        },
    };
    if attrs.keys.span("include").is_none() {
        check_credential(kind, &member, &place, span, attrs.rename.as_ref(), errors);
    }
    let personal = attrs.keys.span("personal").is_some();
    Some(Field { member, ty: &field.ty, span, place, personal, skip_if: attrs.skip_if, with: attrs.with })
}

fn check_credential(
    kind: Kind,
    member: &Member,
    place: &Place,
    span: Span,
    rename: Option<&LitStr>,
    errors: &mut Errors,
) {
    let field = label(member);
    let (name, span) = match (place, rename) {
        _ if is_credential(&field) => (&field, span),
        (Place::Value(name), rename) if is_credential(name) => (name, rename.map_or(span, LitStr::span)),
        _ => return,
    };
    let helper = kind.helper();
    errors.at(
        span,
        format!(
            "`{name}` reads like a credential, which must not leave your service by accident: write \
             `#[{helper}(skip)]` to leave the field out, or `#[{helper}(include)]` if it may be sent"
        ),
    );
}

/// Refuses what has no entries to flatten, as far as the type's name tells. The rest is found at run time.
fn check_flattened(field: &syn::Field, converted: bool, errors: &mut Errors) {
    const SCALARS: [&str; 22] = [
        "String", "str", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32",
        "i64", "i128", "isize", "f32", "f64", "Vec", "VecDeque", "HashSet", "BTreeSet",
    ];
    let scalar = match inside(&field.ty) {
        Type::Array(_) | Type::Slice(_) | Type::Tuple(_) => true,
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| SCALARS.iter().any(|name| last.ident == name))
        }
        _ => false,
    };
    if scalar && !converted {
        errors.at(
            field.ty.span(),
            "`flatten` takes what serializes as a map or a struct, and this has no keys: take it away",
        );
    }
}

/// The type below references, groups, and `Option` and `Box`.
fn inside(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => inside(&reference.elem),
        Type::Group(group) => inside(&group.elem),
        Type::Paren(paren) => inside(&paren.elem),
        Type::Path(path) => only_argument(&path.path, &["Option", "Box"]).map_or(ty, inside),
        _ => ty,
    }
}

/// The `T` of `Wrapper<T>`, where the wrapper is one of `names`.
pub(super) fn only_argument<'t>(path: &'t Path, names: &[&str]) -> Option<&'t Type> {
    let last = path.segments.last()?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(ty) if names.iter().any(|name| last.ident == name) => Some(ty),
        _ => None,
    }
}

fn is_phantom_data(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_phantom_data(&group.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "PhantomData"),
        _ => false,
    }
}

fn is_packed(attr: &syn::Attribute) -> bool {
    let mut packed = false;
    if attr.path().is_ident("repr") {
        // A wrong `repr` is the compiler's to report.
        let _ = attr.parse_nested_meta(|meta| {
            packed |= meta.path.is_ident("packed");
            if meta.input.peek(syn::token::Paren) {
                let size;
                syn::parenthesized!(size in meta.input);
                size.parse::<proc_macro2::TokenStream>()?;
            }
            Ok(())
        });
    }
    packed
}

fn label(member: &Member) -> String {
    match member {
        Member::Named(ident) => ident.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}
