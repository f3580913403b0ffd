//! How an event is named: snake_case, the object first, then what happened to it, in the past tense.

/// Whether the name is made of lower-case ASCII words and digits with single underscores between them.
///
/// The runtime crate checks names from constants with the same rule.
pub(crate) fn is_snake_case(name: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('_').all(word)
}

/// The name in snake_case, or `None` where letters would be lost.
pub(crate) fn to_snake_case(name: &str) -> Option<String> {
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

/// The name turned around where it begins with a verb: `send_report` is `report_sent`.
///
/// Many verbs are nouns too (`update_installed`, `invite_sent`), so a name whose last word already says what happened
/// is taken as it is.
pub(crate) fn object_first(name: &str) -> Option<String> {
    let (verb, object) = name.split_once('_')?;
    let (_, past) = VERBS.iter().find(|(known, _)| *known == verb)?;
    let last = object.rsplit('_').next().unwrap_or(object);
    (!says_what_happened(last)).then(|| format!("{object}_{past}"))
}

fn says_what_happened(word: &str) -> bool {
    let regular = word.ends_with("ed") && !NOUNS_IN_ED.contains(&word);
    let adjective = word.ends_with("able") || word.ends_with("ing");
    regular || adjective || IRREGULAR.contains(&word)
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

/// Past participles and endings of a name that the ending `ed` does not tell.
const IRREGULAR: &[&str] = &[
    "begun", "bought", "built", "chosen", "done", "drawn", "due", "found", "given", "gone", "held", "in",
    "kept", "left", "lost", "made", "met", "out", "paid", "read", "ready", "reset", "run", "seen", "sent",
    "set", "shown", "sold", "spent", "taken", "up", "won", "written",
];

const NOUNS_IN_ED: &[&str] = &["bed", "breed", "deed", "embed", "feed", "need", "seed", "shed", "speed"];

#[cfg(test)]
mod tests {
    use super::{is_snake_case, object_first, to_snake_case};
    use crate::plan::STANDARD_EVENTS;

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
        for name in names.iter().copied().chain(STANDARD_EVENTS.iter().map(|event| event.name)) {
            assert_eq!(object_first(name), None, "{name}");
        }
    }
}
