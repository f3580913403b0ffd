//! The guide's page on faults names the tests that show its promises.

use std::collections::BTreeSet;
use std::path::Path;

/// The names of the hosts, which are packages.
fn hosts(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let manifest = std::fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).unwrap();
        let name = manifest.lines().find_map(|line| line.strip_prefix("name = "));
        names.extend(name.map(|name| name.trim_matches('"').to_owned()));
    }
}

/// The names of all functions in the Rust files below a folder.
fn functions(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(path).unwrap();
            let after = source.split("fn ").skip(1);
            names.extend(after.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned())));
        }
    }
}

#[test]
fn the_readme_has_the_guide_s_tables_of_tls() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let (guide, readme) = (read("../thrivestack/docs/guide/tls.md"), read("../README.md"));
    let rows: Vec<_> = guide.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 15, "{rows:?}");
    for row in rows {
        assert!(readme.lines().any(|line| line == row), "the README lacks `{row}`");
    }
}

#[test]
fn every_test_that_the_guide_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    functions(root, &mut names);
    functions(&root.join("../thrivestack/src"), &mut names);
    functions(&root.join("../thrivestack-local/tests"), &mut names);
    functions(&root.join("../thrivestack-cli/tests"), &mut names);
    hosts(&root.join("hosts/rows"), &mut names);
    let guide = std::fs::read_to_string(root.join("../thrivestack/docs/guide/faults.md")).unwrap();
    let rows: Vec<_> = guide.lines().filter_map(|line| line.strip_suffix(" |")?.rsplit_once(" | ")).collect();
    let tests: Vec<_> = rows.iter().flat_map(|(_, tests)| tests.split('`').skip(1).step_by(2)).collect();
    assert!(tests.len() > 40, "{tests:?}");
    for test in tests {
        assert!(names.contains(test), "the guide names `{test}`, which does not exist");
    }
}
