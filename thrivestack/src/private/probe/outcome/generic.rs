//! Values of types that the place of the attribute does not know: `Self::Output` in a trait, or a field of a generic
//! type. The compiler knows the type when it makes the code, and its name and its discriminant tell the rest.

use std::any::type_name;
use std::hash::{Hash, Hasher};
use std::mem;

/// Returns whether the value is neither an `Err` nor a `None`, nor a `Poll` of what may be one.
pub(super) fn is_success<V>(value: &V) -> bool {
    let name = type_name::<V>();
    if name.starts_with("core::result::Result<") {
        discriminant(value) == Some(0)
    } else if name.starts_with("core::option::Option<") {
        discriminant(value) == Some(1)
    } else {
        !name.starts_with("core::task::poll::Poll<")
    }
}

/// Returns the place of the value's variant in its enum.
fn discriminant<V>(value: &V) -> Option<isize> {
    let mut place = Place(None);
    mem::discriminant(value).hash(&mut place);
    place.0
}

/// Takes the one number that a discriminant hashes.
struct Place(Option<isize>);

impl Hasher for Place {
    fn write_isize(&mut self, place: isize) {
        self.0 = Some(place);
    }

    fn write(&mut self, _other: &[u8]) {}

    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;
    use std::task::Poll;

    use super::is_success;

    #[test]
    fn what_a_type_parameter_stands_for_is_decided_as_if_it_were_spelled() {
        assert!(is_success(&Ok::<u8, String>(1)));
        assert!(!is_success(&Err::<u8, String>(String::new())));
        assert!(!is_success(&Err::<(), ()>(())));
        assert!(!is_success(&std::io::Result::<u8>::Err(std::io::ErrorKind::Other.into())));
        assert!(is_success(&Some(NonZero::<u8>::MIN)));
        assert!(is_success(&Some(&1)));
        assert!(!is_success(&None::<NonZero<u8>>));
        assert!(!is_success(&None::<Box<u8>>));
        assert!(!is_success(&Poll::<u8>::Pending));
        assert!(is_success(&vec![None::<u8>]));
        assert!(is_success(&()));
    }
}
