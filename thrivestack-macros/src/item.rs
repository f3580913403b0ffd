//! The annotated function: its signature is parsed, its body stays tokens.
//!
//! A body that does not parse yet, because it is being typed, then still reaches the compiler and the editor as it is.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{
    AttrStyle, Attribute, Error, FnArg, GenericArgument, GenericParam, Ident, PathArguments, PathSegment,
    Receiver, Result, ReturnType, Signature, Token, Type, TypeParamBound, TypeTraitObject, Visibility,
    parse_quote,
};

use crate::arguments::Argument;
use crate::kept::mentions;

/// A function with a body.
pub(crate) struct Function {
    /// The attributes on it and in it, all in their outer form.
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) default: Option<Ident>,
    pub(crate) sig: Signature,
    /// The braces with everything between them.
    pub(crate) body: Group,
}

/// What a call of the function gives.
pub(crate) enum Returns {
    /// The value itself; for an `async fn`, once it is awaited.
    Value(Type),
    /// A future that the signature spells out.
    Future { output: Type, kind: FutureKind },
}

/// The ways in which a signature spells a future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FutureKind {
    /// `impl Future`.
    Impl,
    /// `impl Future + Clone`.
    Cloned,
    /// `Pin<Box<dyn Future>>`.
    Boxed,
    /// `BoxFuture`, or another name that says so.
    Alias,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let default = default_keyword(input);
        if !is_function(input) {
            return Err(Error::new(input.span(), "`#[track_event]` goes on a function or a method"));
        }
        let sig: Signature = input.parse()?;
        if let Some(semicolon) = input.parse::<Option<Token![;]>>()? {
            let message = "this method has no body to track: put `#[track_event]` on the method of the impl";
            return Err(Error::new(semicolon.span, message));
        }
        let (inner, body) = body(input.parse()?)?;
        attrs.extend(inner);
        Ok(Self { attrs, vis, default, sig, body })
    }
}

/// The contextual `default` of a specialized method.
fn default_keyword(input: ParseStream<'_>) -> Option<Ident> {
    let ahead = input.fork();
    let ident = ahead.parse::<Ident>().ok().filter(|ident| ident == "default")?;
    input.advance_to(&ahead);
    Some(ident)
}

fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while let Ok(token) = ahead.parse::<TokenTree>() {
        match token {
            TokenTree::Ident(ident) if ident == "fn" => return ahead.peek(Ident),
            TokenTree::Ident(word)
                if ["const", "async", "unsafe", "safe", "extern"].iter().any(|it| word == it) => {}
            TokenTree::Literal(_) => {}
            _ => return false,
        }
    }
    false
}

/// Takes the inner attributes out of the body: the same attributes hold for it when they stand on the function.
fn body(tokens: TokenTree) -> Result<(Vec<Attribute>, Group)> {
    let TokenTree::Group(group) = tokens else {
        return Err(Error::new(tokens.span(), "expected the function's body"));
    };
    if group.delimiter() == Delimiter::None {
        let mut inside = group.stream().into_iter();
        return match (inside.next(), inside.next()) {
            (Some(block), None) => body(block),
            _ => Err(Error::new(group.span(), "expected the function's body")),
        };
    }
    if !matches!(group.stream().into_iter().next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#') {
        return Ok((Vec::new(), group));
    }
    let split = |input: ParseStream<'_>| {
        let mut attrs = input.call(Attribute::parse_inner)?;
        for attr in &mut attrs {
            attr.style = AttrStyle::Outer;
        }
        Ok((attrs, input.parse::<TokenStream>()?))
    };
    let (attrs, rest) = split.parse2(group.stream())?;
    let mut stripped = Group::new(Delimiter::Brace, rest);
    stripped.set_span(group.span());
    Ok((attrs, stripped))
}

impl Function {
    pub(crate) fn returns(&self) -> Returns {
        let ty = match &self.sig.output {
            ReturnType::Default => parse_quote!(()),
            ReturnType::Type(_, ty) => copy(ty),
        };
        if self.sig.asyncness.is_none()
            && let Some((output, kind)) = future(&ty)
        {
            return Returns::Future { output, kind };
        }
        Returns::Value(ty)
    }

