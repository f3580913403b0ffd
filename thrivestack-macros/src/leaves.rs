//! Finds what would leave the user's function from inside of a value: `?`, `return`, `break`, `continue`, `.await`.
//!
//! It reads tokens, so that a macro's arguments are seen too. Closures, async blocks and functions are passed over:
//! what stands in them leaves nothing but themselves.

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Expr, Result};

/// Refuses an expression that may leave the function it stands in.
pub(crate) fn check(expr: &Expr) -> Result<()> {
    scan(expr.to_token_stream(), Scan { in_loop: false, may_wait: false })
}

/// The place that tokens stand in.
#[derive(Clone, Copy)]
struct Scan {
    in_loop: bool,
    may_wait: bool,
}

/// Returns whether the body of a function, or of an `async fn`, may end before its end: a macro that is not the standard
/// library's may hide a `return`.
pub(crate) fn may_leave(body: TokenStream, is_async: bool) -> bool {
    calls_unknown_macro(body.clone()) || scan(body, Scan { in_loop: false, may_wait: is_async }).is_err()
}

fn calls_unknown_macro(tokens: TokenStream) -> bool {
    const KNOWN: [&str; 21] = [
        "assert",
        "assert_eq",
        "assert_ne",
        "concat",
        "dbg",
        "debug_assert",
        "debug_assert_eq",
        "debug_assert_ne",
        "eprintln",
        "format",
        "format_args",
        "include_str",
        "matches",
        "panic",
        "print",
        "println",
        "stringify",
        "todo",
        "unreachable",
        "vec",
        "write",
    ];
    // Words that an operator `!` may follow.
    const OPERATORS: [&str; 7] = ["break", "else", "if", "in", "match", "return", "while"];
    let is = |name: &Ident, words: &[&str]| words.iter().any(|word| name == word);
    let (mut before, mut path) = (None, false);
    for token in tokens {
        match (&token, &before) {
            // Of a path, only the end would be known.
            (TokenTree::Punct(mark), Some(TokenTree::Ident(name)))
                if mark.as_char() == '!'
                    && mark.spacing() == Spacing::Alone
                    && !is(name, &OPERATORS)
                    && (path || !is(name, &KNOWN)) =>
            {
                return true;
            }
            (TokenTree::Group(group), _) if calls_unknown_macro(group.stream()) => return true,
            _ => {}
        }
        if let TokenTree::Ident(_) = token {
            path = before.as_ref().is_some_and(|before| is_punct(before, ':'));
        }
        before = Some(token);
    }
    false
}

fn scan(tokens: TokenStream, mut place: Scan) -> Result<()> {
    let mut tokens = tokens.into_iter().peekable();
    let mut before: Option<TokenTree> = None;
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '?' && !begins_expression(before.as_ref()) => {
                return Err(leaves(&token, "`?`"));
            }
            TokenTree::Punct(punct) if punct.as_char() == '|' && begins_expression(before.as_ref()) => {
                // A closure's body goes on as far as it can. The pattern of an arm may begin like one.
                let mut closure = Vec::new();
                while let Some(next) = tokens.next_if(|next| !is_punct(next, ',') && !is_punct(next, ';')) {
                    closure.push(next);
                }
                if closure.windows(2).any(|pair| is_punct(&pair[0], '=') && is_punct(&pair[1], '>')) {
                    scan(closure.into_iter().collect(), place)?;
                }
            }
            TokenTree::Ident(word) => match word.to_string().as_str() {
                "await" if !place.may_wait && before.as_ref().is_some_and(|it| is_punct(it, '.')) => {
                    return Err(leaves(&token, "`.await`"));
                }
                "return" => return Err(leaves(&token, "`return`")),
                "break" if !place.in_loop => return Err(leaves(&token, "`break`")),
                "continue" if !place.in_loop => return Err(leaves(&token, "`continue`")),
                "loop" | "while" | "for" => place.in_loop = true,
                // A type has no name.
                "fn" if !matches!(tokens.peek(), Some(TokenTree::Ident(_))) => {}
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
            TokenTree::Group(group) => scan(group.stream(), place)?,
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
    fn a_macro_may_hide_a_return() {
        let may_leave = |body: &str| super::may_leave(body.parse().unwrap(), false);
        assert!(may_leave("bail!(1)"));
        assert!(may_leave("{ f(a?) }"));
        assert!(may_leave("let a = { anyhow::ensure!(b); 1 }; a"));
        assert!(!may_leave("if a != b { vec![1] } else { vec![a.f(|x| return x)] }"));
        assert!(may_leave("my::format!(1)"));
        assert!(may_leave("match a { | A | B => return 1, _ => 2 }"));
        assert!(may_leave("match a { | A if b => { return 1 } _ => 2 }"));
        assert!(may_leave("let f: fn(u8) -> u8 = match a { 0 => return 1, _ => g }; f(1)"));
        assert!(may_leave("if a.any(|x| *x) { return 1 } 2"));
        assert!(may_leave("a || return 1"));
        assert!(may_leave("a.await"));
        assert!(!super::may_leave("f(a.await)".parse().unwrap(), true));
        assert!(super::may_leave("f(a.await?)".parse().unwrap(), true));
        assert!(!may_leave("{ for a in b { if !a { break } } Ok(move |x| x? + 1) }"));
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
