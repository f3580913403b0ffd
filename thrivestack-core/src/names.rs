//! Names of events: snake_case, the object first, then what happened to it, in the past tense.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

/// Returns true if the name is made of lower-case ASCII words and digits with single underscores between them.
#[must_use]
pub const fn is_snake_case(name: &str) -> bool {
    let name = name.as_bytes();
    if name.is_empty() || !name[0].is_ascii_lowercase() || name[name.len() - 1] == b'_' {
        return false;
    }
    let mut at = 1;
    while at < name.len() {
        let is_doubled = name[at] == b'_' && name[at - 1] == b'_';
        if is_doubled || !(name[at].is_ascii_lowercase() || name[at].is_ascii_digit() || name[at] == b'_') {
            return false;
        }
        at += 1;
    }
    true
}

/// Returns the name in snake_case, or `None` where letters would be lost.
#[must_use]
pub fn to_snake_case(name: &str) -> Option<String> {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut before_upper = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && before_upper && !snake.ends_with('_') {
            snake.push('_');
        }
        before_upper = character.is_ascii_lowercase() || character.is_ascii_digit();
        if character.is_ascii_alphanumeric() {
            snake.push(character.to_ascii_lowercase());
        } else if !character.is_ascii() {
            return None;
        } else if !snake.ends_with('_') && !snake.is_empty() {
            snake.push('_');
        }
    }
    let snake = snake.trim_end_matches('_');
    is_snake_case(snake).then(|| snake.to_owned())
}

/// Returns the name as the rule has it where it begins with a verb: `send_report` is `report_sent`.
///
/// Many verbs are nouns too (`update_installed`, `invite_sent`), so a name whose last word already says what happened
/// passes. Where both the first and the last word are verbs, the object is the one that is a noun more often:
/// `invite_send` and `send_invite` are both `invite_sent`.
#[must_use]
pub fn object_first(name: &str) -> Option<String> {
    let (first, object) = name.split_once('_')?;
    let past_of_first = past_tense(first)?;
    let (before_last, last) = name.rsplit_once('_')?;
    if says_what_happened(last) {
        return None;
    }
    Some(match past_tense(last) {
        Some(past_of_last) if noun_rank(first) < noun_rank(last) => format!("{before_last}_{past_of_last}"),
        _ => format!("{object}_{past_of_first}"),
    })
}

/// Returns the past tense of a verb that an event's name must not begin with.
#[must_use]
pub fn past_tense(verb: &str) -> Option<&'static str> {
    VERBS.iter().find(|(known, _)| *known == verb).map(|(_, past)| *past)
}

/// The place of a verb among those that are nouns too, behind all of them for one that is no noun.
fn noun_rank(verb: &str) -> usize {
    NOUNS.iter().position(|noun| *noun == verb).unwrap_or(NOUNS.len())
}

/// Returns true if the word reads like a verb in the past tense.
#[must_use]
pub fn is_past_tense(word: &str) -> bool {
    word.len() > 2 && word.ends_with("ed") && !NOUNS_IN_ED.contains(&word) || PARTICIPLES.contains(&word)
}

fn says_what_happened(word: &str) -> bool {
    let is_adjective = word.ends_with("able") || word.ends_with("ing");
    is_past_tense(word) || is_adjective || ENDINGS.contains(&word)
}

/// The verbs that a name must not begin with, and their past participles.
const VERBS: &[(&str, &str)] = &[
    ("accept", "accepted"),
    ("activate", "activated"),
    ("add", "added"),
    ("approve", "approved"),
    ("archive", "archived"),
    ("assign", "assigned"),
    ("buy", "bought"),
    ("change", "changed"),
    ("choose", "chosen"),
    ("click", "clicked"),
    ("close", "closed"),
    ("complete", "completed"),
    ("configure", "configured"),
    ("connect", "connected"),
    ("create", "created"),
    ("deactivate", "deactivated"),
    ("decline", "declined"),
    ("delete", "deleted"),
    ("disable", "disabled"),
    ("disconnect", "disconnected"),
    ("dismiss", "dismissed"),
    ("download", "downloaded"),
    ("edit", "edited"),
    ("enable", "enabled"),
    ("finish", "finished"),
    ("install", "installed"),
    ("invite", "invited"),
    ("join", "joined"),
    ("publish", "published"),
    ("reject", "rejected"),
    ("remove", "removed"),
    ("rename", "renamed"),
    ("select", "selected"),
    ("send", "sent"),
    ("start", "started"),
    ("submit", "submitted"),
    ("subscribe", "subscribed"),
    ("unassign", "unassigned"),
    ("uninstall", "uninstalled"),
    ("unsubscribe", "unsubscribed"),
    ("update", "updated"),
    ("upload", "uploaded"),
    ("use", "used"),
    ("view", "viewed"),
];

