//! `trust-schema lint --fix`

use serde_json::json;

use crate::build::{self, difference};
use crate::cli::Failure;
use crate::cli::printer::{Format, GOOD, PLACE, Printer, WARN, counted};
use crate::cli::project::Project;
use crate::fix::{self, Fixed, Mended};

/// Makes the edits, and puts them on the disk unless they are to be shown only. What is still found is left to the caller.
pub fn run(project: &Project, is_dry: bool) -> Result<Fixed, Failure> {
    let loaded = build::load(&project.spec)?;
    let released = match build::released(&project.output)? {
        Ok(released) => released,
        Err(diagnostic) => return Err(Failure::new(diagnostic.message)),
    };
    if let Some(diagnostic) = loaded.diagnostics.first() {
        return Err(Failure::new(diagnostic.message.clone()));
    }
    let fixed = fix::fix(loaded.files, released);
    if !is_dry && !fixed.changed.is_empty() {
        build::rewrite(&project.spec, &fixed.changed)?;
    }
    Ok(fixed)
}

/// Tells what was changed, or, where nothing was, what would be.
pub fn print(fixed: &Fixed, is_dry: bool, folder: &str, printer: &mut Printer) {
    if !matches!(printer.format, Format::Full | Format::Concise) {
        return;
    }
    let place = |mended: &Mended| format!("{PLACE}{folder}/{}:{}{PLACE:#}", mended.path, mended.line);
    let word = if is_dry { "would mend" } else { "mended" };
    for mended in &fixed.mended {
        printer.result(format!("{GOOD}{word}{GOOD:#} {}: {} [{}]", place(mended), mended.message, mended.name));
    }
    for (mended, why) in &fixed.kept_out {
        printer.result(format!("{WARN}not mended{WARN:#} {}: {} [{}]: {why}", place(mended), mended.message, mended.name));
    }
    if is_dry {
        for file in &fixed.changed {
            for line in difference::between([&format!("a/{folder}/{}", file.path), &format!("b/{folder}/{}", file.path)], &file.before, &file.now) {
                printer.difference(&line);
            }
        }
    }
    let files = counted(fixed.changed.len(), "file");
    match (fixed.mended.len(), is_dry) {
        (0, _) => printer.say("nothing that has exactly one safe edit"),
        (count, true) => printer.say(format!("{} would be mended in {files}; nothing was written", counted(count, "finding"))),
        (count, false) => printer.say(format!("{} mended in {files}; `trust-schema generate` compiles them", counted(count, "finding"))),
    }
}

/// For programs.
pub fn document(fixed: &Fixed, folder: &str) -> serde_json::Value {
    let finding = |mended: &Mended| json!({ "code": mended.code, "name": mended.name, "message": mended.message, "file": format!("{folder}/{}", mended.path), "line": mended.line });
    let files: Vec<String> = fixed.changed.iter().map(|file| format!("{folder}/{}", file.path)).collect();
    let kept_out = fixed.kept_out.iter().map(|(mended, why)| {
        let mut item = finding(mended);
        item["why"] = why.as_str().into();
        item
    });
    json!({ "files": files, "mended": fixed.mended.iter().map(finding).collect::<Vec<_>>(), "not_mended": kept_out.collect::<Vec<_>>() })
}
