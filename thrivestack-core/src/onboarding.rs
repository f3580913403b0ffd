//! The names of onboarding's steps.
//!
//! ThriveStack's guide of 15 May 2026 wants one event per step, with the step in its name. It calls a name that says
//! nothing about the step a critical mistake. The single backend guide of April 2026 has `onboarding_step_completed`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::names;

/// The name of a step's event; `<step>` is the step in snake_case.
pub const STEP_COMPLETED: &str = "onboarding_<step>_completed";

/// The older name, which is the same for all steps.
pub const OLDER_STEP_COMPLETED: &str = "onboarding_step_completed";

/// Returns the step that the event's name says, if the name has the documented form.
///
/// ```
/// use thrivestack_core::onboarding::step_of;
///
/// assert_eq!(step_of("onboarding_invited_team_member_completed"), Some("invited_team_member"));
/// assert_eq!(step_of("onboarding_step_completed"), None);
/// assert_eq!(step_of("onboarding_step_1_completed"), None);
/// assert_eq!(step_of("onboarding_completed"), None);
/// ```
#[must_use]
pub fn step_of(event: &str) -> Option<&str> {
    let step = event.strip_prefix("onboarding_")?.strip_suffix("_completed")?;
    (names::is_snake_case(step) && step != "step" && !step.starts_with("step_")).then_some(step)
}

/// Returns true if the event completes a step of the onboarding, by the documented name or the older one.
#[must_use]
pub fn is_step(event: &str) -> bool {
    event == OLDER_STEP_COMPLETED || step_of(event).is_some()
}

/// Returns true if the name is about onboarding or a step and says nothing about which, such as `step_1` or
/// `onboarding_completed`. The older name [`OLDER_STEP_COMPLETED`] is documented and not among them.
#[must_use]
pub fn is_vague(event: &str) -> bool {
    if is_step(event) {
        return false;
    }
    let mut words = event.split('_').map(|word| word.trim_end_matches(|last: char| last.is_ascii_digit()));
    let mut is_about_steps = false;
    let is_empty = words.all(|word| {
        is_about_steps |= matches!(word, "onboarding" | "step" | "steps");
        word.is_empty() || EMPTY_WORDS.contains(&word)
    });
    is_empty && is_about_steps
}

/// Words that say nothing about a step.
const EMPTY_WORDS: &[&str] = &[
    "onboarding",
    "step",
    "steps",
    "completed",
    "complete",
    "done",
    "finished",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "first",
    "second",
    "third",
    "next",
    "last",
    "final",
];

/// Returns the documented form of a name that has a step in it and another form, such as
/// `onboarding_step_payment_completed`.
#[must_use]
pub fn documented_form(event: &str) -> Option<String> {
    let rest = event.strip_prefix("onboarding_step_")?.strip_suffix("_completed")?;
    let words: Vec<&str> =
        rest.split('_').skip_while(|word| word.bytes().all(|byte| byte.is_ascii_digit())).collect();
    let name = format!("onboarding_{}_completed", words.join("_"));
    step_of(&name).is_some().then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{documented_form, is_step, is_vague, step_of};

    #[test]
    fn a_step_is_in_the_name_or_the_name_is_vague() {
        for (event, step) in [
            ("onboarding_invited_team_member_completed", "invited_team_member"),
            ("onboarding_sso2_completed", "sso2"),
            ("onboarding_first_completed", "first"),
            ("onboarding_stepping_stone_completed", "stepping_stone"),
        ] {
            assert_eq!(step_of(event), Some(step));
            assert!(is_step(event) && !is_vague(event), "{event}");
        }
        for vague in [
            "step_1",
            "step1",
            "step_one",
            "step",
            "step_completed",
            "step_2_completed",
            "first_step_completed",
            "onboarding",
            "onboarding_completed",
            "onboarding_complete",
            "onboarding_done",
            "onboarding_step",
            "onboarding_step_1",
            "onboarding_step_1_completed",
            "onboarding_step_two_completed",
            "onboarding_1",
            "onboarding_1_completed",
            "onboarding_steps_finished",
        ] {
            assert!(is_vague(vague) && !is_step(vague), "{vague}");
        }
        for other in [
            "onboarding_step_completed",
            "onboarding_started",
            "onboarding_step_payment_completed",
            "completed",
            "first_report_created",
            "report_exported",
            "",
        ] {
            assert!(!is_vague(other), "{other}");
            assert_eq!(step_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_step_in_the_older_form_has_a_documented_one() {
        for (event, form) in [
            ("onboarding_step_payment_completed", Some("onboarding_payment_completed")),
            ("onboarding_step_2_payment_added_completed", Some("onboarding_payment_added_completed")),
            ("onboarding_step_2_completed", None),
            ("onboarding_step_completed", None),
            ("onboarding_payment_completed", None),
        ] {
            assert_eq!(documented_form(event).as_deref(), form, "{event}");
        }
    }
}
