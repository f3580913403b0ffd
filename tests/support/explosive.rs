//! A panic that goes on.

/// The payload of a panic that panics when it is dropped, and so on.
struct Explosive;

impl Drop for Explosive {
    fn drop(&mut self) {
        explode();
    }
}

/// Panics with a payload that panics with another one when it is dropped.
pub fn explode() -> ! {
    std::panic::panic_any(Explosive)
}
