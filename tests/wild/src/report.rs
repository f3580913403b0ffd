//! The table of all crates, and the lists behind its numbers.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter, Result, Write};

/// One crate with one attribute.
#[derive(Default)]
pub(crate) struct Side {
    pub(crate) failed: Vec<String>,
    pub(crate) warnings: Vec<String>,
    /// Tests that differ from the bare ones with nobody listening.
    pub(crate) off: Vec<String>,
    /// Tests that differ with a live client.
    pub(crate) live: Vec<String>,
}

/// One crate.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) functions: usize,
    pub(crate) asynchronous: usize,
    pub(crate) tests: usize,
    /// The messages of the macro, by the functions that it does not take.
    pub(crate) rejected: BTreeMap<String, usize>,
    pub(crate) events: u64,
    pub(crate) ours: Side,
    pub(crate) instrument: Option<Side>,
}

/// Everything that was found.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    /// Why a crate has no row.
    pub(crate) errors: Vec<String>,
}

impl Report {
    /// Returns whether everything that compiles bare compiles annotated, without a new warning and with the same tests, of which
    /// some have emitted events.
    pub(crate) fn is_clean(&self) -> bool {
        let is_clean = |row: &Row| {
            let Side { failed, warnings, off, live } = &row.ours;
            row.events > 0 && [failed, warnings, off, live].iter().all(|found| found.is_empty())
        };
        !self.rows.is_empty() && self.errors.is_empty() && self.rows.iter().all(is_clean)
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(
            "| crate | functions | async | tests | rejected | do not compile | new warnings | tests that differ, off | \
             live | events | `#[instrument]`: do not compile | new warnings | tests that differ |\n\
             | --- |",
        )?;
        f.write_str(&" ---: |".repeat(12))?;
        f.write_char('\n')?;
        for row in &self.rows {
            line(f, &row.name, std::slice::from_ref(row))?;
        }
        line(f, "all", &self.rows)?;
        self.lists(f)
    }
}

fn line(f: &mut Formatter<'_>, name: &str, rows: &[Row]) -> Result {
    let sum = |count: &dyn Fn(&Row) -> usize| rows.iter().map(count).sum::<usize>().to_string();
    let peer = |count: &dyn Fn(&Side) -> usize| match rows.iter().any(|row| row.instrument.is_some()) {
        true => rows.iter().filter_map(|row| row.instrument.as_ref()).map(count).sum::<usize>().to_string(),
        false => String::new(),
    };
    let columns = [
        name.to_owned(),
        sum(&|row| row.functions),
        sum(&|row| row.asynchronous),
        sum(&|row| row.tests),
        sum(&|row| row.rejected.values().sum()),
        sum(&|row| row.ours.failed.len()),
        sum(&|row| row.ours.warnings.len()),
        sum(&|row| row.ours.off.len()),
        sum(&|row| row.ours.live.len()),
        rows.iter().map(|row| row.events).sum::<u64>().to_string(),
        peer(&|side| side.failed.len()),
        peer(&|side| side.warnings.len()),
        peer(&|side| side.off.len()),
    ];
    writeln!(f, "| {} |", columns.join(" | "))
}

impl Report {
    fn lists(&self, f: &mut Formatter<'_>) -> Result {
        let mut rejected: BTreeMap<&str, usize> = BTreeMap::new();
        for (message, count) in self.rows.iter().flat_map(|row| &row.rejected) {
            *rejected.entry(message).or_default() += count;
        }
        if !rejected.is_empty() {
            f.write_str("\nRejected:\n\n")?;
        }
        for (message, count) in rejected {
            writeln!(f, "- {count}: {message}")?;
        }
        for error in &self.errors {
            writeln!(f, "\n{error}")?;
        }
        for row in &self.rows {
            if row.events == 0 {
                writeln!(f, "\n{} emitted no event, so its client was not live", row.name)?;
            }
            list(f, &row.name, "track_event", &row.ours)?;
            if let Some(side) = &row.instrument {
                list(f, &row.name, "instrument", side)?;
            }
        }
        Ok(())
    }
}

fn list(f: &mut Formatter<'_>, name: &str, attribute: &str, side: &Side) -> Result {
    let Side { failed, warnings, off, live } = side;
    for (found, what) in [
        (failed, "does not compile"),
        (warnings, "warns newly"),
        (off, "has a test that differs, off"),
        (live, "has a test that differs, live"),
    ] {
        for detail in found {
            writeln!(f, "\n{name} with `#[{attribute}]` {what}:\n{detail}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Report, Row, Side};

    #[test]
    fn a_crate_that_emits_nothing_is_not_clean() {
        let report = |events| {
            let row = Row {
                name: "a".to_owned(),
                functions: 1,
                asynchronous: 0,
                tests: 1,
                rejected: BTreeMap::new(),
                events,
                ours: Side::default(),
                instrument: None,
            };
            Report { rows: vec![row], errors: Vec::new() }
        };
        assert!(report(1).is_clean());
        assert!(!report(0).is_clean());
        assert!(!Report { errors: vec!["b".to_owned()], ..report(1) }.is_clean());
        assert!(!Report::default().is_clean());
    }
}
