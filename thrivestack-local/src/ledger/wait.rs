//! What waiting in vain has to say.

use std::{collections::BTreeMap, error::Error, fmt, time::Duration};

use crate::record::LocalRequest;

/// Too little came in time. It displays what did come, and why requests were refused.
#[derive(Debug, Clone)]
pub struct WaitTimeout {
    timeout: Duration,
    wanted: usize,
    unit: &'static str,
    came: Tally,
    refusals: Tally,
}

impl WaitTimeout {
    pub(crate) fn new<'a>(
        timeout: Duration,
        wanted: usize,
        unit: &'static str,
        came: impl Iterator<Item = String>,
        requests: impl Iterator<Item = &'a LocalRequest>,
    ) -> Self {
        let refusals = requests.filter_map(|request| {
            let reason = request.refusal()?;
            Some(format!("{} {}: {reason}", request.path(), request.status))
        });
        Self { timeout, wanted, unit, came: Tally::of(came), refusals: Tally::of(refusals) }
    }
}

impl Error for WaitTimeout {}

impl fmt::Display for WaitTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { timeout, wanted, unit, came, refusals } = self;
        write!(f, "waited {timeout:?} for {wanted} {unit}, but {} came", came.total())?;
        if came.total() > 0 {
            write!(f, " ({came})")?;
        }
        match refusals.total() {
            0 => Ok(()),
            1 => write!(f, "; one request was refused ({refusals})"),
            total => write!(f, "; {total} requests were refused ({refusals})"),
        }
    }
}

/// How often each text occurs: a thousand events of one name are one line.
#[derive(Debug, Clone)]
struct Tally(BTreeMap<String, usize>);

impl Tally {
    fn of(texts: impl Iterator<Item = String>) -> Self {
        let mut counts = BTreeMap::new();
        for text in texts {
            *counts.entry(text).or_default() += 1;
        }
        Self(counts)
    }

    fn total(&self) -> usize {
        self.0.values().sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (text, count)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{count} × {text}")?;
        }
        Ok(())
    }
}