    pub(crate) fn receiver(&self) -> Option<&Receiver> {
        self.sig.inputs.iter().find_map(|input| match input {
            FnArg::Receiver(receiver) => Some(receiver),
            FnArg::Typed(_) => None,
        })
    }

    /// Whether the type is nothing but one of the function's type parameters.
    pub(crate) fn is_type_parameter(&self, ty: &Type) -> bool {
        let Type::Path(path) = ungrouped(ty) else { return false };
        path.qself.is_none()
            && self.sig.generics.params.iter().any(|param| match param {
                GenericParam::Type(param) => path.path.is_ident(&param.ident),
                _ => false,
            })
    }

    /// Takes the arguments apart: what the signature binds is bound again in the body.
    pub(crate) fn arguments(&mut self) -> Vec<Argument> {
        let is_read = self.has_other_macros();
        let typed = self.sig.inputs.iter_mut().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        });
        typed.enumerate().map(|(index, typed)| Argument::take(typed, index, is_read)).collect()
    }

    /// Returns whether an attribute stands below that may be a macro, and reads the signature.
    pub(crate) fn has_other_macros(&self) -> bool {
        const INERT: [&str; 20] = [
            "allow",
            "automatically_derived",
            "cfg",
            "cold",
            "deny",
            "deprecated",
            "doc",
            "expect",
            "export_name",
            "forbid",
            "inline",
            "link_section",
            "must_use",
            "no_mangle",
            "rustfmt",
            "clippy",
            "target_feature",
            "track_caller",
            "unsafe",
            "warn",
        ];
        self.attrs.iter().any(|attr| {
            let first = attr.path().segments.first();
            !first.is_some_and(|segment| INERT.iter().any(|inert| segment.ident == inert))
        })
    }
}

/// A copy of the type: syn can print and parse it, and would compile longer with its `Clone`.
fn copy(ty: &Type) -> Type {
    parse_quote!(#ty)
}

/// The output of a type that is spelled as a future, and how it is spelled.
fn future(ty: &Type) -> Option<(Type, FutureKind)> {
    match ungrouped(ty) {
        Type::ImplTrait(it) => {
            let is_cloned = it.bounds.iter().filter_map(last_segment).any(|segment| segment.ident == "Clone");
            let kind = if is_cloned { FutureKind::Cloned } else { FutureKind::Impl };
            Some((future_output(it.bounds.iter())?, kind))
        }
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            match last.ident.to_string().as_str() {
                "BoxFuture" | "LocalBoxFuture" => Some((parse_quote!(_), FutureKind::Alias)),
                "Pin" => Some((future_output(boxed_object(ty)?.bounds.iter())?, FutureKind::Boxed)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The trait object of a `Pin<Box<dyn ..>>`.
pub(crate) fn boxed_object(ty: &Type) -> Option<&TypeTraitObject> {
    let Type::Path(path) = ungrouped(ty) else { return None };
    let pin = path.path.segments.last().filter(|segment| segment.ident == "Pin")?;
    let Type::Path(pointer) = ungrouped(only_type(pin)?) else { return None };
    let pointer = pointer.path.segments.last().filter(|segment| segment.ident == "Box")?;
    match ungrouped(only_type(pointer)?) {
        Type::TraitObject(object) => Some(object),
        _ => None,
    }
}

fn future_output<'a>(bounds: impl Iterator<Item = &'a TypeParamBound>) -> Option<Type> {
    let bound = bounds.filter_map(last_segment).find(|segment| segment.ident == "Future")?;
    let PathArguments::AngleBracketed(arguments) = &bound.arguments else {
        return Some(parse_quote!(_));
    };
    let output = arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(copy(&assoc.ty)),
        _ => None,
    });
    Some(output.unwrap_or(parse_quote!(_)))
}

/// The last segment of the trait that a bound names.
pub(crate) fn last_segment(bound: &TypeParamBound) -> Option<&PathSegment> {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    }
}

fn only_type(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// The type without parentheses and the invisible groups of `macro_rules!`.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        other => other,
    }
}

