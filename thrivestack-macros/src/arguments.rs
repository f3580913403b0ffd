//! The arguments of an annotated function, which are bound again inside of the closure around its body.
//!
//! Lints and drop order are then those of the bare function, and the closure takes whole arguments, however little of
//! them the body uses. What has nothing to drop is left alone: that compiles faster, and most arguments are such.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::{Attribute, Pat, PatIdent, PatType, Token, Type};

use crate::item::ungrouped;
use crate::kept::{bindings, mentions};

/// One argument but `self`.
pub(crate) struct Argument {
    cfgs: TokenStream,
    /// All attributes, lints and `cfg`s.
    attrs: TokenStream,
    pub(crate) bound: Bound,
}

/// What an argument binds.
pub(crate) enum Bound {
    /// A variable that stays as the signature has it.
    Untouched { name: Ident, is_copy: bool },
    /// Variables that are visible outside of the body's closure as well.
    Variables(Vec<Variable>),
    /// A pattern that leaves a part of the value unbound. The whole value gets a name in the signature, because the
    /// unbound part is dropped with the argument and not after all of them.
    Pattern { name: Ident, pattern: Pat },
}

pub(crate) struct Variable {
    mutability: Option<Token![mut]>,
    pub(crate) name: Ident,
}

impl Argument {
    /// Takes what belongs into the body out of an argument of the signature, and leaves the pattern if other attributes
    /// read it.
    pub(crate) fn take(typed: &mut PatType, index: usize, is_read: bool) -> Self {
        if let Some(name) = plain(&typed.pat)
            && has_nothing_to_drop(&typed.ty)
        {
            let is_copy = !matches!(ungrouped(&typed.ty), Type::Reference(it) if it.mutability.is_some());
            let bound = Bound::Untouched { name: name.clone(), is_copy };
            return Self { cfgs: TokenStream::new(), attrs: TokenStream::new(), bound };
        }
        let chosen = |names: &[&str]| -> TokenStream {
            let is_chosen = |attr: &&Attribute| names.iter().any(|name| attr.path().is_ident(name));
            typed.attrs.iter().filter(is_chosen).map(ToTokens::to_token_stream).collect()
        };
        let cfgs = chosen(&["cfg", "cfg_attr"]);
        let attrs = chosen(&["cfg", "cfg_attr", "allow", "expect", "warn", "deny", "forbid"]);
        // The variable of the signature is used by us, so that nothing would be expected there.
        typed.attrs.retain(|attr| !attr.path().is_ident("expect"));
        let bound = if is_read || binds_all(&typed.pat) {
            let mut variables = Vec::new();
            take_variables(&mut typed.pat, &mut variables);
            Bound::Variables(variables)
        } else {
            let name = format_ident!("argument{index}", span = Span::mixed_site());
            let pattern = std::mem::replace(&mut *typed.pat, Pat::Verbatim(name.to_token_stream()));
            Bound::Pattern { name, pattern }
        };
        Self { cfgs, attrs, bound }
    }

    /// Returns whether values that consist of these tokens can be evaluated before it is bound again: they find its variables in
    /// the signature, as mutable as they were.
    pub(crate) fn is_visible_to(&self, values: &TokenStream) -> bool {
        match &self.bound {
            Bound::Untouched { .. } => true,
            Bound::Variables(variables) => variables
                .iter()
                .all(|variable| variable.mutability.is_none() || !mentions_name(values, &variable.name)),
            Bound::Pattern { pattern, .. } => {
                !bindings(pattern).iter().any(|name| mentions_name(values, name))
            }
        }
    }

    /// Returns whether the variables of it that the tokens name can be copied.
    pub(crate) fn is_copied_by(&self, tokens: &TokenStream) -> bool {
        match &self.bound {
            Bound::Untouched { is_copy: true, .. } => true,
            Bound::Untouched { name, .. } => !mentions_name(tokens, name),
            Bound::Variables(variables) => {
                !variables.iter().any(|variable| mentions_name(tokens, &variable.name))
            }
            Bound::Pattern { .. } => false,
        }
    }

