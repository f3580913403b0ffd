//! Which functions the attribute takes, and what it says about the others.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, ParenthesizedGenericArguments, PathArguments, Result, ReturnType, Type, TypeParamBound,
};

use crate::args::{Args, On};
use crate::errors::Errors;
use crate::item::{Function, Returns, last_segment, ungrouped};

/// Refuses what cannot be tracked, or what would count a failure as a success.
pub(crate) fn check(function: &Function, args: &Args) -> Result<()> {
    let mut errors = Errors::default();
    let sig = &function.sig;
    if let Some(constness) = &sig.constness {
        errors.at(
            constness.span,
            "a `const fn` may run at compile time and cannot send events: track its caller",
        );
    }
    if let Some(variadic) = &sig.variadic {
        errors.at(
            variadic.dots.spans[0],
            "the arguments of a C-variadic function cannot be handed on: track its caller",
        );
    }
    for attr in function.attrs.iter().filter(|attr| names(attr, "track_caller")) {
        errors.push(Error::new_spanned(
            attr,
            "`#[track_caller]` would name this attribute as the caller: remove one of the two, \
             or write `thrivestack::track!(..)` in the body",
        ));
    }
    errors.take(returned(function, args));
    errors.or(())
}

fn names(attr: &Attribute, name: &str) -> bool {
    // `unsafe(..)` and `cfg_attr(..)` wrap the attribute that is meant.
    attr.path().is_ident(name)
        || (attr.path().is_ident("cfg_attr")
            && attr.meta.to_token_stream().into_iter().any(|it| mentions(it, name)))
}

fn mentions(token: TokenTree, name: &str) -> bool {
    match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => group.stream().into_iter().any(|it| mentions(it, name)),
        _ => false,
    }
}

fn returned(function: &Function, args: &Args) -> Result<()> {
    if let ReturnType::Type(_, ty) = &function.sig.output
        && let Some(unpin) = unpin_future(ty)
    {
        let message =
            "a tracked future is not `Unpin`: return `Pin<Box<dyn Future<..>>>`, or leave out `Unpin`";
        return Err(Error::new(unpin, message));
    }
    if let ReturnType::Type(_, ty) = &function.sig.output
        && let Some(closure) = lending_closure(ty)
    {
        return Err(Error::new_spanned(
            closure,
            "the type of a closure that returns what it borrows gets lost in this attribute: \
             return `Box<dyn Fn(..) -> ..>`, or write `thrivestack::track!(..)` in the body",
        ));
    }
    let (Returns::Value(ty) | Returns::Future { output: ty, .. }) = function.returns();
    let ty = ungrouped(&ty);
    if let Type::Never(never) = ty {
        return Err(Error::new_spanned(
            never,
            "this function never returns, so there is no success to track",
        ));
    }
    if let On::Err(span) = args.on
        && (matches!(function.sig.output, ReturnType::Default)
            || matches!(ty, Type::Tuple(_) | Type::Reference(_)))
    {
        return Err(Error::new(span, "`on = err` needs a function that returns a `Result`"));
    }
    if function.is_type_parameter(ty) && matches!(args.on, On::Ok) && args.when.is_none() {
        let name = ty.to_token_stream();
        return Err(Error::new_spanned(
            ty,
            format!(
                "`{name}` may stand for a `Result`, and its `Err` cannot be told from here: \
                 say what is a success with `when = |value| ..`, or send always with `on = always`"
            ),
        ));
    }
    Ok(())
}

/// An `impl Fn(&A) -> &B`: a closure has such a type only where it is the very value of the function.
fn lending_closure(ty: &Type) -> Option<&ParenthesizedGenericArguments> {
    let Type::ImplTrait(it) = ungrouped(ty) else { return None };
    let arguments =
        it.bounds.iter().filter_map(last_segment).find_map(|segment| match &segment.arguments {
            PathArguments::Parenthesized(arguments) => Some(arguments),
            _ => None,
        })?;
    let ReturnType::Type(_, output) = &arguments.output else { return None };
    let borrows = |tokens: TokenStream| tokens.into_iter().any(|token| token.to_string() == "&");
    (borrows(arguments.inputs.to_token_stream()) && borrows(output.to_token_stream())).then_some(arguments)
}

/// Where the type is an `impl Future` that is also `Unpin`.
fn unpin_future(ty: &Type) -> Option<Span> {
    let Type::ImplTrait(it) = ungrouped(ty) else { return None };
    let named = |name: &'static str| {
        move |bound: &&TypeParamBound| last_segment(bound).is_some_and(|segment| segment.ident == name)
    };
    it.bounds.iter().find(named("Future"))?;
    it.bounds.iter().find(named("Unpin")).map(Spanned::span)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::args::{Args, Macro};
    use crate::item::Function;

    #[test]
    fn variadic_functions_are_refused() {
        // Unstable, so that no compile-fail test can have one.
        let function: Function = syn::parse_str("unsafe extern \"C\" fn f(n: u8, mut rest: ...) {}").unwrap();
        let args = Args::parse("\"report_exported\"".parse().unwrap(), Macro::Attribute).unwrap();
        assert!(check(&function, &args).unwrap_err().to_string().contains("C-variadic"));
    }
}
