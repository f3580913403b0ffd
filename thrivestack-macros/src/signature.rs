//! Which functions the attribute takes, and what it says about the others.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Error, Result, ReturnType, Type, TypeParamBound};

use crate::args::{Args, On};
use crate::errors::Errors;
use crate::expand::is_closure;
use crate::item::{Function, Returns, boxed_object, last_segment, ungrouped};
use crate::value::Evaluated;

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
    for attr in function.attrs.iter().filter(|attr| names(attr, "naked")) {
        errors
            .push(Error::new_spanned(attr, "a naked function is nothing but its assembly: track its caller"));
    }
    errors.take(returned(function, args));
    errors.or(())
}

fn names(attr: &Attribute, name: &str) -> bool {
    // `unsafe(..)` and `cfg_attr(..)` wrap the attribute that is meant.
    attr.path().is_ident(name)
        || (["cfg_attr", "unsafe"].iter().any(|it| attr.path().is_ident(it))
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
    if let ReturnType::Type(_, ty) = &function.sig.output {
        future_bounds(ty)?;
        short_lived_box(ty)?;
        looked_at_closure(ty, args)?;
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

/// Refuses an `impl Future` that promises more than a tracked future keeps.
fn future_bounds(ty: &Type) -> Result<()> {
    const KEPT: [&str; 8] =
        ["Future", "Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe", "Clone", "Sized"];
    let Type::ImplTrait(it) = ungrouped(ty) else { return Ok(()) };
    let segments = || it.bounds.iter().filter_map(last_segment);
    if !segments().any(|segment| segment.ident == "Future") {
        return Ok(());
    }
    match segments().find(|segment| KEPT.iter().all(|kept| segment.ident != kept)) {
        None => Ok(()),
        Some(lost) => Err(Error::new_spanned(
            lost,
            format!(
                "a tracked future does not keep `{}`: leave it out, or write `thrivestack::track!(..)` where the \
                 future is awaited",
                lost.ident
            ),
        )),
    }
}

/// Refuses to look at a closure that is returned: its type would get lost.
fn looked_at_closure(ty: &Type, args: &Args) -> Result<()> {
    let is_looked_at = args
        .values
        .iter()
        .map(|value| &value.evaluated)
        .chain(&args.when)
        .any(|evaluated| matches!(evaluated, Evaluated::After(_)));
    if is_looked_at && is_closure(ty) {
        return Err(Error::new_spanned(
            ty,
            "the type of a closure gets lost where a value looks at it: return `Box<dyn Fn(..) -> ..>`, \
             or give the event values that are expressions",
        ));
    }
    Ok(())
}

/// Refuses a boxed future whose output borrows and whose type does not say for how long: another box around it could not
/// be made.
fn short_lived_box(ty: &Type) -> Result<()> {
    let Some(object) = boxed_object(ty) else { return Ok(()) };
    let has_lifetime = object.bounds.iter().any(|bound| matches!(bound, TypeParamBound::Lifetime(_)));
    let Some(lifetime) = borrows(object.to_token_stream()) else { return Ok(()) };
    if has_lifetime {
        return Ok(());
    }
    let spelled = if lifetime.is_empty() { "'_" } else { &lifetime };
    Err(Error::new_spanned(
        object,
        format!("the tracked future holds what its output borrows: write `+ {spelled}` behind its bounds"),
    ))
}

/// The first lifetime but `'static`, empty for a reference without one.
fn borrows(tokens: TokenStream) -> Option<String> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '&' => match tokens.peek() {
                Some(TokenTree::Punct(next)) if next.as_char() == '\'' => {}
                _ => return Some(String::new()),
            },
            TokenTree::Punct(punct) if punct.as_char() == '\'' => match tokens.next() {
                Some(TokenTree::Ident(name)) if name != "static" => return Some(format!("'{name}")),
                _ => {}
            },
            TokenTree::Group(group) => {
                if let Some(found) = borrows(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
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
