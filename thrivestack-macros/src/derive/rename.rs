//! The styles of `rename_all`, the same eight that serde has.

use syn::{Error, LitStr, Result};

use crate::suggest;

/// How the names of fields become the names of traits or properties.
#[derive(Clone, Copy, Default)]
pub(super) enum RenameAll {
    Lower,
    Upper,
    Pascal,
    Camel,
    #[default]
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const STYLES: [(&str, RenameAll); 8] = [
    ("lowercase", RenameAll::Lower),
    ("UPPERCASE", RenameAll::Upper),
    ("PascalCase", RenameAll::Pascal),
    ("camelCase", RenameAll::Camel),
    ("snake_case", RenameAll::Snake),
    ("SCREAMING_SNAKE_CASE", RenameAll::ScreamingSnake),
    ("kebab-case", RenameAll::Kebab),
    ("SCREAMING-KEBAB-CASE", RenameAll::ScreamingKebab),
];

impl RenameAll {
    pub(super) fn parse(style: &LitStr) -> Result<Self> {
        let text = style.value();
        STYLES.iter().find(|(name, _)| *name == text).map(|(_, style)| *style).ok_or_else(|| {
            let names = STYLES.map(|(name, _)| name);
            Error::new(
                style.span(),
                format!("no style is called `{text}`: write one of {}", suggest::list(&names)),
            )
        })
    }

    /// The name of a field, which is taken to be snake_case, in this style. Like serde, `snake_case` and `lowercase`
    /// change nothing.
    pub(super) fn apply(self, field: &str) -> String {
        match self {
            RenameAll::Lower | RenameAll::Snake => field.to_owned(),
            RenameAll::Upper | RenameAll::ScreamingSnake => field.to_ascii_uppercase(),
            RenameAll::Kebab => field.replace('_', "-"),
            RenameAll::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
            RenameAll::Pascal => field.split('_').map(capitalized).collect(),
            RenameAll::Camel => {
                let mut words = field.split('_').filter(|word| !word.is_empty());
                let first = words.next().unwrap_or_default().to_owned();
                words.fold(first, |name, word| name + &capitalized(word))
            }
        }
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_serdes() {
        for (style, expected) in [
            ("lowercase", "account_plan_name"),
            ("UPPERCASE", "ACCOUNT_PLAN_NAME"),
            ("PascalCase", "AccountPlanName"),
            ("camelCase", "accountPlanName"),
            ("snake_case", "account_plan_name"),
            ("SCREAMING_SNAKE_CASE", "ACCOUNT_PLAN_NAME"),
            ("kebab-case", "account-plan-name"),
            ("SCREAMING-KEBAB-CASE", "ACCOUNT-PLAN-NAME"),
        ] {
            let style = RenameAll::parse(&LitStr::new(style, proc_macro2::Span::call_site())).unwrap();
            assert_eq!(style.apply("account_plan_name"), expected);
        }
    }

    #[test]
    fn camel_case_takes_leading_underscores() {
        assert_eq!(RenameAll::Camel.apply("_internal_name"), "internalName");
        assert_eq!(RenameAll::Camel.apply("plan"), "plan");
    }
}
