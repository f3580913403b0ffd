//! Puts `#[track_event]` on every function of published crates that carry their tests, and compares what the compiler and
//! the tests say with what they say of the bare crates. README.md says how to run it.

mod annotate;
mod attempt;
mod cargo;
mod compare;
mod report;
mod sink;
mod subjects;
mod tree;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use attempt::{Attempt, Attribute, INSTRUMENT, LeftOut, TRACK_EVENT};
use cargo::{Cargo, Message, Tests};
use compare::{differing, new_warnings};
use report::{Report, Row, Side};
use sink::Sink;
use subjects::{SUBJECTS, Subject};
use tree::Tree;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: cargo run --release -- [--small] [--without-instrument] [CRATE..]";

fn main() -> ExitCode {
    let mut names = Vec::new();
    let (mut small, mut instrument) = (false, true);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--small" => small = true,
            "--without-instrument" => instrument = false,
            name if SUBJECTS.iter().any(|subject| subject.name == name) => names.push(argument),
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    let chosen = SUBJECTS.iter().filter(|subject| {
        (subject.is_small || !small) && (names.is_empty() || names.iter().any(|name| name == subject.name))
    });
    match run(chosen, instrument) {
        Ok(report) => {
            println!("{report}");
            if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(subjects: impl Iterator<Item = &'static Subject>, instrument: bool) -> Result<Report> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| own.join("target"), PathBuf::from);
    let work = std::path::absolute(target)?.join("wild");
    let trial = Trial {
        sources: sources(&own.join("sources/Cargo.toml"))?,
        cargo: Cargo { target: &work.join("target") },
        own,
        work: &work,
        sink: Sink::start()?,
    };
    let mut report = Report::default();
    for subject in subjects {
        match trial.of(subject, instrument) {
            Ok(row) => report.rows.push(row),
            Err(error) => report.errors.push(format!("{}: {error}", subject.name)),
        }
    }
    Ok(report)
}

/// Asks cargo for the sources of the crates, which it fetches where they are missing.
fn sources(manifest: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version=1", "--manifest-path"])
        .arg(manifest)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let asked = |name: &str| SUBJECTS.iter().any(|subject| subject.name == name);
    let packages = metadata["packages"].as_array().ok_or("cargo names no packages")?;
    let found = packages.iter().filter_map(|package| {
        let (name, manifest) = (package["name"].as_str()?, package["manifest_path"].as_str()?);
        asked(name).then(|| Some((name.to_owned(), Path::new(manifest).parent()?.to_owned())))?
    });
    Ok(found.collect())
}

struct Trial<'a> {
    sources: BTreeMap<String, PathBuf>,
    cargo: Cargo<'a>,
    own: &'a Path,
    work: &'a Path,
    sink: Sink,
}

/// The results of the compiler and the tests for a crate as it was published.
struct Bare {
    messages: Vec<Message>,
    tests: Tests,
    root: PathBuf,
}

/// The number of times that differing tests are run again: those of other people may depend on the time.
const REPETITIONS: usize = 2;

impl Trial<'_> {
    fn of(&self, subject: &Subject, instrument: bool) -> Result<Row> {
        eprintln!("{}: bare", subject.name);
        let from = &self.sources[subject.name];
        let manifest = self.manifest(&fs::read_to_string(from.join("Cargo.toml"))?);
        let root = self.work.join("bare").join(subject.name);
        let tree = Tree::copy(from, &root, &manifest)?;
        let messages = self.cargo.messages(&root, subject)?;
        if let Some(error) = messages.iter().find(|message| message.is_error) {
            return Err(format!("{} does not compile bare:\n{}", subject.name, error.rendered).into());
        }
        let tests = self.cargo.test(&root, subject, None)?;
        let bare = Bare { messages, tests, root };

        let (attempt, mut ours) = self.annotated(&TRACK_EVENT, subject, &manifest, &bare)?;
        eprintln!("{}: live", subject.name);
        self.sink.take_events();
        ours.live = self.differing(&attempt.tree.root, subject, &bare, Some(&self.sink.endpoint))?;
        let events = self.sink.take_events();
        let mut rejected = BTreeMap::new();
        for why in attempt.left_out.values() {
            if let LeftOut::Rejected(message) = why {
                *rejected.entry(message.clone()).or_default() += 1;
            }
        }
        let peer = match instrument {
            true => Some(self.annotated(&INSTRUMENT, subject, &manifest, &bare)?.1),
            false => None,
        };
        Ok(Row {
            name: subject.name.to_owned(),
            functions: tree.functions().count(),
            asynchronous: tree.functions().filter(|(_, function)| function.is_async).count(),
            tests: bare.tests.len(),
            rejected,
            events,
            ours,
            instrument: peer,
        })
    }

    /// Annotates a copy, and compares it with the bare one.
    fn annotated(
        &self,
        attribute: &Attribute,
        subject: &Subject,
        manifest: &str,
        bare: &Bare,
    ) -> Result<(Attempt, Side)> {
        let from = &self.sources[subject.name];
        let to = self.work.join(attribute.name).join(subject.name);
        let attempt = Attempt::run(
            attribute,
            subject,
            &self.cargo,
            (from, &to, manifest),
            &bare.root.join("Cargo.lock"),
        )?;
        eprintln!(
            "{}: #[{}], {} rejected, {} do not compile, {} with `on = always`",
            subject.name,
            attribute.name,
            attempt.rejected(),
            attempt.failed(),
            attempt.always
        );
        let off = self.differing(&to, subject, bare, None)?;
        let failed = attempt.left_out.iter().filter_map(|(id, why)| match why {
            LeftOut::Failed(message) => {
                let function = attempt.tree.function(id);
                Some(format!("{}:{} `{}`\n{message}", id.0, function.line, function.name))
            }
            LeftOut::Rejected(_) => None,
        });
        let side = Side {
            failed: failed.collect(),
            warnings: new_warnings(&bare.messages, &attempt.messages)
                .iter()
                .map(|warning| warning.rendered.clone())
                .collect(),
            off,
            live: Vec::new(),
        };
        Ok((attempt, side))
    }

    /// Runs the tests, and returns those that differ from the bare ones every time.
    fn differing(
        &self,
        root: &Path,
        subject: &Subject,
        bare: &Bare,
        endpoint: Option<&str>,
    ) -> Result<Vec<String>> {
        let mut found = differing(&bare.tests, &self.cargo.test(root, subject, endpoint)?);
        for _ in 0..REPETITIONS {
            if found.is_empty() {
                break;
            }
            let tests = self.cargo.test(&bare.root, subject, None)?;
            let again = differing(&tests, &self.cargo.test(root, subject, endpoint)?);
            found.retain(|test| again.contains(test));
        }
        Ok(found)
    }

    /// Returns what is appended to a crate's manifest, the same in every copy.
    fn manifest(&self, published: &str) -> String {
        let init = self.own.join("init");
        let mut added =
            format!("\n[dependencies.thrivestack]\npackage = \"wild-init\"\npath = \"{}\"\n", init.display());
        // A crate that has it already may have it optional, or without what is asked of it here.
        if !published.contains("[dependencies.tracing]") {
            added.push_str("\n[dependencies.tracing]\nversion = \"0.1\"\n");
        }
        if !published.contains("[workspace]") {
            added.push_str("\n[workspace]\n");
        }
        added
    }
}
