//! `trust-schema init`

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Failure;
use super::exit::Exit;
use super::printer::{Format, GOOD, Printer};
use crate::build::shown;
use crate::diagnostic::render::json::FORMAT_VERSION;

const SUPABASE_MODULE: &str = include_str!("supabase.toml");
const POSTGRESQL_MODULE: &str = include_str!("postgresql.toml");
/// What stands in the modules for the version of the migration: the moment of `init`, so that it follows the migrations that exist.
const VERSION: &str = "{{version}}";
const POSTGRESQL_ROLES: &str = "
# Roles that the database has and the spec names. A spec creates no role. Clients come as `api` roles: everything is revoked from them first.
[role.app]
api = true

[role.visitor]
api = true
";

/// Write a first spec that compiles
///
/// Writes `spec/trust.toml` and `spec/notes.toml`: a table, a policy, a guarded function and a smoke test. In a Supabase project (`supabase/config.toml`)
/// they use its roles and users. Existing files are never overwritten.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  trust-schema init\n  trust-schema init ~/projects/shop")]
pub struct Init {
    /// Folder of the project
    #[arg(default_value = ".", value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    folder: PathBuf,
}

impl Init {
    pub fn run(&self, printer: &mut Printer) -> Result<Exit, Failure> {
        // Without a `./` before every path.
        let folder = self.folder.strip_prefix(".").unwrap_or(&self.folder);
        let supabase = folder.join("supabase/config.toml");
        let found = fs::read_to_string(&supabase).ok();
        let name = found.as_deref().and_then(project_id).unwrap_or_else(|| folder_name(&self.folder));
        let spec = folder.join("spec");
        let files = contents(&name, found.is_some(), &jiff::Timestamp::now().strftime("%Y%m%d%H%M%S").to_string());
        let files: Vec<(PathBuf, String)> = files.into_iter().map(|(path, text)| (spec.join(path), text)).collect();
        // All are looked for before one is written.
        for (path, _) in &files {
            if fs::symlink_metadata(path).is_ok() {
                return Err(Failure::new(format!("`{}` exists, and nothing is overwritten\nrun `trust-schema generate` to compile it", shown(path))));
            }
        }
        fs::create_dir_all(&spec).map_err(|error| Failure::new(format!("could not create the folder `{}`: {error}", shown(&spec))))?;
        for (path, text) in &files {
            create(path, text)?;
        }
        if found.is_some() {
            printer.say(format!("found {}: the spec uses Supabase's roles and users", shown(&supabase)));
        }
        if printer.format == Format::Json {
            let paths: Vec<_> = files.iter().map(|(path, _)| path.to_string_lossy()).collect();
            printer.document(&json!({ "format_version": FORMAT_VERSION, "created": paths }));
        } else {
            files.iter().for_each(|(path, _)| printer.result(format!("{GOOD}+{GOOD:#} {}", shown(path))));
        }
        let elsewhere = if folder == Path::new("") { String::new() } else { format!("cd {} && ", shell_word(&shown(folder))) };
        printer.say(format!("Next: {elsewhere}trust-schema generate"));
        Ok(Exit::Fine)
    }
}

/// The files of a first spec, the project's last: without it the others are no spec.
fn contents(name: &str, supabase: bool, version: &str) -> [(&'static str, String); 2] {
    let (platform, module, roles) = if supabase { ("supabase", SUPABASE_MODULE, "") } else { ("postgresql", POSTGRESQL_MODULE, POSTGRESQL_ROLES) };
    let project = format!(
        "# The project. `trust-schema generate` compiles this folder into `generated/`, beside it.\n\n\
         [project]\nname     = \"{name}\"\nsummary  = \"Notes that belong to their author.\"\nplatform = \"{platform}\"\n{roles}"
    );
    [("notes.toml", module.replace(VERSION, version)), ("trust.toml", project)]
}

fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::new(format!("`{}` exists, and nothing is overwritten", shown(path))),
        _ => Failure::new(format!("could not write `{}`: {error}", shown(path))),
    })
}

/// A text as one word of a shell.
fn shell_word(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+~".contains(character);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// The name of a Supabase project.
fn project_id(config: &str) -> Option<String> {
    let config: toml::Table = config.parse().ok()?;
    config.get("project_id")?.as_str().and_then(project_name)
}

/// The folder's own name.
fn folder_name(folder: &Path) -> String {
    let absolute = std::path::absolute(folder).ok();
    // A path that ends in `..` has no name until it is resolved.
    let named = folder.canonicalize().ok().or(absolute);
    let name = named.as_deref().and_then(Path::file_name).and_then(|name| project_name(&name.to_string_lossy()));
    name.unwrap_or_else(|| "my-project".to_owned())
}

/// A text as the name of a project: small letters, digits and hyphens.
fn project_name(text: &str) -> Option<String> {
    let hyphened: String = text.to_lowercase().chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect();
    let name = hyphened.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;
    use crate::source::SourceFile;

    #[test]
    fn both_first_specs_compile_without_a_word() {
        for supabase in [true, false] {
            let files = contents("x", supabase, "20260101000000").map(|(path, text)| SourceFile { path: path.to_owned(), text });
            let compilation = compile(files.into());
            assert!(compilation.outputs.is_some() && compilation.diagnostics.is_empty(), "{:?}", compilation.diagnostics);
        }
    }

    #[test]
    fn a_folder_is_one_word_of_the_shell() {
        assert_eq!(shell_word("../a-b"), "../a-b");
        assert_eq!(shell_word("it's mine"), "'it'\\''s mine'");
    }

    #[test]
    fn names_are_made_of_what_is_there() {
        assert_eq!(project_name("Meine App (2)"), Some("meine-app-2".to_owned()));
        assert_eq!(project_name("\"\n"), None);
        assert_eq!(project_id("project_id = \"Shop_1\"\n"), Some("shop-1".to_owned()));
        assert_eq!(project_id("project_id = 1"), None);
    }
}
