//! Finds what would leave the user's function from inside of a value: `?`, `return`, `break`, `continue`, `.await`.
//!
//! It reads tokens, so that a macro's arguments are seen too. Closures, async blocks and functions are passed over:
//! what stands in them leaves nothing but themselves.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Expr, Result};

/// Refuses an expression that may leave the function it stands in.
pub(crate) fn check(expr: &Expr) -> Result<()> {
    scan(expr.to_token_stream(), false)
}

fn scan(tokens: TokenStream, mut in_loop: bool) -> Result<()> {
    let mut tokens = tokens.into_iter().peekable();
    let mut before: Option<TokenTree> = None;
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '?' && !begins_expression(before.as_ref()) => {
                return Err(leaves(&token, "`?`"));
            }
            TokenTree::Punct(punct) if punct.as_char() == '|' && begins_expression(before.as_ref()) => {
                // A closure's body goes on as far as it can.
                while tokens.peek().is_some_and(|next| !is_punct(next, ',') && !is_punct(next, ';')) {
                    tokens.next();
                }
            }
            TokenTree::Ident(word) => match word.to_string().as_str() {
                "await" if before.as_ref().is_some_and(|it| is_punct(it, '.')) => {
                    return Err(leaves(&token, "`.await`"));
                }
                "return" => return Err(leaves(&token, "`return`")),
                "break" if !in_loop => return Err(leaves(&token, "`break`")),
                "continue" if !in_loop => return Err(leaves(&token, "`continue`")),
                "loop" | "while" | "for" => in_loop = true,
                "async" | "fn" => {
                    while tokens.peek().is_some_and(|next| !is_punct(next, ',') && !is_punct(next, ';')) {
                        if matches!(tokens.next(), Some(TokenTree::Group(it)) if it.delimiter() == Delimiter::Brace)
                        {
                            break;
                        }
                    }
                }
                _ => {}
            },
            TokenTree::Group(group) => scan(group.stream(), in_loop)?,
            _ => {}
        }
        before = Some(token);
    }
    Ok(())
}

/// Whether an operand may begin after this token, so that a `|` there opens a closure.
fn begins_expression(before: Option<&TokenTree>) -> bool {
    match before {
        None => true,
        // The second half of `||` is part of an operator, or of a closure without arguments that began with the first.
        Some(TokenTree::Punct(punct)) => {
            punct.as_char() != '?' && !(punct.as_char() == '|' && punct.spacing() == Spacing::Joint)
        }
        Some(TokenTree::Ident(word)) => {
            ["move", "return", "else", "in", "match", "if"].iter().any(|it| word == it)
        }
        Some(TokenTree::Group(_) | TokenTree::Literal(_)) => false,
    }
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn leaves(token: &TokenTree, what: &str) -> Error {
    let message = format!(
        "{what} would leave your function from inside of a telemetry value: compute the value in the body, \
         or give its `Option` or default"
    );
    Error::new(token.span(), message)
}

#[cfg(test)]
mod tests {
    use super::check;

    fn refused(expr: &str) -> bool {
        check(&syn::parse_str(expr).unwrap()).is_err()
    }

    #[test]
    fn what_leaves_the_function_is_refused() {
        for expr in [
            "a?",
            "a?.b",
            "f(a?)",
            "format!(\"{}\", a?)",
            "a.await",
            "f(a.await, 1)",
            "{ return 1 }",
            "if a { return } else { b }",
            "{ break }",
            "{ continue }",
            "match a { Some(a) => a, None => return }",
            "f(|| 1, a?)",
            "(a || b?)",
            "{ for a in b { c?; } 1 }",
        ] {
            assert!(refused(expr), "{expr}");
        }
    }

    #[test]
    fn what_stays_in_it_passes() {
        for expr in [
            "a.b()",
            "a || b",
            "a | b",
            "list.iter().map(|a| a?.b).count()",
            "list.iter().map(|a| { return a; }).count()",
            "list.iter().map(move |a| a?.b).count()",
            "f(|| a?, 1)",
            "{ for a in b { if c { break } } 1 }",
            "{ let mut n = 0; loop { n += 1; if n > 3 { break n; } } }",
            "{ while a { continue } 1 }",
            "{ fn g() -> Option<u8> { let a = h()?; return a; } g() }",
            "block(async { a.await? })",
            "user.returned",
            "self.await_count",
            "\"why? return\"",
        ] {
            assert!(!refused(expr), "{expr}");
        }
    }
}
