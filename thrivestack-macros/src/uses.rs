//! Finds where a closure that runs after the body uses an argument of the function.
//!
//! A name may mean something else of the same name, so only what is certain is found: the compiler reports the rest.

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ExprClosure;

/// Returns the first place at which the closure certainly uses the argument.
pub(crate) fn use_of(name: &Ident, closure: &ExprClosure) -> Option<Ident> {
    let mut search = Search { name: name.to_string(), first: None, may_rebind: false };
    let is_own_argument =
        closure.inputs.to_token_stream().into_iter().any(|token| names(&token, &search.name));
    search.scan(closure.body.to_token_stream());
    search.first.filter(|_| !search.may_rebind && !is_own_argument)
}

struct Search {
    name: String,
    first: Option<Ident>,
    /// Set if something in the closure may bind the name anew.
    may_rebind: bool,
}

impl Search {
    fn scan(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let (before, after) = (&tokens[..at], &tokens[at + 1..]);
            match token {
                TokenTree::Ident(word) => {
                    self.may_rebind |= binds(word);
                    if *word == self.name && !is_of_another(before, after) {
                        self.first.get_or_insert_with(|| word.clone());
                    }
                }
                TokenTree::Punct(punct) => {
                    self.may_rebind |= punct.as_char() == '|' && opens_closure(before);
                }
                TokenTree::Group(group) => match invoked_macro(before) {
                    Some(name) if ["format", "format_args"].iter().any(|known| name == known) => {
                        self.format_string(group.stream());
                        self.scan(group.stream());
                    }
                    Some(name) if name == "vec" => self.scan(group.stream()),
                    Some(_) => {}
                    None => self.scan(group.stream()),
                },
                TokenTree::Literal(_) => {}
            }
        }
    }

    fn format_string(&mut self, arguments: TokenStream) {
        let Some(TokenTree::Literal(text)) = arguments.into_iter().next() else { return };
        let written = text.to_string();
        let captures = ["}", ":"].iter().any(|end| written.contains(&format!("{{{}{end}", self.name)));
        if captures {
            self.first.get_or_insert_with(|| Ident::new(&self.name, text.span()));
        }
    }
}

fn names(token: &TokenTree, name: &str) -> bool {
    match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => group.stream().into_iter().any(|token| names(&token, name)),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    }
}

/// Returns whether the word may bring a pattern or an item with it.
fn binds(word: &Ident) -> bool {
    ["let", "match", "for", "fn", "const", "static", "use", "mod", "macro_rules"].iter().any(|it| word == it)
}

/// Returns whether the identifier between these tokens is a field, a method, a macro, or a part of a path.
fn is_of_another(before: &[TokenTree], after: &[TokenTree]) -> bool {
    let is_after_dot = match before {
        [.., earlier, last] => is(last, '.') && !is(earlier, '.'),
        [last] => is(last, '.'),
        [] => false,
    };
    let is_after_colon = matches!(before, [.., earlier, last] if is(earlier, ':') && is(last, ':'));
    is_after_dot || is_after_colon || after.first().is_some_and(|next| is(next, ':') || is(next, '!'))
}

/// The macro whose arguments stand behind these tokens.
fn invoked_macro(before: &[TokenTree]) -> Option<&Ident> {
    match before {
        [.., TokenTree::Ident(name), bang] if is(bang, '!') => Some(name),
        _ => None,
    }
}

/// Returns whether a `|` behind these tokens begins a closure and is no operator.
fn opens_closure(before: &[TokenTree]) -> bool {
    match before.last() {
        None => true,
        Some(TokenTree::Punct(punct)) => {
            punct.as_char() != '?' && !(punct.as_char() == '|' && punct.spacing() == Spacing::Joint)
        }
        Some(TokenTree::Ident(word)) => word == "move" || word == "async",
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        Some(TokenTree::Literal(_)) => false,
    }
}

fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

#[cfg(test)]
mod tests {
    use syn::{ExprClosure, Ident};

    use super::use_of;

    fn uses(closure: &str) -> bool {
        let name: Ident = syn::parse_str("name").unwrap();
        let closure: ExprClosure = syn::parse_str(closure).unwrap();
        use_of(&name, &closure).is_some()
    }

    #[test]
    fn certain_uses_are_found() {
        for closure in [
            "|_| name",
            "|_| name.len()",
            "|_| &name[1..]",
            "|_| rows.len() + name.len()",
            "|_| User { name }",
            "|_| 0..name",
            "|_| name(1)",
            "|_| format!(\"{name}\")",
            "|_| format!(\"{name:?} {}\", 1)",
            "|_| format!(\"{}\", name)",
            "|_| vec![name]",
            "|it| it.a || it.b | name",
        ] {
            assert!(uses(closure), "{closure}");
        }
    }

    #[test]
    fn what_may_be_something_else_is_not() {
        for closure in [
            "|name| name.len()",
            "|User { name, .. }| name",
            "|user| user.name",
            "|user| user.name()",
            "|_| module::name()",
            "|_| name::CONSTANT",
            "|_| name!(1)",
            "|_| User { name: 1 }",
            "|_| { let name = 1; name }",
            "|it| match it { Some(name) => name, None => 1 }",
            "|it| if let Some(name) = it { name } else { 1 }",
            "|it| it.map(|name| name.len())",
            "|it| it.map(move |name| name.len())",
            "|it| matches!(it, Some(name) if name > 1)",
            "|_| \"{name}\"",
            "|_| format!(\"{names}\")",
        ] {
            assert!(!uses(closure), "{closure}");
        }
    }
}
