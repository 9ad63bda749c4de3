//! Reading the files of a spec.

use std::collections::BTreeMap;

use toml::de::DeTable;

use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::ModuleSpec;
use crate::kinds::Section;
use crate::kinds::extension::Extension;
use crate::kinds::lint;
use crate::kinds::project::{Platform, PlatformSpec, ProjectHead, ProjectSpec};
use crate::kinds::release::ReleaseSpec;
use crate::kinds::role::Owner;
use crate::kinds::tenancy;
use crate::names::{DEFAULT_SCHEMA, Declaring, Lowering};
use crate::parallel;
use crate::source::{FileId, SourceFile, Sources, Span};
use crate::spec::{Decode, Decoder, Text};

/// Largest file of a spec: places in it are counted in 32 bits, and nobody writes one by hand.
const MAXIMUM_FILE: usize = 64 << 20;
/// The file of the project.
const PROJECT_FILE: &str = "trust.toml";
/// Where the platforms' own files stand among the sources; no file of a spec has such a path.
const PLATFORM_FOLDER: &str = "<platform>/";

const PLATFORMS: [(&str, &str); 1] = [("supabase.toml", include_str!("../platform/supabase.toml"))];

/// All files of a spec, read.
pub struct Spec {
    pub project: ProjectFile,
    /// In the order of their migrations.
    pub modules: Vec<ModuleFile>,
    /// Modules by migration.
    pub migrations: BTreeMap<String, usize>,
}

/// `trust.toml` and the platform that it names.
pub struct ProjectFile {
    pub head: ProjectHead,
    spec: ProjectSpec,
    platform: PlatformSpec,
}

/// A module.
pub struct ModuleFile {
    pub spec: ModuleSpec,
    path: String,
}

impl ModuleFile {
    pub fn default_schema(&self) -> &str {
        self.spec.module.schema.as_ref().map_or(DEFAULT_SCHEMA, |schema| schema.value.as_str())
    }

    pub fn describe(&self) -> super::Module {
        super::Module {
            migration: self.spec.module.migration.value.clone(),
            summary: self.spec.module.summary.as_ref().map(|summary| summary.value.clone()).unwrap_or_default(),
            file: self.path.clone(),
        }
    }
}

impl ProjectFile {
    /// `[release]`.
    pub fn release(&self) -> Option<&ReleaseSpec> {
        self.spec.release.as_ref()
    }

    pub fn declare(&self, declaring: &mut Declaring<'_>) {
        declaring.external(&self.platform.external);
        declaring.external(&self.spec.external);
        declaring.private_schema(self.head.private_schema.as_ref());
        for (name, role) in self.platform.role.iter().chain(self.spec.role.iter()) {
            declaring.role(name, role);
        }
        self.spec.schema.declare(declaring);
    }

    /// Adds what the project declares, and says what is known of the owner.
    pub fn lower(&self, lowering: &mut Lowering<'_>) -> Owner {
        for (name, role) in self.platform.role.iter().chain(self.spec.role.iter()) {
            role.lower(name, lowering);
        }
        self.spec.schema.lower(lowering);
        for (name, extension) in self.spec.extension.iter() {
            lowering.plain_name(&extension.schema);
            let extension = Extension { name: name.value.clone(), schema: extension.schema.value.clone() };
            lowering.add(extension, Default::default(), name.span);
        }
        for restore in self.spec.release.iter().flat_map(|release| &release.restores) {
            lowering.one_expression(&restore.value.0);
        }
        let tenancy = self.spec.tenancy.as_ref().and_then(|tenancy| tenancy::lower(tenancy, lowering));
        lowering.operations().tenancy = tenancy;
        lowering.operations().lint = lint::lower(&self.spec.lint);
        self.spec.owner.as_ref().or(self.platform.owner.as_ref()).map(|owner| owner.lower(lowering)).unwrap_or_default()
    }
}

/// Adds the platforms' own files to those of a spec.
pub fn with_platforms(mut files: Vec<SourceFile>) -> Vec<SourceFile> {
    files.extend(PLATFORMS.iter().map(|(name, text)| SourceFile { path: format!("{PLATFORM_FOLDER}{name}"), text: (*text).to_owned() }));
    files
}

