//! ThriveStack's standard events, and the names that are mistaken for them.
//!
//! Events and properties that are not listed pass everywhere: no build may break because this table is older than a
//! tracking plan.

use crate::{near, onboarding};

/// An event with a documented meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandardEvent {
    /// The name. A part in angle brackets stands for words that the product chooses.
    pub name: &'static str,
    /// The occasion of the event, after "when".
    pub when: &'static str,
    /// True if `context.group_id` has to be there.
    pub needs_group: bool,
    /// The properties that every such event carries.
    pub required: &'static [&'static str],
    /// The properties that every such event carries unless EU compliance is on, which removes them.
    pub required_unless_eu: &'static [&'static str],
    /// The properties that are documented and sent when they are available.
    pub recommended: &'static [&'static str],
    /// The properties with a closed list of values.
    pub values: &'static [(&'static str, &'static [&'static str])],
    /// The name that newer pages of the documentation use instead of this one.
    pub older_form_of: Option<&'static str>,
}

impl StandardEvent {
    /// Returns true if the name stands for many names, as that of onboarding's steps does.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        self.name.contains('<')
    }

    /// Returns the documented values of a property, if it has a closed list of them.
    #[must_use]
    pub fn values_of(&self, property: &str) -> Option<&'static [&'static str]> {
        self.values.iter().find(|(name, _)| *name == property).map(|(_, values)| *values)
    }
}

/// Returns the standard event that an event of this name is.
///
/// ```
/// use thrivestack_core::events::standard;
///
/// assert!(standard("signed_up").is_some());
/// assert_eq!(standard("onboarding_team_invited_completed").unwrap().name, "onboarding_<step>_completed");
/// assert!(standard("report_exported").is_none());
/// ```
#[must_use]
pub fn standard(name: &str) -> Option<&'static StandardEvent> {
    STANDARD_EVENTS.iter().find(|event| match event.name {
        onboarding::STEP_COMPLETED => onboarding::step_of(name).is_some(),
        own => own == name,
    })
}

/// Returns the standard event that a name in common use stands for.
#[must_use]
pub fn meant_by(misnomer: &str) -> Option<&'static str> {
    MISNOMERS.iter().find(|(name, _)| *name == misnomer).map(|(_, standard)| *standard)
}

/// Returns the standard event of at least five letters that is one edit away from this name, which is none itself.
///
/// ```
/// use thrivestack_core::events::near;
///
/// assert_eq!(near("feature_usd"), Some("feature_used"));
/// assert_eq!(near("signedup"), Some("signed_up"));
/// assert_eq!(near("signed_up"), None);
/// assert_eq!(near("report_exported"), None);
/// ```
#[must_use]
pub fn near(name: &str) -> Option<&'static str> {
    if standard(name).is_some() {
        return None;
    }
    let mut names = STANDARD_EVENTS.iter().filter(|event| !event.is_pattern()).map(|event| event.name);
    names.find(|known| known.len() >= MIN_NEAR && near::is_one_edit(name, known))
}

/// Shorter names have too many neighbours that mean something else.
const MIN_NEAR: usize = 5;

/// The fields of an event about which nothing is documented, for the entries below to override.
const NONE: StandardEvent = StandardEvent {
    name: "",
    when: "",
    needs_group: true,
    required: &[],
    required_unless_eu: &[],
    recommended: &[],
    values: &[],
    older_form_of: None,
};

