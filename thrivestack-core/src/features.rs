//! The names of features: a noun and a verb in the past tense, as in `report_exported`.
//!
//! ThriveStack's guide of 29 April 2026 says so. A feature that is used by API, command line or agent has the name of the
//! endpoint, command or tool instead.

use alloc::format;
use alloc::string::String;

use crate::names;

/// Returns true if the name is a noun and a verb in the past tense, in snake_case.
///
/// ```
/// use thrivestack_core::features::is_well_named;
///
/// assert!(is_well_named("report_exported"));
/// assert!(!is_well_named("export_report"));
/// assert!(!is_well_named("exported"));
/// ```
#[must_use]
pub fn is_well_named(feature: &str) -> bool {
    names::is_snake_case(feature)
        && feature.rsplit_once('_').is_some_and(|(_, verb)| names::is_past_tense(verb))
}

/// Returns the name as it should be, if its words tell: with the first or the last of them moved to the end and put into
/// the past tense.
///
/// ```
/// use thrivestack_core::features::suggestion;
///
/// assert_eq!(suggestion("export_report").as_deref(), Some("report_exported"));
/// assert_eq!(suggestion("report_export").as_deref(), Some("report_exported"));
/// assert_eq!(suggestion("dashboard"), None);
/// ```
#[must_use]
pub fn suggestion(feature: &str) -> Option<String> {
    let snake = names::to_snake_case(feature)?;
    if is_well_named(&snake) {
        return Some(snake);
    }
    let turned = names::object_first(&snake).or_else(|| {
        let (first, object) = snake.split_once('_')?;
        let (rest, last) = snake.rsplit_once('_')?;
        match (past(first), past(last)) {
            (_, Some(past)) if !NOUNS.contains(&last) => Some(format!("{rest}_{past}")),
            (Some(past), _) => Some(format!("{object}_{past}")),
            (None, Some(past)) => Some(format!("{rest}_{past}")),
            (None, None) => None,
        }
    })?;
    is_well_named(&turned).then_some(turned)
}

fn past(verb: &str) -> Option<&'static str> {
    names::past_tense(verb).or_else(|| VERBS.iter().find(|(known, _)| *known == verb).map(|(_, past)| *past))
}

/// Verbs of features, beyond those that an event's name must not begin with.
const VERBS: &[(&str, &str)] = &[
    ("analyze", "analyzed"),
    ("build", "built"),
    ("compile", "compiled"),
    ("copy", "copied"),
    ("export", "exported"),
    ("filter", "filtered"),
    ("generate", "generated"),
    ("import", "imported"),
    ("merge", "merged"),
    ("open", "opened"),
    ("print", "printed"),
    ("query", "queried"),
    ("run", "run"),
    ("save", "saved"),
    ("schedule", "scheduled"),
    ("search", "searched"),
    ("share", "shared"),
    ("sync", "synced"),
    ("test", "tested"),
];

/// Verbs that are the object of a feature as often.
const NOUNS: &[&str] = &["build", "filter", "import", "query", "run", "schedule", "search", "test"];

#[cfg(test)]
mod tests {
    use super::{is_well_named, suggestion};

    #[test]
    fn a_feature_is_a_noun_and_what_happened_to_it() {
        for good in ["report_exported", "pipeline_created", "sso_configured", "api_key_shown", "build_run"] {
            assert!(is_well_named(good), "{good}");
            assert_eq!(suggestion(good).as_deref(), Some(good));
        }
        for (bad, instead) in [
            ("export_report", Some("report_exported")),
            ("report_export", Some("report_exported")),
            ("report_create", Some("report_created")),
            ("create_report", Some("report_created")),
            ("ReportExported", Some("report_exported")),
            ("run_query", Some("query_run")),
            ("send_invite", Some("invite_sent")),
            ("exported", None),
            ("export", None),
            ("dashboard", None),
            ("reports_available", None),
            ("speed", None),
            ("", None),
        ] {
            assert!(!is_well_named(bad), "{bad}");
            assert_eq!(suggestion(bad).as_deref(), instead, "{bad}");
        }
    }
}
