//! The shape of the code: who may import whom, how long a file may be, what the core never does.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the compiler, lowest first: each imports only what stands before it. `catalog` and `kinds` know each other, since the
/// Catalog's objects are the kinds' values, and `names` is the means by which kinds resolve themselves.
const LAYERS: &[&[&str]] = &[
    &["source", "sql", "parallel", "hash"],
    &["diagnostic"],
    &["spec"],
    &["catalog", "kinds", "names", "contract", "operations"],
    &["plpgsql"],
    &["plan"],
    &["evolution", "release"],
    &["resolve"],
    &["lint"],
    &["access"],
    &["scripts"],
    &["reference"],
    &["emit"],
    &["compile"],
    &["fix"],
    &["import"],
    &["build", "live"],
    &["cli"],
];

/// Longest file, without its tests. The aim is 400.
const MAXIMUM_LINES: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Files of a crate's sources with their module path below `src`.
fn sources(crate_name: &str) -> Vec<(String, String)> {
    let folder = root().join(crate_name).join("src");
    let mut files = Vec::new();
    rust_files(&folder, &mut files);
    files.sort();
    files
        .into_iter()
        // What is emitted verbatim is no part of the compiler: `const` checks in it panic at compile time.
        .filter(|path| !path.to_string_lossy().ends_with("tests.rs") && !path.to_string_lossy().contains("emit/rust/support"))
        .map(|path| {
            let name = path.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The text before the tests of a file.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

#[test]
fn every_module_has_a_layer_and_imports_only_lower_ones() {
    let mut problems = Vec::new();
    for (file, text) in sources("trust-schema") {
        let module = file.split('/').next().unwrap().trim_end_matches(".rs");
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let Some(own) = layer(module) else {
            problems.push(format!("{file}: module `{module}` stands in no layer"));
            continue;
        };
        for (number, line) in without_tests(&text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for import in line.split("crate::").skip(1) {
                let used: String = import.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if layer(&used).is_some_and(|used| used > own) {
                    problems.push(format!("{file}:{}: `{module}` imports `{used}`, which stands above it", number + 1));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let mut problems = Vec::new();
    for crate_name in ["trust-schema", "trust-macros", "tests"] {
        for (file, text) in sources(crate_name) {
            let lines = without_tests(&text).lines().count();
            if lines > MAXIMUM_LINES {
                problems.push(format!("{crate_name}/src/{file}: {lines} lines"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_core_does_no_input_or_output() {
    const BANNED: &[&str] = &[
        "std::fs",
        "std::env",
        "std::process",
        "std::io",
        "std::net::Tcp",
        "std::net::Udp",
        "std::time",
        "println!",
        "eprintln!",
        "print!(",
        "dbg!",
    ];
    let mut problems = Vec::new();
    for (file, text) in sources("trust-schema") {
        let module = file.split('/').next().unwrap().trim_end_matches(".rs");
        if ["build", "cli", "live", "main"].contains(&module) {
            continue;
        }
        for (number, line) in without_tests(&text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if let Some(word) = BANNED.iter().find(|word| line.contains(*word)) {
                problems.push(format!("{file}:{}: {word}", number + 1));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_source_can_panic_on_input() {
    const BANNED: &[&str] = &[".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!("];
    let mut problems = Vec::new();
    for crate_name in ["trust-schema", "trust-macros"] {
        for (file, text) in sources(crate_name) {
            for (number, line) in without_tests(&text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                if let Some(word) = BANNED.iter().find(|word| line.contains(*word)) {
                    problems.push(format!("{crate_name}/src/{file}:{}: {word}", number + 1));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_compiler_knows_nothing_of_trust_lite() {
    // Words of the first system's own, which no general compiler would have.
    const WORDS: &[&str] = &["trust_profiles", "risk_event", "delegation", "rate_limit", "tenant_members", "trust_private", "phase1"];
    let mut problems = Vec::new();
    for (file, text) in sources("trust-schema") {
        let lines = without_tests(&text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        for (number, line) in lines {
            if let Some(word) = WORDS.iter().find(|word| line.contains(*word)) {
                problems.push(format!("{file}:{}: {word}", number + 1));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
