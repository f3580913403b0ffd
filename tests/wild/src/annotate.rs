//! Puts an attribute on the functions of a source file.

use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{AttrStyle, Attribute, ImplItemFn, ItemFn, Signature, TraitItemFn, Visibility};

/// A function with a body.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line of its `fn`, by which it is known.
    pub(crate) line: usize,
    /// The first and the last line of everything that belongs to it.
    pub(crate) lines: (usize, usize),
    pub(crate) is_async: bool,
    /// Where the attribute goes, in bytes: behind the other attributes, in front of the visibility.
    offset: usize,
}

impl Function {
    /// Where the attribute goes, which no two functions have in common.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }
}

/// Returns the functions of a file, or `None` for what is not parsed as one.
pub(crate) fn functions(source: &str) -> Option<Vec<Function>> {
    // `syn` passes over these, and its positions would be off.
    if source.starts_with('\u{feff}') || source.starts_with("#!/") {
        return None;
    }
    let file = syn::parse_file(source).ok()?;
    let mut found = Found::default();
    found.visit_file(&file);
    Some(found.functions)
}

/// Returns the source with an attribute in front of each function that has one. No line moves.
pub(crate) fn annotated<'a>(
    source: &str,
    functions: &[Function],
    attribute: impl Fn(&Function) -> Option<&'a str>,
) -> String {
    let inserted: BTreeSet<(usize, &str)> =
        functions.iter().filter_map(|function| Some((function.offset, attribute(function)?))).collect();
    let mut text = String::with_capacity(source.len() + inserted.len() * 60);
    let mut from = 0;
    for (offset, attribute) in inserted {
        text.push_str(&source[from..offset]);
        text.push_str(attribute);
        text.push(' ');
        from = offset;
    }
    text.push_str(&source[from..]);
    text
}

#[derive(Default)]
struct Found {
    functions: Vec<Function>,
}

impl Found {
    fn push(&mut self, attrs: &[Attribute], visibility: Option<&Visibility>, sig: &Signature, whole: Span) {
        // An attribute above these would be one too many for the compiler, and none of them can be tracked.
        let entry_points = ["proc_macro", "proc_macro_derive", "proc_macro_attribute", "panic_handler"];
        if attrs.iter().any(|attr| entry_points.iter().any(|name| attr.path().is_ident(name))) {
            return;
        }
        let start = match visibility {
            Some(visibility) if !matches!(visibility, Visibility::Inherited) => visibility.span(),
            _ => sig.span(),
        };
        let outer = attrs.iter().filter(|attr| matches!(attr.style, AttrStyle::Outer));
        let first_line = outer.map(|attr| attr.span().start().line).min();
        self.functions.push(Function {
            name: sig.ident.to_string(),
            line: sig.fn_token.span.start().line,
            lines: (first_line.unwrap_or(start.start().line), whole.end().line),
            is_async: sig.asyncness.is_some(),
            offset: start.byte_range().start,
        });
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.push(&item.attrs, Some(&item.vis), &item.sig, item.block.span());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.push(&item.attrs, Some(&item.vis), &item.sig, item.block.span());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.push(&item.attrs, None, &item.sig, block.span());
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::{annotated, functions};

    #[test]
    fn every_function_gets_the_attribute_and_no_line_moves() {
        let source = "\
//! größer
#[inline] pub(crate) fn a() { fn inner() {} }
trait T { fn required(); async fn default(&self) {} }
impl S {
    /// Docs.
    pub const unsafe extern \"C\" fn b(&self) -> u8 { #![allow(unused)] 1 }
}
";
        let found = functions(source).unwrap();
        let names: Vec<_> =
            found.iter().map(|it| (it.name.as_str(), it.line, it.lines, it.is_async)).collect();
        assert_eq!(
            names,
            [
                ("a", 2, (2, 2), false),
                ("inner", 2, (2, 2), false),
                ("default", 3, (3, 3), true),
                ("b", 6, (5, 6), false),
            ]
        );
        let expected = source
            .replace("pub(crate) fn a", "#[x] pub(crate) fn a")
            .replace("fn inner", "#[x] fn inner")
            .replace("async fn", "#[x] async fn")
            .replace("pub const", "#[x] pub const");
        assert_eq!(annotated(source, &found, |_| Some("#[x]")), expected);
        assert_eq!(annotated(source, &found, |_| None), source);
    }
}