    /// Returns whether it is in the signature as the user wrote it.
    pub(crate) fn is_plain(&self) -> bool {
        self.attrs.is_empty()
            && match &self.bound {
                Bound::Untouched { .. } => true,
                Bound::Variables(variables) => variables.iter().all(|variable| variable.mutability.is_none()),
                Bound::Pattern { .. } => false,
            }
    }

    /// Binds the argument again.
    pub(crate) fn rebind(&self) -> TokenStream {
        let Self { cfgs, attrs, bound } = self;
        match bound {
            Bound::Untouched { .. } => TokenStream::new(),
            Bound::Variables(variables) => variables
                .iter()
                .map(|Variable { mutability, name }| {
                    quote_spanned!(Span::mixed_site()=> #attrs let #mutability #name = #name;)
                })
                .collect(),
            Bound::Pattern { name, pattern } => quote_spanned! {Span::mixed_site()=>
                #cfgs let #name = #name;
                #attrs let #pattern = #name;
            },
        }
    }

    /// Uses a variable, where it would be reported as unused.
    pub(crate) fn mention(&self, name: &Ident) -> TokenStream {
        let cfgs = &self.cfgs;
        quote_spanned!(Span::mixed_site()=> #cfgs let _ = &#name;)
    }
}

/// Uses all of it, so that a closure takes it whole and in its order.
impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.bound {
            Bound::Untouched { .. } => {}
            Bound::Variables(variables) => {
                tokens.extend(variables.iter().map(|variable| self.mention(&variable.name)));
            }
            Bound::Pattern { name, .. } => tokens.extend(self.mention(name)),
        }
    }
}

fn mentions_name(tokens: &TokenStream, name: &Ident) -> bool {
    mentions(tokens.clone(), &name.to_string())
}

/// The name, if the pattern is nothing else.
fn plain(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(PatIdent { by_ref: None, mutability: None, subpat: None, ident, .. }) => Some(ident),
        _ => None,
    }
}

/// Whether nobody can tell when a value of the type is dropped: a reference, a pointer, or what is called as a primitive is.
fn has_nothing_to_drop(ty: &Type) -> bool {
    const PRIMITIVES: [&str; 16] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize",
    ];
    match ungrouped(ty) {
        Type::Reference(_) | Type::Ptr(_) => true,
        Type::Path(path) => {
            path.qself.is_none() && PRIMITIVES.iter().any(|primitive| path.path.is_ident(primitive))
        }
        _ => false,
    }
}

/// Whether a pattern moves all of the value into variables.
fn binds_all(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(pattern) => pattern.by_ref.is_none() && pattern.subpat.is_none(),
        Pat::Paren(pattern) => binds_all(&pattern.pat),
        Pat::Reference(pattern) => binds_all(&pattern.pat),
        Pat::Tuple(pattern) => pattern.elems.iter().all(binds_all),
        Pat::TupleStruct(pattern) => pattern.elems.iter().all(binds_all),
        Pat::Struct(pattern) => {
            pattern.rest.is_none() && pattern.fields.iter().all(|field| binds_all(&field.pat))
        }
        _ => false,
    }
}

/// Takes the variables of a pattern, with their `mut`.
fn take_variables(pattern: &mut Pat, variables: &mut Vec<Variable>) {
    match pattern {
        Pat::Ident(pattern) => {
            if let Some((_, inner)) = &mut pattern.subpat {
                take_variables(inner, variables);
            }
            let mutability = match pattern.by_ref {
                // `ref mut` is one word.
                Some(_) => None,
                None => pattern.mutability.take(),
            };
            variables.push(Variable { mutability, name: pattern.ident.clone() });
        }
        Pat::Paren(pattern) => take_variables(&mut pattern.pat, variables),
        Pat::Reference(pattern) => take_variables(&mut pattern.pat, variables),
        Pat::Slice(pattern) => pattern.elems.iter_mut().for_each(|it| take_variables(it, variables)),
        Pat::Tuple(pattern) => pattern.elems.iter_mut().for_each(|it| take_variables(it, variables)),
        Pat::TupleStruct(pattern) => pattern.elems.iter_mut().for_each(|it| take_variables(it, variables)),
        Pat::Struct(pattern) => {
            pattern.fields.iter_mut().for_each(|field| take_variables(&mut field.pat, variables));
        }
        _ => {}
    }
}
