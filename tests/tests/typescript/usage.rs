//! The compiler of TypeScript accepts right uses of the types, and refuses wrong ones.

use std::path::Path;
use std::process::Command;

use crate::node;
use crate::spec::{Compiled, repository};

/// Runs `tsc` over the types of a spec and these samples; what it says, and whether it was content.
fn check(compiled: &Compiled, samples: &[(&str, String)]) -> (bool, String) {
    let folder = node::folder();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let (database, errors) = compiled.typescript();
    write("database.types.ts", &database);
    write("errors.ts", &errors);
    write("tsconfig.json", &sample("tsconfig.json"));
    for (name, text) in samples {
        write(name, text);
    }
    let mut command = Command::new("node");
    command.arg(node::packages().join("node_modules/typescript/bin/tsc")).args(["--strict", "--project"]).arg(folder.path());
    let output = node::run(&mut command);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

fn sample(name: &str) -> String {
    let path: &Path = &repository().join("tests/typescript").join(name);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn right_uses_are_accepted_and_wrong_ones_refused() {
    let samples = [("usage.ts", sample("usage.ts")), ("wrong.ts", sample("wrong.ts"))];
    let (content, said) = check(&Compiled::trust_lite(), &samples);
    assert!(content, "{said}");
}

/// Each wrong use is refused by itself: without its mark, the compiler names its line.
#[test]
fn every_wrong_use_is_an_error_of_its_own() {
    let marked = sample("wrong.ts");
    let mark = "// @ts-expect-error";
    let wrong_lines: Vec<usize> =
        (1..).zip(marked.lines()).filter(|(_, line)| line.trim_start().starts_with(mark)).map(|(number, _)| number + 1).collect();
    assert!(wrong_lines.len() >= 8, "{wrong_lines:?}");
    let (content, said) = check(&Compiled::trust_lite(), &[("wrong.ts", marked.replace(mark, "// wrong:"))]);
    assert!(!content);
    for line in wrong_lines {
        assert!(said.contains(&format!("wrong.ts({line},")), "line {line} is accepted:\n{said}");
    }
}

#[test]
fn the_types_of_every_form_are_accepted() {
    let (content, said) = check(&Compiled::synthetic(), &[]);
    assert!(content, "{said}");
}
