//! The guide's page on faults names the tests that show its promises.

use std::collections::BTreeSet;
use std::path::Path;

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
fn every_test_that_the_guide_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    functions(root, &mut names);
    functions(&root.join("../thrivestack/src"), &mut names);
    functions(&root.join("../thrivestack-cli/tests"), &mut names);
    let guide = std::fs::read_to_string(root.join("../thrivestack/docs/guide/faults.md")).unwrap();
    let rows: Vec<_> = guide.lines().filter_map(|line| line.strip_suffix(" |")?.rsplit_once(" | ")).collect();
    let tests: Vec<_> = rows.iter().flat_map(|(_, tests)| tests.split('`').skip(1).step_by(2)).collect();
    assert!(tests.len() > 40, "{tests:?}");
    for test in tests {
        assert!(names.contains(test), "the guide names `{test}`, which does not exist");
    }
}
