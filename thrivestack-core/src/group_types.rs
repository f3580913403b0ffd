//! The types of groups.

use crate::near;

/// The documented group types. The list is open: a product may have types of its own.
pub const GROUP_TYPES: &[&str] = &[ACCOUNT, "Organization", "Tenant", "Workspace", "Team", "BU"];

/// The type of the billing root, which every product has and which nothing else may be called.
pub const ACCOUNT: &str = "Account";

/// Returns the documented type that this one was probably meant to be: it differs in upper and lower case only, or is
/// one edit away. Returns `None` for a documented type and for one that is unlike all of them.
///
/// ```
/// use thrivestack_core::group_types::meant_by;
///
/// assert_eq!(meant_by("Acount"), Some("Account"));
/// assert_eq!(meant_by("workspace"), Some("Workspace"));
/// assert_eq!(meant_by("Account"), None);
/// assert_eq!(meant_by("Region"), None);
/// ```
#[must_use]
pub fn meant_by(written: &str) -> Option<&'static str> {
    if GROUP_TYPES.contains(&written) {
        return None;
    }
    let same_letters = GROUP_TYPES.iter().find(|known| known.eq_ignore_ascii_case(written));
    same_letters.or_else(|| GROUP_TYPES.iter().find(|known| near::is_one_edit(written, known))).copied()
}

#[cfg(test)]
mod tests {
    use super::{GROUP_TYPES, meant_by};

    #[test]
    fn a_slip_of_the_keyboard_is_told_from_a_type_of_ones_own() {
        for (written, meant) in [
            ("Acount", Some("Account")),
            ("Accountt", Some("Account")),
            ("Teams", Some("Team")),
            ("Tean", Some("Team")),
            ("team", Some("Team")),
            ("ORGANIZATION", Some("Organization")),
            ("Organisation", Some("Organization")),
            ("Bu", Some("BU")),
            ("Region", None),
            ("Department", None),
            ("", None),
        ] {
            assert_eq!(meant_by(written), meant, "{written}");
        }
        for known in GROUP_TYPES {
            assert_eq!(meant_by(known), None);
        }
    }
}