/// The verbs that are nouns too, beginning with those that are the object of an event most often.
const NOUNS: &[&str] = &[
    "invite", "update", "download", "upload", "archive", "view", "change", "edit", "click", "install",
    "select", "reject", "use", "join", "buy", "close", "start", "finish",
];

/// Past participles that do not end in `ed`.
const PARTICIPLES: &[&str] = &[
    "begun",
    "bought",
    "broken",
    "built",
    "caught",
    "chosen",
    "cut",
    "done",
    "drawn",
    "driven",
    "fed",
    "found",
    "frozen",
    "given",
    "gone",
    "grown",
    "heard",
    "held",
    "hidden",
    "kept",
    "known",
    "laid",
    "learnt",
    "led",
    "left",
    "lent",
    "lost",
    "made",
    "met",
    "overridden",
    "paid",
    "put",
    "read",
    "rebuilt",
    "redone",
    "resent",
    "reset",
    "rerun",
    "rewritten",
    "run",
    "seen",
    "sent",
    "set",
    "shown",
    "shut",
    "sold",
    "spent",
    "split",
    "stolen",
    "swept",
    "taken",
    "taught",
    "told",
    "undone",
    "unset",
    "withdrawn",
    "won",
    "written",
];

/// Other last words that say what happened.
const ENDINGS: &[&str] = &["due", "in", "out", "ready", "up"];

const NOUNS_IN_ED: &[&str] = &["bed", "breed", "deed", "embed", "feed", "need", "seed", "shed", "speed"];

#[cfg(test)]
mod tests {
    use super::{is_snake_case, object_first, to_snake_case};
    use crate::events::STANDARD_EVENTS;

    #[test]
    fn snake_case_is_told_apart() {
        for good in ["a", "invite_sent", "step_2_completed", "mfa2_enabled"] {
            assert!(is_snake_case(good), "{good}");
        }
        for bad in
            ["", "_", "Invite", "invite__sent", "_invite", "invite_", "2_steps", "invite-sent", "größe"]
        {
            assert!(!is_snake_case(bad), "{bad}");
        }
    }

    #[test]
    fn other_cases_are_turned_into_it() {
        for (name, snake) in [
            ("InviteSent", Some("invite_sent")),
            ("Invite Sent", Some("invite_sent")),
            ("invite-sent", Some("invite_sent")),
            ("INVITE_SENT", Some("invite_sent")),
            ("inviteSent", Some("invite_sent")),
            ("invite__sent", Some("invite_sent")),
            (" invite_sent ", Some("invite_sent")),
            ("größe", None),
            ("", None),
            ("2fa", None),
        ] {
            assert_eq!(to_snake_case(name).as_deref(), snake, "{name}");
        }
    }

    #[test]
    fn a_leading_verb_is_moved_to_the_end() {
        for (name, turned) in [
            ("send_report", "report_sent"),
            ("create_team", "team_created"),
            ("add_payment_method", "payment_method_added"),
            ("invite_user", "user_invited"),
            ("click_button", "button_clicked"),
            ("create_embed", "embed_created"),
        ] {
            assert_eq!(object_first(name).as_deref(), Some(turned));
        }
    }

    #[test]
    fn of_two_verbs_the_one_that_is_a_noun_is_the_object() {
        for (name, turned) in [
            ("invite_send", "invite_sent"),
            ("send_invite", "invite_sent"),
            ("invite_accept", "invite_accepted"),
            ("accept_invite", "invite_accepted"),
            ("invite_user_send", "invite_user_sent"),
            ("download_start", "download_started"),
            ("start_download", "download_started"),
            ("update_install", "update_installed"),
            ("install_update", "update_installed"),
            ("view_create", "view_created"),
            ("create_view", "view_created"),
            ("send_accept", "accept_sent"),
        ] {
            assert_eq!(object_first(name).as_deref(), Some(turned), "{name}");
        }
    }

    #[test]
    fn names_that_begin_with_their_object_pass() {
        let names = [
            "invite_sent",
            "update_installed",
            "update_available",
            "click_recorded",
            "view_created",
            "start_page_set",
            "addon_created",
            "created",
            "create",
            "sender_added",
            "use_case_chosen",
            "download_started",
            "change_request_approved",
        ];
        let standard = STANDARD_EVENTS.iter().filter(|event| !event.is_pattern()).map(|event| event.name);
        for name in names.iter().copied().chain(standard) {
            assert_eq!(object_first(name), None, "{name}");
        }
    }
}
