//! What the values and the closures that run after the body use of the function's arguments.
//!
//! A variable of the signature stays in scope: the body's closure takes it, and what is `Copy` is still there. The
//! variables of a pattern that moved into the body exist there only, so their copies are kept for the time after it.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{ExprClosure, Pat};

use crate::arguments::{Argument, Bound};
use crate::paths;
use crate::uses::use_of;

#[derive(Default)]
pub(crate) struct Kept {
    used: TokenStream,
    copied: Vec<Copied>,
    /// Uses of arguments by closures, for which they have to be `Copy`.
    uses: Vec<Ident>,
}

/// A variable of a pattern that a closure names.
struct Copied {
    name: Ident,
    /// A place at which a closure certainly uses it.
    used: Option<Ident>,
}

impl Kept {
    /// `values` are evaluated before the body, outside of its closure or in it, and `closures` after it.
    pub(crate) fn new(arguments: &[Argument], values: &TokenStream, closures: &[&ExprClosure]) -> Self {
        let mentioned =
            |name: &Ident| closures.iter().any(|it| mentions(it.to_token_stream(), &name.to_string()));
        let used = |name: &Ident| mentioned(name) || mentions(values.clone(), &name.to_string());
        let use_of = |name: &Ident| closures.iter().find_map(|closure| use_of(name, closure));
        let mut kept = Self { used: TokenStream::new(), copied: Vec::new(), uses: Vec::new() };
        for argument in arguments {
            match &argument.bound {
                Bound::Untouched { is_copy: true, .. } => {}
                Bound::Untouched { name, .. } => kept.uses.extend(use_of(name)),
                Bound::Variables(variables) => {
                    let used = variables.iter().filter(|variable| used(&variable.name));
                    kept.used.extend(used.map(|variable| argument.mention(&variable.name)));
                    kept.uses.extend(variables.iter().filter_map(|variable| use_of(&variable.name)));
                }
                Bound::Pattern { pattern, .. } => {
                    let names = bindings(pattern).into_iter().filter(mentioned);
                    kept.copied.extend(names.map(|name| Copied { used: use_of(&name), name }));
                }
            }
        }
        kept
    }

    /// Uses the arguments in the body's closure, where they would be reported as unused.
    pub(crate) fn used(&self) -> &TokenStream {
        &self.used
    }

    /// Says the rule of closures where one uses an argument that the body takes with it.
    pub(crate) fn check(&self, p: &TokenStream) -> Option<TokenStream> {
        if self.uses.is_empty() {
            return None;
        }
        let checks = self.uses.iter().map(|used| remaining(p, used));
        Some(quote_spanned!(Span::mixed_site()=> if false { #(let _ = #checks;)* }))
    }

    /// The place for the copies, outside of the body's closure.
    pub(crate) fn slot(&self, p: &TokenStream) -> TokenStream {
        if self.copied.is_empty() {
            return TokenStream::new();
        }
        quote_spanned! {Span::mixed_site()=>
            let mut kept = #p::core::option::Option::None;
            let keep = &mut kept;
        }
    }

    /// Copies the variables, inside of the body's closure.
    pub(crate) fn keep(&self, p: &TokenStream) -> TokenStream {
        if self.copied.is_empty() {
            return TokenStream::new();
        }
        let copies = self.copied.iter().map(|Copied { name, used }| match used {
            Some(used) => remaining(p, used),
            // It may be another variable of that name, and then this one need not be `Copy`.
            None => quote_spanned!(Span::mixed_site()=> (&&#p::Copied(&#name)).__thrivestack_keep()),
        });
        quote_spanned! {Span::mixed_site()=>
            use #p::kept::methods::*;
            *keep = #p::core::option::Option::Some((#(#copies,)*));
        }
    }

    /// Brings the copies into the scope of what runs after the body.
    pub(crate) fn recall(&self, p: &TokenStream, after: TokenStream) -> TokenStream {
        if self.copied.is_empty() {
            return after;
        }
        let copied: Vec<_> = self.copied.iter().map(|copied| &copied.name).collect();
        quote_spanned! {Span::mixed_site()=>
            if let #p::core::option::Option::Some((#(#copied,)*)) = kept {
                let _ = (#(&#copied,)*);
                #after
            }
        }
    }
}

/// A copy of the variable, taken where a closure uses it.
fn remaining(p: &TokenStream, used: &Ident) -> TokenStream {
    let here = Span::mixed_site().located_at(used.span());
    let there = paths::located(p, here);
    quote_spanned!(here=> #there::remaining(&#used))
}

/// Whether the name occurs, be it in a format string. That it may be something else of the same name does no harm.
pub(crate) fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Literal(literal) => literal.to_string().contains(&format!("{{{name}")),
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Punct(_) => false,
    })
}

/// The variables that a pattern binds.
pub(crate) fn bindings(pattern: &Pat) -> Vec<Ident> {
    let mut found = Vec::new();
    collect(pattern.to_token_stream(), &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<Ident>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut colons = 0;
    while let Some(token) = tokens.next() {
        let colons_before = std::mem::take(&mut colons);
        match token {
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Ident(ident) => {
                let is_other = match tokens.peek() {
                    Some(TokenTree::Punct(next)) => matches!(next.as_char(), ':' | '!'),
                    Some(TokenTree::Group(_)) => true,
                    _ => false,
                };
                let name = ident.to_string();
                let is_variable = name.starts_with(|first: char| first.is_lowercase() || first == '_');
                let is_keyword = ["ref", "mut", "const", "_"].contains(&name.as_str());
                if !is_other && colons_before < 2 && is_variable && !is_keyword && !found.contains(&ident) {
                    found.push(ident);
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons = colons_before + 1,
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use syn::Pat;
    use syn::parse::Parser;

    use super::{bindings, mentions};

    #[test]
    fn the_variables_of_a_pattern_are_found() {
        for (pattern, expected) in [
            ("(a, mut b)", vec!["a", "b"]),
            ("Path(id)", vec!["id"]),
            ("axum::extract::Path((org, id))", vec!["org", "id"]),
            ("User { id, name: full_name, .. }", vec!["id", "full_name"]),
            ("ref a", vec!["a"]),
            ("all @ [first, .., Limits::MAX]", vec!["all", "first"]),
            ("Wrapper(module::lower_case)", vec![]),
            ("_", vec![]),
        ] {
            let parsed = Pat::parse_single.parse_str(pattern).unwrap();
            let found: Vec<_> = bindings(&parsed).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{pattern}");
        }
    }

    #[test]
    fn names_are_found_in_format_strings_too() {
        let closure: TokenStream = "|it| format!(\"{id}-{}\", it.f(other))".parse().unwrap();
        assert!(mentions(closure.clone(), "id"));
        assert!(mentions(closure.clone(), "other"));
        assert!(!mentions(closure, "plan"));
    }
}
