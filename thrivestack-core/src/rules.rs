//! ThriveStack's rules for the instrumentation of a backend, each with its source, its date and how it is checked.

/// A rule of ThriveStack's documentation, in our own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The name by which messages speak of the rule.
    pub id: &'static str,
    /// The part of the documentation's rules that it belongs to.
    pub part: Part,
    /// The rule.
    pub text: &'static str,
    /// The page of the documentation that states it.
    pub source: &'static str,
    /// The date of that page, `2026-05-15` or only `2026-04`.
    pub date: &'static str,
    /// The wording of older pages, which no longer holds.
    pub older: Option<&'static str>,
    /// The ways in which it is checked, or the reason why it cannot be.
    pub checks: &'static [Check],
}

/// A part of the documentation's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A numbered rule for server-side instrumentation.
    Numbered(u8),
    /// EU compliance.
    EuCompliance,
    /// The firing order.
    FiringOrder,
}

/// A way in which a rule is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The macros reject what breaks the rule, at compile time. The word inside `allow(..)` switches it off.
    Error(&'static str),
    /// The runtime or the server rejects the call.
    Rejected,
    /// The local server warns of it in its answer and in `LocalCall::warnings`.
    Warning,
    /// The page's flow marks the call, as it does a critical mistake in the firing order.
    Breach,
    /// The page mentions it, and no answer does: there may be a good reason.
    Hint,
    /// The SDK keeps the rule by itself; the text tells how.
    Kept(&'static str),
    /// No program can tell whether the rule is kept; the text tells why.
    NotDecidable(&'static str),
}

impl Rule {
    /// Returns the word that switches the rule off inside `allow(..)`, if the macros check it.
    #[must_use]
    pub fn allowed_by(&self) -> Option<&'static str> {
        self.checks.iter().find_map(|check| match check {
            Check::Error(word) => Some(*word),
            _ => None,
        })
    }
}

/// Returns the rule of that name.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

const USERS_AND_ACCOUNTS: &str = "guide on user and account events";
const ONBOARDING: &str = "guide on onboarding";
const FEATURES: &str = "guide on features";
const HELPER: &str = "helper for backends";
const BACKEND: &str = "single backend guide";

macro_rules! rules {
    ($($constant:ident = $id:literal, $part:expr, $source:expr, $date:literal, older $older:expr, [$($check:expr),* $(,)?],
        $text:literal;)*) => {
        $(
            #[doc = $text]
            pub const $constant: Rule = Rule {
                id: $id,
                part: $part,
                text: $text,
                source: $source,
                date: $date,
                older: $older,
                checks: &[$($check),*],
            };
        )*

        /// Every rule, in the order of the documentation's parts.
        pub const RULES: &[Rule] = &[$($constant),*];
    };
}

use Check::{Breach, Error, Hint, Kept, NotDecidable, Rejected, Warning};
use Part::{EuCompliance, FiringOrder, Numbered};

rules! {
    FIRE_AND_FORGET = "fire_and_forget", Numbered(1), HELPER, "2026-04-28", older None,
        [Kept("`send()` queues the event and returns; it neither blocks nor fails")],
        "Telemetry never blocks or fails the user's request.";
    AFTER_SUCCESS = "after_success", Numbered(2), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [
            Kept("`#[track_event]` emits after the function has succeeded"),
            NotDecidable("a builder call and `track!` send where they stand, and nothing tells what they follow"),
        ],
        "An event fires after the action has succeeded, never before.";
    SOURCE_PRODUCT = "source_product", Numbered(3), HELPER, "2026-04-28", older None,
        [Kept("`product` is the default of `Config::source`"), Warning],
        "Every call of a backend has `context.source` = `product`.";
    GROUP_ID_ON_TRACK = "group_id_on_track", Numbered(4), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [Warning],
        "Every track call has `context.group_id`, except `signed_up` when no account exists yet.";
    GROUP_CONTEXT = "group_context", Numbered(5), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [Kept("a group call puts its id and its type into its context"), Warning],
        "On a group call, `context.group_id` equals `group_id`, and `context.group_type` equals the trait `group_type`.";
    GROUP_TYPE = "group_type", Numbered(6), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [Error("group_type"), Rejected, Warning],
        "A group has a type: `Account`, `Organization`, `Tenant`, `Workspace`, `Team`, `BU`, or one of the product's own.";
    ACCOUNT_GROUP = "account_group", Numbered(6), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [Hint],
        "The group type `Account` is mandatory and is the billing root; groups of other levels follow it.";
    GROUP_ON_LOGIN = "group_on_login", Numbered(7), USERS_AND_ACCOUNTS, "2026-05-15",
        older Some("never on login (single backend guide of 2 April 2026, and before)"),
        [Hint],
        "A group call fires when the entity is created and again on every login, between identify and `signed_in`, with \
         the traits that the login knows.";
    GROUP_ON_INVITATION = "group_on_invitation", Numbered(7), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [Breach],
        "No group call fires when an invitation is accepted.";
    GROUP_ON_SWITCH = "group_on_switch", Numbered(7), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [
            Hint,
            NotDecidable("no call tells that a user switched workspace; the hint is about a group call of a known group that \
                          has no login and no creation beside it"),
        ],
        "No group call fires when a user switches workspace.";
    IDENTIFY_FIRST = "identify_first", Numbered(8), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [Breach],
        "An identify call fires on sign-up and on login, before the user's events.";
    ONE_MILLISECOND = "one_millisecond", Numbered(9), HELPER, "2026-04-28", older None,
        [
            Kept("events inside one `Context` are a millisecond apart at least"),
            Breach,
            NotDecidable("two events at the same time may be those of two handlers; the breach is about the calls of the \
                          firing order alone"),
        ],
        "Of several events in one handler, each has a timestamp one millisecond after the one before.";
    FEATURE_USED = "feature_used", Numbered(10), FEATURES, "2026-04-29", older None,
        [NotDecidable("an event of another name may be the product's own, which is allowed")],
        "The use of a feature is always the event `feature_used`.";
    FEATURE_NAME = "feature_name", Numbered(10), FEATURES, "2026-04-29",
        older Some("`export_report` in one older sample"),
        [Error("property_values"), Hint],
        "`feature_name` is the noun and then the verb in the past tense, in snake_case: `report_exported`.";
    PROPERTY_VALUES = "property_values", Numbered(10), FEATURES, "2026-04-29",
        older Some("`core`, `secondary` and `add-on` as feature types"),
        [Error("property_values"), Warning],
        "A property with a documented list of values, such as `feature_type`, has one of them.";
    REQUIRED_PROPERTIES = "required_properties", Numbered(10), FEATURES, "2026-04-29", older None,
        [Error("missing_properties"), Warning],
        "A standard event has the properties that are required of it, as `feature_used` has `feature_name`.";
    ONBOARDING_STEP = "onboarding_step", Numbered(11), ONBOARDING, "2026-05-15",
        older Some("`onboarding_step_completed` with `step_name` (single backend guide of 2 April 2026)"),
        [Error("event_name"), Hint],
        "Onboarding has one event per step with the step in its name, `onboarding_<step>_completed`, with `step_index` \
         (from 0) and `total_steps`.";
    EVENT_NAME = "event_name", Numbered(12), BACKEND, "2026-04-02", older None,
        [Error("event_name"), Warning, Hint],
        "An event's name is the object and a verb in the past tense, in snake_case, and a standard event has its \
         documented name.";
    LEFT_OUT = "left_out", Numbered(13), HELPER, "2026-04-28", older None,
        [Kept("a value that serializes to `null` is left out"), Hint],
        "A property that is not available is left out; only UTM fields may be `null`.";
    STABLE_USER_ID = "stable_user_id", Numbered(14), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [Hint],
        "`user_id` is a stable id of any form; an e-mail address only if there is no other stable id.";
    STABLE_GROUP_ID = "stable_group_id", Numbered(15), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [
            Hint,
            NotDecidable("a fresh UUID looks like a stable one, and a company's name may look like an id"),
        ],
        "`group_id` is never a company's name, a domain, an e-mail domain or a fresh UUID.";
    INTERFACE = "interface", Numbered(16), BACKEND, "2026-04-02", older None,
        [NotDecidable("no call tells through which interface the product was used")],
        "Use by API, command line or agent is `feature_used` with `interface` = `api`, `cli` or `agent` and the endpoint, \
         command or tool as `feature_name`; `user_id` may be the id of the API key.";
    B2C = "b2c", Numbered(17), USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [
            Hint,
            NotDecidable("no call tells which mail providers are public (page of June 2026)"),
        ],
        "Without accounts, `group_id` is the user's id, `account_name` the user's name and `account_domain` the whole e-mail \
         address; there is no plan and no `account_created`, and group fires in the handler of `signed_up` and on every \
         login.";
    EU_COMPLIANCE = "eu_compliance", EuCompliance, USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [Kept("`Config::eu_compliance` removes or hashes the fields, whichever way they came in"), Warning],
        "In EU compliance mode no call has an e-mail address or the name of a user in it.";
    SOURCE_URL = "source_url", EuCompliance, USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [NotDecidable("only the developer knows what is personal in an address")],
        "In EU compliance mode the developer sees to it that `source_url` has no personal data in it.";
    GROUP_BEFORE_ACCOUNT_CREATED = "group_before_account_created", FiringOrder, USERS_AND_ACCOUNTS, "2026-05-15",
        older None,
        [Breach],
        "`account_created` comes after the group call of its account.";
    ACCOUNT_CREATED_FIRST = "account_created_first", FiringOrder, USERS_AND_ACCOUNTS, "2026-05-15", older None,
        [Breach],
        "`account_created` comes before its creator's `account_added_user`.";
    ACCOUNT_ADDED_USER = "account_added_user", FiringOrder, USERS_AND_ACCOUNTS, "2026-05-15",
        older Some("`signed_up` first, then `account_added_user`"),
        [NotDecidable("neither order is wrong")],
        "`signed_up` and `account_added_user` are independent of each other; of a user who was added by an administrator, \
         SSO or SCIM, only `account_added_user` fires.";
}

#[cfg(test)]
mod tests {
    use super::{Part, RULES, rule};

    #[test]
    fn every_rule_has_a_name_a_date_and_a_way_to_be_checked() {
        for (at, rule) in RULES.iter().enumerate() {
            let id = rule.id;
            assert!(crate::names::is_snake_case(id), "{id}");
            assert!(RULES[..at].iter().all(|earlier| earlier.id != id), "{id} is there twice");
            assert!(!rule.checks.is_empty() && rule.text.ends_with('.'), "{id}");
            assert!(rule.date.starts_with("2026-"), "{id}");
        }
        assert_eq!(rule("event_name").and_then(super::Rule::allowed_by), Some("event_name"));
        assert_eq!(rule("nothing"), None);
    }

    #[test]
    fn each_of_the_numbered_rules_and_both_other_parts_are_there_in_order() {
        let parts = (1..=17).map(Part::Numbered).chain([Part::EuCompliance, Part::FiringOrder]);
        for part in parts {
            assert!(RULES.iter().any(|rule| rule.part == part), "{part:?}");
        }
        assert!(RULES.windows(2).all(|pair| pair[0].part <= pair[1].part));
    }
}
