//! The pages of the documentation that list facts, compared with the facts. `just bless` writes them anew.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use thrivestack_core::environment::VARIABLES;
use thrivestack_core::events::STANDARD_EVENTS;
use thrivestack_core::flows::{FLOWS, Flow};
use thrivestack_core::group_types::GROUP_TYPES;
use thrivestack_core::rules::{Check, Part, RULES, Rule};

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)
}

fn read(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap()
}

/// Compares what stands between the two marks of a file with `expected`, or writes it there.
fn compare(file: &str, mark: &str, expected: &str) {
    let text = read(file);
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- end of {mark} -->"));
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{file} has no `{begin}`"));
    let (found, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{file} has no `{end}`"));
    if std::env::var_os("TRYBUILD").is_some_and(|value| value == "overwrite") {
        std::fs::write(path(file), format!("{before}{begin}{expected}{end}{after}")).unwrap();
    } else {
        assert!(found == expected, "the {mark} in {file} are old: run `just bless`\n{expected}");
    }
}

fn part(rule: &Rule) -> String {
    match rule.part {
        Part::Numbered(number) => number.to_string(),
        Part::EuCompliance => "EU".to_owned(),
        Part::FiringOrder => "order".to_owned(),
    }
}

fn checked(rule: &Rule) -> String {
    let checks: Vec<_> = rule
        .checks
        .iter()
        .map(|check| match check {
            Check::Error(word) => format!("error, unless `allow({word})`"),
            Check::Rejected => "rejected where it is missing".to_owned(),
            Check::Warning => "warning".to_owned(),
            Check::Breach => "breach".to_owned(),
            Check::Hint => "hint".to_owned(),
            Check::Kept(how) => format!("kept: {how}"),
            Check::NotDecidable(_) => "not in every case, see below".to_owned(),
        })
        .collect();
    checks.join("; ")
}

#[test]
fn the_guide_lists_every_rule_as_it_is_checked() {
    let mut table = "| | rule | text | checked | page |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for rule in RULES {
        let Rule { id, text, source, date, .. } = rule;
        writeln!(table, "| {} | `{id}` | {text} | {} | {source}, {date} |", part(rule), checked(rule))
            .unwrap();
    }
    compare("thrivestack/docs/guide/rules.md", "rules", &table);

    let mut undecidable = "| rule | why |\n| --- | --- |\n".to_owned();
    for rule in RULES {
        for check in rule.checks {
            if let Check::NotDecidable(why) = check {
                writeln!(undecidable, "| `{}` | {why} |", rule.id).unwrap();
            }
        }
    }
    compare("thrivestack/docs/guide/rules.md", "rules that are not decidable", &undecidable);

    let mut older = "| rule | older wording |\n| --- | --- |\n".to_owned();
    for rule in RULES {
        if let Some(wording) = rule.older {
            writeln!(older, "| `{}` | {wording} |", rule.id).unwrap();
        }
    }
    compare("thrivestack/docs/guide/rules.md", "older wordings", &older);
}

fn step(step: &str) -> String {
    match step {
        "identify" => step.to_owned(),
        "group (Account)" => "group (`Account`)".to_owned(),
        group if group.starts_with("group") => group.to_owned(),
        event => format!("`{event}`"),
    }
}

fn order(flow: &Flow) -> String {
    let order: Vec<_> = flow.order.iter().map(|name| step(name)).collect();
    let mut order = if order.is_empty() { "nothing".to_owned() } else { order.join(", ") };
    for event in flow.anywhere {
        write!(order, "; {} in the same handler, where the registration completes", step(event)).unwrap();
    }
    order
}

#[test]
fn the_guide_has_the_firing_order_of_every_flow() {
    let mut table = "| flow | order |\n| --- | --- |\n".to_owned();
    for flow in FLOWS {
        writeln!(table, "| {} | {} |", flow.name, order(flow)).unwrap();
    }
    compare("thrivestack/docs/guide/which_call_when.md", "flows", &table);
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_attribute_s_page_lists_every_standard_event() {
    let mut table =
        "| standard event | when | required properties | closed lists |\n| --- | --- | --- | --- |\n"
            .to_owned();
    for event in STANDARD_EVENTS {
        let required = quoted(&[event.required, event.required_unless_eu].concat());
        let lists: Vec<_> =
            event.values.iter().map(|(name, values)| format!("`{name}`: {}", quoted(values))).collect();
        writeln!(table, "| `{}` | {} | {required} | {} |", event.name, event.when, lists.join("; ")).unwrap();
    }
    compare("thrivestack/docs/track_event.md", "standard events", &table);
}

#[test]
fn the_groups_page_lists_every_documented_type() {
    let page = read("thrivestack/docs/group.md");
    for group_type in GROUP_TYPES {
        assert!(page.contains(&format!("`{group_type}`")), "add `{group_type}` to thrivestack/docs/group.md");
    }
}

#[test]
fn the_documentation_of_the_environment_has_every_variable() {
    let source = read("thrivestack/src/config/environment.rs");
    for variable in VARIABLES {
        let row = format!("/// | `{}` | ", variable.name);
        assert!(source.contains(&row), "add `{}` to thrivestack/src/config/environment.rs", variable.name);
    }
}

/// Every message that names a rule is shown by a compile-fail test.
#[test]
fn every_rule_of_the_compiler_s_is_broken_in_a_compile_fail_test() {
    let mut messages = String::new();
    for folder in ["attribute", "track", "derive"] {
        for file in std::fs::read_dir(path("tests/ui").join(folder)).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "stderr") {
                messages += &std::fs::read_to_string(file).unwrap();
            }
        }
    }
    for rule in RULES {
        if let Some(word) = rule.allowed_by() {
            let named = format!("(rule `{}`, or `allow({word})`)", rule.id);
            assert!(messages.contains(&named), "no test in tests/ui shows {named}");
        }
    }
}
