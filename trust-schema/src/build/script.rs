//! The whole of a build script.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use super::{Comparison, Difference, Error, MANIFEST, Options, check, check_folders, compile_into, difference, persist};
use crate::compile::Compilation;
use crate::diagnostic::render::full::{self, Style};
use crate::diagnostic::{Severity, render};
use crate::emit::Files;
use crate::release::LOCK;

/// The variables that forbid writing.
const FREEZING: [&str; 2] = ["CI", "TRUST_SCHEMA_FROZEN"];
/// Lines of each difference in the output of a failed build.
const LINES: usize = 20;
/// How far before its start a script dates what it writes, see [`run`].
const BACKDATED: Duration = Duration::from_secs(1);

/// Compiles the spec in one folder into another, as a build script: tells cargo what to watch, writes what changed, and fails with the
/// diagnostics where the spec has errors. With `CI` or `TRUST_SCHEMA_FROZEN` set (to anything but nothing, `0` or `false`) it writes nothing
/// and fails where an output is not fresh. Paths are relative to the package.
///
/// Outputs are watched too, so that one that was changed by hand is noticed. Cargo runs a script again if a watched file is newer than the moment
/// *before* the script's last start; a file that the script itself has just written always is. So what it writes is dated one second
/// before the start. Nothing is missed by that: cargo compiles a package anew whenever its script has run.
pub fn run(spec: impl AsRef<Path>, output: impl AsRef<Path>) -> ExitCode {
    let start = SystemTime::now();
    match build(spec.as_ref(), output.as_ref(), start.checked_sub(BACKDATED)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the environment forbids writing.
pub fn is_frozen(variable: impl Fn(&str) -> Option<String>) -> bool {
    FREEZING.iter().filter_map(|name| variable(name)).any(|value| !matches!(value.trim().to_lowercase().as_str(), "" | "0" | "false"))
}

fn build(spec: &Path, output: &Path, modified: Option<SystemTime>) -> Result<(), String> {
    println!("cargo::rerun-if-changed={}", spec.display());
    for variable in FREEZING {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let told = |error: Error| error.to_string();
    check_folders(spec, output).map_err(told)?;
    let compilation = compile_into(spec, output).map_err(told)?;
    let folder = spec.display().to_string();
    for diagnostic in compilation.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning) {
        println!("cargo::warning={}", render::concise::render(diagnostic, &compilation.sources, &folder));
    }
    let Some(outputs) = &compilation.outputs else { return Err(errors(&compilation, &folder)) };
    for path in outputs.iter().map(|(path, _)| path).chain([MANIFEST, LOCK]) {
        println!("cargo::rerun-if-changed={}", output.join(path).display());
    }
    if is_frozen(|name| std::env::var(name).ok()) {
        let comparison = check(output, outputs).map_err(told)?;
        return if comparison.is_fresh() { Ok(()) } else { Err(stale(&comparison, outputs, output)) };
    }
    persist(output, outputs, Options { modified, observe: None }).map(|_| ()).map_err(told)
}

fn errors(compilation: &Compilation, folder: &str) -> String {
    let errors: Vec<_> = compilation.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect();
    let mut text: String = errors.iter().map(|error| format!("{}\n\n", full::render(error, &compilation.sources, folder, Style::Plain))).collect();
    text.push_str(&format!("the spec in `{folder}` has {}", count(errors.len(), "error")));
    text
}

fn stale(comparison: &Comparison, outputs: &Files, output: &Path) -> String {
    let mut text =
        format!("the outputs in `{}` are not what the spec compiles to, and CI or TRUST_SCHEMA_FROZEN forbids writing them:\n", output.display());
    if comparison.interrupted {
        text.push_str("  an earlier run was interrupted while it wrote\n");
    }
    for (path, difference) in &comparison.differences {
        text.push_str(&format!("  {} {}\n", word(difference), crate::spec::printable(path)));
    }
    for path in &comparison.strangers {
        text.push_str(&format!("  stranger {}: remove it\n", crate::spec::printable(path)));
    }
    for (path, difference) in comparison.differences.iter().filter(|(path, _)| *path != MANIFEST) {
        let wanted = outputs.0.get(path).map(String::as_str).unwrap_or_default();
        for line in difference::lines(path, difference, wanted, LINES) {
            text.push_str(&format!("{line}\n"));
        }
    }
    text.push_str("run `trust-schema generate`, and commit the result");
    text
}

/// One word for a difference, of equal width.
fn word(difference: &Difference) -> &'static str {
    match difference {
        Difference::Missing => "missing ",
        Difference::Changed(_) => "changed ",
        Difference::Leftover(_) => "leftover",
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::is_frozen;

    #[test]
    fn only_a_variable_that_says_so_freezes() {
        let with = |name: &'static str, value: &'static str| is_frozen(move |asked| (asked == name).then(|| value.to_owned()));
        for value in ["1", "true", "TRUE", "yes"] {
            assert!(with("CI", value) && with("TRUST_SCHEMA_FROZEN", value), "{value}");
        }
        for value in ["", " ", "0", "false", "False"] {
            assert!(!with("CI", value) && !with("TRUST_SCHEMA_FROZEN", value), "{value}");
        }
        assert!(!with("CIRCLE", "1"));
    }
}
