//! The instrumentation checklist that ThriveStack asks of a backend: eleven points, each done or not.

use crate::calls::Call;
use crate::onboarding;

/// One point of the checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The name.
    pub name: &'static str,
    /// The occasion of the call, or the place where more is told.
    pub hint: &'static str,
    /// The call that shows that the point is done.
    pub shown_by: ShownBy,
}

/// The call that shows that a point is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownBy {
    /// Any call: it came with a valid key.
    AnyCall,
    /// Any call of this kind.
    Call(Call),
    /// A track call with this event.
    Event(&'static str),
    /// A track call with the event of an onboarding step, whichever step it is.
    OnboardingStep,
}

impl ShownBy {
    /// Returns true if a call of this kind, with this event if it is a track call, shows the point.
    #[must_use]
    pub fn is_shown_by(self, call: Call, event: Option<&str>) -> bool {
        match self {
            Self::AnyCall => true,
            Self::Call(own) => own == call,
            Self::Event(own) => call == Call::Track && event == Some(own),
            Self::OnboardingStep => call == Call::Track && event.is_some_and(onboarding::is_step),
        }
    }
}

/// The points, in the order of the documentation.
pub const POINTS: [Point; 11] = [
    point(
        "key from the environment",
        "A valid key was used. Whether it came from the environment, `thrivestack doctor` tells.",
        ShownBy::AnyCall,
    ),
    point("identify", "Who a user is: on sign-up and on login.", ShownBy::Call(Call::Identify)),
    point("group", "An account, when it is created and again on every login.", ShownBy::Call(Call::Group)),
    event("signed_up", "A new user completed registration."),
    event("signed_in", "An existing user logged in."),
    event("signed_out", "A user logged out."),
    event("account_created", "A new account exists, after its group call."),
    event("account_added_user", "A user became a member of an account."),
    event("feature_used", "A user performed a product action."),
    event("invite_sent", "A user invited another person."),
    point(
        onboarding::STEP_COMPLETED,
        "A user completed one set-up step; the older `onboarding_step_completed` counts too.",
        ShownBy::OnboardingStep,
    ),
];

const fn point(name: &'static str, hint: &'static str, shown_by: ShownBy) -> Point {
    Point { name, hint, shown_by }
}

const fn event(name: &'static str, hint: &'static str) -> Point {
    point(name, hint, ShownBy::Event(name))
}