/// The standard events. An event that is added here is known everywhere.
pub const STANDARD_EVENTS: &[StandardEvent] = &[
    StandardEvent {
        name: "signed_up",
        when: "a new user completed registration",
        needs_group: false,
        recommended: &["user_email", "user_name", "utm_source", "utm_medium", "utm_campaign", "utm_term"],
        ..NONE
    },
    StandardEvent {
        name: "signed_in",
        when: "an existing user logged in",
        recommended: &["user_email", "user_name", "user_role"],
        ..NONE
    },
    StandardEvent {
        name: "signed_out",
        when: "a user logged out",
        recommended: &["user_email", "user_name", "user_role"],
        ..NONE
    },
    StandardEvent {
        name: "account_created",
        when: "a new account, organization or workspace was created, after its group call",
        required: &["account_name"],
        recommended: &["account_id", "account_domain", "user_email", "user_name", "plan_name"],
        ..NONE
    },
    StandardEvent {
        name: "account_added_user",
        when: "a user became a member of an account",
        recommended: &[
            "user_email",
            "user_name",
            "account_id",
            "account_name",
            "account_domain",
            "role",
            "join_method",
            "is_first_user",
        ],
        values: &[("join_method", &["signup", "invite", "sso", "scim", "admin"])],
        ..NONE
    },
    StandardEvent {
        name: "account_removed_user",
        when: "a user left or was removed from an account",
        recommended: &["user_name", "user_email"],
        ..NONE
    },
    StandardEvent {
        name: "account_deleted",
        when: "an account was deleted",
        recommended: &["account_name"],
        ..NONE
    },
    StandardEvent {
        name: "feature_used",
        when: "a user performed a product action",
        required: &["feature_name"],
        recommended: &["feature_type", "user_email", "user_name", "user_role", "interface"],
        values: &[
            ("feature_type", &["core", "sticky", "support", "secondary", "add-on"]),
            ("interface", &["api", "cli", "agent"]),
        ],
        ..NONE
    },
    StandardEvent {
        name: "invite_sent",
        when: "a user invited another person",
        required_unless_eu: &["invitee_email"],
        recommended: &[
            "user_email",
            "invitee_role",
            "invitee_role_id",
            "invitee_user_id",
            "invitee_team_id",
            "invitee_team",
            "feature_name",
            "sub_feature_name",
            "source_url",
        ],
        ..NONE
    },
    StandardEvent {
        name: onboarding::STEP_COMPLETED,
        when: "a user completed one set-up step; `<step>` is snake_case and says which, such as `invited_team_member`",
        recommended: &["step_index", "total_steps", "user_email", "user_name"],
        ..NONE
    },
    StandardEvent {
        name: onboarding::OLDER_STEP_COMPLETED,
        when: "a user completed one set-up step; the newest guide wants the step in the name",
        required: &["step_name"],
        recommended: &["step_index", "total_steps", "user_email", "user_name"],
        older_form_of: Some(onboarding::STEP_COMPLETED),
        ..NONE
    },
    StandardEvent {
        name: "profile_completed",
        when: "a user completed the profile",
        recommended: &["completion_status", "user_role"],
        ..NONE
    },
    StandardEvent {
        name: "page_visit",
        when: "a user visited a page",
        needs_group: false,
        required: &["page_url"],
        recommended: &[
            "page_title",
            "page_path",
            "page_referrer",
            "utm_source",
            "utm_medium",
            "utm_campaign",
        ],
        ..NONE
    },
    StandardEvent {
        name: "trial_started",
        when: "a trial of an account started",
        required: &["trial_plan_name"],
        recommended: &["trial_start_date", "trial_end_date"],
        ..NONE
    },
    StandardEvent {
        name: "trial_ended",
        when: "a trial of an account ended",
        required: &["trial_plan_name"],
        recommended: &["trial_start_date", "trial_end_date"],
        ..NONE
    },
    StandardEvent {
        name: "user_waitlisted",
        when: "a user was put on the waiting list",
        needs_group: false,
        recommended: &["email"],
        ..NONE
    },
    StandardEvent {
        name: "tenant_waitlisted",
        when: "an account was put on the waiting list",
        recommended: &["email"],
        ..NONE
    },
];

/// Names in common use, each with the standard event that it stands for.
pub const MISNOMERS: &[(&str, &str)] = &[
    ("signup", "signed_up"),
    ("sign_up", "signed_up"),
    ("user_signup_event", "signed_up"),
    ("login", "signed_in"),
    ("logged_in", "signed_in"),
    ("sign_in", "signed_in"),
    ("logout", "signed_out"),
    ("logged_out", "signed_out"),
    ("sign_out", "signed_out"),
    ("create_account", "account_created"),
    ("new_account", "account_created"),
    ("user_added_to_account", "account_added_user"),
    ("send_invite", "invite_sent"),
    ("invitation", "invite_sent"),
    ("use_feature", "feature_used"),
    ("page_view", "page_visit"),
    ("page_viewed", "page_visit"),
    ("profile_done", "profile_completed"),
];
