//! Runs cargo in a copy of a crate, and reads what it says.

use std::collections::BTreeMap;
use std::io::{Read, pipe};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Result;
use crate::subjects::Subject;

/// An error or a warning.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) is_error: bool,
    /// The error's code or the lint's name; an error of a macro has none.
    pub(crate) code: Option<String>,
    /// The first line of it.
    pub(crate) text: String,
    /// All that the compiler prints.
    pub(crate) rendered: String,
    /// The places that it points at, the most important first.
    pub(crate) places: Vec<(String, usize)>,
}

/// The results of a crate's tests by binary and name.
pub(crate) type Tests = BTreeMap<(String, String), String>;

/// The folder for everything that is built, which all copies share, and the endpoint of the live runs.
pub(crate) struct Cargo<'a> {
    pub(crate) target: &'a Path,
}

impl Cargo<'_> {
    /// Returns what the compiler and clippy say of the library and the tests: the one may see another expansion than the
    /// other. Clippy is not asked about what does not compile.
    pub(crate) fn messages(&self, root: &Path, subject: &Subject) -> Result<Vec<Message>> {
        let mut messages = self.checked("check", root, subject)?;
        if !messages.iter().any(|message| message.is_error) {
            messages.extend(self.checked("clippy", root, subject)?);
        }
        Ok(messages)
    }

    fn checked(&self, verb: &str, root: &Path, subject: &Subject) -> Result<Vec<Message>> {
        let mut command = self.command(root, verb, subject);
        command.args(["--message-format=json", "--keep-going"]);
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
        let manifest = root.join("Cargo.toml");
        let messages: Vec<Message> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|said| said["reason"] == "compiler-message")
            .filter(|said| said["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest))
            .filter_map(|said| message(&said["message"]))
            .collect();
        if !output.status.success() && !messages.iter().any(|message| message.is_error) {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(messages)
    }

    /// Runs the tests, with a live client if there is an endpoint.
    pub(crate) fn test(&self, root: &Path, subject: &Subject, endpoint: Option<&str>) -> Result<Tests> {
        let mut command = self.command(root, "test", subject);
        command
            .args(["--no-fail-fast", "--"])
            .args(subject.left_out.iter().flat_map(|name| ["--skip", name]));
        if let Some(endpoint) = endpoint {
            command.env("WILD_ENDPOINT", endpoint);
        }
        // One pipe for both: the names of the binaries are on one, the results on the other.
        let (mut reader, writer) = pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn()?;
        drop(command);
        let mut said = Vec::new();
        reader.read_to_end(&mut said)?;
        child.wait()?;
        let said = String::from_utf8_lossy(&said);
        let tests = results(&said);
        if tests.is_empty() {
            return Err(format!("no test was run in {}:\n{said}", root.display()).into());
        }
        Ok(tests)
    }

    fn command(&self, root: &Path, verb: &str, subject: &Subject) -> Command {
        // A test that hangs ends the run with what it has found so far.
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", "1200", "cargo", verb, "--lib", "--tests"]).args(subject.features);
        command
            .current_dir(root)
            .env("CARGO_TARGET_DIR", self.target)
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_TEST_DEBUG", "0")
            // What a crate denies would hide what comes after it.
            .env("RUSTFLAGS", "--cap-lints=warn")
            .env_remove("WILD_ENDPOINT")
            .stdin(Stdio::null());
        command
    }
}

fn message(said: &Value) -> Option<Message> {
    let is_error = match said["level"].as_str()? {
        "warning" => false,
        level if level.starts_with("error") => true,
        _ => return None,
    };
    let mut places = Vec::new();
    let spans = said["spans"].as_array()?;
    let (primary, others): (Vec<&Value>, Vec<&Value>) =
        spans.iter().partition(|span| span["is_primary"] == true);
    primary.into_iter().chain(others).for_each(|span| add_places(span, &mut places));
    let children = said["children"].as_array().into_iter().flatten();
    children
        .filter_map(|child| child["spans"].as_array())
        .flatten()
        .for_each(|span| add_places(span, &mut places));
    // "aborting due to .. previous errors" points at nothing.
    (!places.is_empty()).then(|| Message {
        is_error,
        code: said["code"]["code"].as_str().map(str::to_owned),
        text: said["message"].as_str().unwrap_or_default().to_owned(),
        rendered: said["rendered"].as_str().unwrap_or_default().to_owned(),
        places,
    })
}

/// Adds the place of a span, and those of the macros that it comes from.
fn add_places(span: &Value, places: &mut Vec<(String, usize)>) {
    if let (Some(file), Some(line)) = (span["file_name"].as_str(), span["line_start"].as_u64()) {
        places.push((file.to_owned(), usize::try_from(line).unwrap_or(usize::MAX)));
        add_places(&span["expansion"]["span"], places);
    }
}

/// Reads the results out of what `cargo test` prints.
fn results(said: &str) -> Tests {
    let mut tests = Tests::new();
    let mut binary = String::new();
    for line in said.lines() {
        if let Some((name, _)) =
            line.trim_start().strip_prefix("Running ").and_then(|rest| rest.split_once(" ("))
        {
            name.clone_into(&mut binary);
        } else if let Some((name, result)) =
            line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... "))
        {
            // What a test prints may stand in between.
            let result = ["ok", "FAILED", "ignored"].iter().find(|known| result.starts_with(**known));
            tests.insert((binary.clone(), name.to_owned()), result.copied().unwrap_or("unknown").to_owned());
        }
    }
    tests
}

#[cfg(test)]
mod tests {
    use super::results;

    #[test]
    fn results_are_read_by_binary_and_name() {
        let said = "
     Running unittests src/lib.rs (target/debug/deps/bytes-1)
test a::b ... ok
test c - should panic ... FAILED
     Running tests/it.rs (target/debug/deps/it-2)
test a::b ... ignored, slow
test result: ok. 1 passed
";
        let tests = results(said);
        let result = |binary: &str, name: &str| tests[&(binary.to_owned(), name.to_owned())].as_str();
        assert_eq!(tests.len(), 3);
        assert_eq!(result("unittests src/lib.rs", "a::b"), "ok");
        assert_eq!(result("unittests src/lib.rs", "c - should panic"), "FAILED");
        assert_eq!(result("tests/it.rs", "a::b"), "ignored");
    }
}
