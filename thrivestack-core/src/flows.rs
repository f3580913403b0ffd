//! The firing order: which calls a flow makes, one after the other.
//!
//! ThriveStack's guide of 15 May 2026 lists the flows. `signed_up` and `account_added_user` are independent of each other.

/// A flow of the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// The name.
    pub name: &'static str,
    /// The calls in their order: `identify`, `group (Account)`, `group (other levels)`, or the name of an event.
    pub order: &'static [&'static str],
    /// An event that the same handler fires wherever it belongs.
    pub anywhere: &'static [&'static str],
    /// The `join_method` of the flow's `account_added_user`.
    pub join_method: &'static str,
    /// True if the user is the account.
    pub is_b2c: bool,
}

/// Returns true if one of the documented flows has this event in it.
#[must_use]
pub fn is_in_a_flow(event: &str) -> bool {
    FLOWS.iter().any(|flow| flow.order.contains(&event) || flow.anywhere.contains(&event))
}

/// The fields of most flows, for the entries below to override.
const FLOW: Flow = Flow { name: "", order: &[], anywhere: &[], join_method: "invite", is_b2c: false };

/// The flows, in the order of the documentation.
pub const FLOWS: &[Flow] = &[
    Flow {
        name: "sign-up, new account",
        order: &[
            "identify",
            "group (Account)",
            "group (other levels)",
            "account_created",
            "account_added_user",
        ],
        anywhere: &["signed_up"],
        join_method: "signup",
        ..FLOW
    },
    Flow { name: "sign-up, B2C", order: &["identify", "group (Account)", "signed_up"], is_b2c: true, ..FLOW },
    Flow {
        name: "login",
        order: &["identify", "group (Account)", "group (other levels)", "signed_in"],
        ..FLOW
    },
    Flow { name: "logout", order: &["signed_out"], ..FLOW },
    Flow {
        name: "invited, accepts and signs up",
        order: &["identify", "signed_up", "account_added_user"],
        ..FLOW
    },
    Flow {
        name: "invited, has an account elsewhere",
        order: &["identify", "group (Account)", "signed_in", "account_added_user"],
        ..FLOW
    },
    Flow { name: "invited, already a member", ..FLOW },
    Flow { name: "added by an administrator", order: &["account_added_user"], join_method: "admin", ..FLOW },
    Flow { name: "added by SSO", order: &["account_added_user"], join_method: "sso", ..FLOW },
    Flow { name: "added by SCIM", order: &["account_added_user"], join_method: "scim", ..FLOW },
];
