//! A rule that a call breaks, for the page to show.

use std::fmt;

use thrivestack_core::rules::Rule;

/// A rule that a call breaks, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    pub(crate) rule: &'static Rule,
    pub(crate) text: String,
}

impl Remark {
    pub(crate) fn new(rule: &'static Rule, text: impl Into<String>) -> Self {
        Self { rule, text: text.into() }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (rule `{}`)", self.text, self.rule.id)
    }
}