/// Reads all files; reports every mistake of all of them.
pub fn read(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Option<Spec> {
    let is_module = |path: &str| path.ends_with(".toml") && path != PROJECT_FILE && !path.starts_with(PLATFORM_FOLDER);
    let files: Vec<(FileId, &SourceFile)> = sources.iter().filter(|(_, source)| is_module(&source.path)).collect();
    let read = parallel::map(&files, |_, (file, source)| {
        let mut diagnostics = Vec::new();
        (read_file::<ModuleSpec>(*file, source, &mut diagnostics), diagnostics)
    });
    let mut modules = Vec::with_capacity(files.len());
    for ((spec, told), (_, source)) in read.into_iter().zip(&files) {
        diagnostics.extend(told);
        modules.extend(spec.map(|spec| ModuleFile { spec, path: source.path.clone() }));
    }
    let project = read_project(sources, diagnostics);
    modules.sort_by(|a, b| a.spec.module.migration.value.cmp(&b.spec.module.migration.value));
    let mut migrations: BTreeMap<String, usize> = BTreeMap::new();
    let mut versions: BTreeMap<String, Span> = BTreeMap::new();
    for (index, module) in modules.iter().enumerate() {
        let migration = &module.spec.module.migration;
        if let Some(diagnostic) = no_migration(migration) {
            diagnostics.push(diagnostic);
            continue;
        }
        // The Supabase CLI tells migrations apart by the digits alone.
        let version = migration.value.split('_').next().unwrap_or_default().to_owned();
        if let Some(first) = versions.insert(version.clone(), migration.span) {
            let message = format!("two modules have the migration version {version}");
            diagnostics.push(Diagnostic::error(&codes::DUPLICATE_NAME, message, migration.span).label(first, "first declared here"));
        }
        migrations.insert(migration.value.clone(), index);
    }
    Some(Spec { project: project?, modules, migrations })
}

fn read_project(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Option<ProjectFile> {
    let Some((file, source)) = sources.find(PROJECT_FILE) else {
        let help = "`trust-schema init` writes one";
        diagnostics.push(Diagnostic::global(&codes::NO_PROJECT, format!("the spec has no `{PROJECT_FILE}`")).help(help));
        return None;
    };
    let spec = read_file::<ProjectSpec>(file, source, diagnostics)?;
    let platform = match spec.project.platform {
        Platform::Supabase => {
            let (file, source) = sources.find(&format!("{PLATFORM_FOLDER}supabase.toml"))?;
            read_file::<PlatformSpec>(file, source, diagnostics)?
        }
        Platform::Postgresql => PlatformSpec::default(),
    };
    Some(ProjectFile { head: spec.project.clone(), spec, platform })
}

/// Reads one file. Syntax errors are told one for each line: a single slip often cascades.
fn read_file<T: Decode>(file: FileId, source: &SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Option<T> {
    if source.text.len() > MAXIMUM_FILE {
        let message = format!("the file is larger than {} MiB", MAXIMUM_FILE >> 20);
        diagnostics.push(Diagnostic::error(&codes::TOO_LARGE, message, Span::new(file, 0..0)));
        return None;
    }
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let mut last_line = None;
    let mut failed = false;
    for error in errors {
        failed = true;
        let range = error.span().unwrap_or(0..0);
        let line = source.text.get(..range.start).map(|before| before.bytes().filter(|byte| *byte == b'\n').count());
        if line.is_some() && line == last_line {
            continue;
        }
        last_line = line;
        diagnostics.push(Diagnostic::error(&codes::TOML_SYNTAX, error.message().trim().replace('\n', ", "), Span::new(file, range)));
    }
    if failed {
        return None;
    }
    let span = table.span();
    let value = toml::Spanned::new(span, toml::de::DeValue::Table(table.into_inner()));
    T::decode(&value, &mut Decoder::new(file, diagnostics))
}

/// What is told of a text that cannot be the name of a migration.
pub fn no_migration(name: &Text) -> Option<Diagnostic> {
    let message = || format!("`{}` is no name of a migration", crate::spec::printable(&name.value));
    let help = "write `<yyyymmddhhmmss>_<name>`, the name in small letters, digits and `_`, for example `20260224020001_tenants`";
    (!is_migration(&name.value)).then(|| Diagnostic::error(&codes::BAD_MIGRATION, message(), name.span).help(help))
}

/// `<yyyymmddhhmmss>_<name>`, with nothing in it that a path could be made of.
fn is_migration(text: &str) -> bool {
    let Some((version, name)) = text.split_once('_') else { return false };
    version.len() == 14
        && version.bytes().all(|byte| byte.is_ascii_digit())
        && is_time(version)
        && !name.is_empty()
        && text.len() <= 120
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `yyyymmddhhmmss` with a month, day, hour, minute and second that exist.
fn is_time(version: &str) -> bool {
    let part = |range: std::ops::Range<usize>| version.get(range).and_then(|digits| digits.parse::<u32>().ok());
    let within = |range: std::ops::Range<usize>, low: u32, high: u32| part(range).is_some_and(|number| (low..=high).contains(&number));
    within(4..6, 1, 12) && within(6..8, 1, 31) && within(8..10, 0, 23) && within(10..12, 0, 59) && within(12..14, 0, 59)
}
