//! How large a batch may be when something between here and the service takes less than its documentation says. Pure.

/// How many batches near the limit have to be taken before a larger one is tried.
const GROWS_AFTER: u32 = 16;

/// The largest body that was not refused for its size, found by halving and grown again.
#[derive(Debug)]
pub(crate) struct Sizing {
    bytes: usize,
    /// The configured limit.
    ceiling: usize,
    /// Batches near the limit that were taken in a row.
    taken: u32,
}

impl Sizing {
    pub(crate) fn new(ceiling: usize) -> Self {
        Self { bytes: ceiling, ceiling, taken: 0 }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// A body of this size was too large.
    pub(crate) fn refused(&mut self, bytes: usize) {
        self.bytes = (bytes / 2).clamp(1, self.bytes);
        self.taken = 0;
    }

    /// A body of this size was taken.
    pub(crate) fn delivered(&mut self, bytes: usize) {
        if self.bytes == self.ceiling || bytes < self.bytes / 2 {
            return;
        }
        self.taken += 1;
        if self.taken == GROWS_AFTER {
            self.taken = 0;
            self.bytes = self.ceiling.min(self.bytes + self.bytes / 4 + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_halves_converges_and_grows_again() {
        let mut sizing = Sizing::new(2_000_000);
        let mut refusals = 0;
        let mut send = |sizing: &mut Sizing, accepted: usize| {
            let bytes = sizing.bytes();
            if bytes > accepted {
                refusals += 1;
                sizing.refused(bytes);
            } else {
                sizing.delivered(bytes);
            }
        };
        for _ in 0..1_000 {
            send(&mut sizing, 500_000);
        }
        assert!((250_000..=500_000).contains(&sizing.bytes()), "{}", sizing.bytes());
        for _ in 0..1_000 {
            send(&mut sizing, 2_000_000);
        }
        assert_eq!(sizing.bytes(), 2_000_000);
        assert!(refusals < 1_000 / 20, "{refusals} of 1,000 requests were refused");
    }

    #[test]
    fn small_batches_say_nothing_about_large_ones() {
        let mut sizing = Sizing::new(1_000);
        sizing.refused(1_000);
        for _ in 0..100 {
            sizing.delivered(10);
        }
        assert_eq!(sizing.bytes(), 500);
        sizing.refused(1);
        assert_eq!(sizing.bytes(), 1, "it never becomes nothing");
    }
}