/// Returns whether the type has an `impl Trait` in it.
pub(crate) fn has_impl_trait(ty: &Type) -> bool {
    mentions(quote!(#ty), "impl")
}

/// Puts `_` in the place of every `impl Trait`, which may stand in a signature only.
pub(crate) fn infer_impl_traits(ty: &mut Type) {
    match ty {
        Type::ImplTrait(_) => *ty = parse_quote!(_),
        Type::Array(it) => infer_impl_traits(&mut it.elem),
        Type::Group(it) => infer_impl_traits(&mut it.elem),
        Type::Paren(it) => infer_impl_traits(&mut it.elem),
        Type::Ptr(it) => infer_impl_traits(&mut it.elem),
        Type::Reference(it) => infer_impl_traits(&mut it.elem),
        Type::Slice(it) => infer_impl_traits(&mut it.elem),
        Type::Tuple(it) => it.elems.iter_mut().for_each(infer_impl_traits),
        Type::Path(it) => it.path.segments.iter_mut().for_each(infer_in_segment),
        Type::TraitObject(it) => {
            for bound in &mut it.bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    bound.path.segments.iter_mut().for_each(infer_in_segment);
                }
            }
        }
        _ => {}
    }
}

fn infer_in_segment(segment: &mut PathSegment) {
    let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { return };
    for argument in &mut arguments.args {
        match argument {
            GenericArgument::Type(ty) => infer_impl_traits(ty),
            GenericArgument::AssocType(assoc) => infer_impl_traits(&mut assoc.ty),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::Type;

    use super::{Function, FutureKind, Returns, infer_impl_traits};

    #[test]
    fn a_body_that_is_being_typed_is_taken_as_it_is() {
        let function: Function = syn::parse_str("fn f(&self) { let user = self. }").unwrap();
        assert_eq!(function.body.to_string(), "{ let user = self . }");
    }

    #[test]
    fn inner_attributes_move_to_the_function() {
        let function: Function = syn::parse_str("#[cold] fn f() { #![allow(unused)] 1 }").unwrap();
        assert_eq!(function.attrs.len(), 2);
        assert_eq!(function.body.to_string(), "{ 1 }");
    }

    #[test]
    fn futures_are_told_by_their_spelling() {
        use FutureKind::{Alias, Boxed, Cloned, Impl};
        for (signature, future) in [
            ("fn f() -> impl Future<Output = u8> + Send", Some(("u8", Impl))),
            ("fn f() -> impl Clone + Future<Output = u8>", Some(("u8", Cloned))),
            ("fn f() -> impl core::future::Future + 'static", Some(("_", Impl))),
            ("fn f() -> Pin<Box<dyn Future<Output = R> + '_>>", Some(("R", Boxed))),
            (
                "fn f() -> std::pin::Pin<std::boxed::Box<dyn std::future::Future<Output = R>>>",
                Some(("R", Boxed)),
            ),
            ("fn f() -> BoxFuture<'static, R>", Some(("_", Alias))),
            ("async fn f() -> BoxFuture<'static, R>", None),
            ("fn f() -> Pin<Box<dyn Stream<Item = R>>>", None),
            ("fn f() -> Pin<&mut R>", None),
            ("fn f() -> Box<dyn Future<Output = R>>", None),
            ("fn f() -> impl Iterator<Item = u8>", None),
            ("fn f()", None),
        ] {
            let function: Function = syn::parse_str(&format!("{signature} {{}}")).unwrap();
            let found = match function.returns() {
                Returns::Future { output, kind } => Some((output.to_token_stream().to_string(), kind)),
                Returns::Value(_) => None,
            };
            assert_eq!(found.as_ref().map(|(output, kind)| (output.as_str(), *kind)), future, "{signature}");
        }
    }

    #[test]
    fn every_impl_trait_is_inferred() {
        for (written, inferred) in [
            ("impl Display", "_"),
            ("Result<impl Display, (u8, impl Debug)>", "Result<_, (u8, _)>"),
            ("Box<dyn Iterator<Item = [impl Display; 2]>>", "Box<dyn Iterator<Item = [_; 2]>>"),
            ("&'static (impl Display)", "&'static (_)"),
            ("Vec<u8>", "Vec<u8>"),
        ] {
            let mut ty: Type = syn::parse_str(written).unwrap();
            infer_impl_traits(&mut ty);
            let expected: Type = syn::parse_str(inferred).unwrap();
            assert_eq!(ty.to_token_stream().to_string(), expected.to_token_stream().to_string());
        }
    }
}
