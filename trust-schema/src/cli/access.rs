//! `trust-schema access`

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::json;

use super::Failure;
use super::exit::Exit;
use super::explain::find::{self, Search};
use super::printer::{BAD, Format, GOOD, Printer, STRONG, WARN, counted, diagnostics_document};
use super::project::Place;
use crate::access::{self, Access, Change, Direction, FORMAT_VERSION, Principal, diff, text};
use crate::build;
use crate::catalog::{Catalog, Id, Kind};
use crate::compile::Compilation;
use crate::diagnostic::similar;
use crate::spec::printable;

/// Tell who can do what, and why
///
/// Computed from the spec alone: grants, memberships, policies, and what lies behind functions, views, triggers and foreign keys. With
/// --against it tells who gains and who loses, and fails where access widens.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema access                          everybody\n  trust-schema access authenticated            one role; also `public` and `owner`\n  trust-schema access public.notes --why       one object, with the reasons\n  trust-schema access --against generated/access/access.json\n  trust-schema access --against ../release/spec --allow widening"
)]
pub struct AccessArguments {
    /// A role or an object (`public.notes`, `add_note_v1`); everything by default
    #[arg(value_name = "ROLE|OBJECT", num_args = 1..)]
    subject: Vec<String>,
    /// Print the reasons: grants, memberships, and each step behind a function, view, trigger or foreign key
    #[arg(long)]
    why: bool,
    /// Compare with an earlier state: the folder of a spec, or an `access.json`
    #[arg(long, value_name = "DIR|FILE", value_hint = clap::ValueHint::AnyPath, conflicts_with_all = ["subject", "why"])]
    against: Option<PathBuf>,
    /// Do not fail because of this
    #[arg(long, value_name = "WHAT", value_enum, requires = "against")]
    allow: Option<Allowed>,
}

/// What a comparison may find without failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Allowed {
    /// Access that widens, and conditions that change
    Widening,
}

impl AccessArguments {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        let compilation = project.compile()?;
        let Some((access, catalog)) = told(&compilation, &project.folder(), printer) else { return Ok(Exit::Findings) };
        if let Some(against) = &self.against {
            let Some(before) = earlier(against, printer)? else { return Ok(Exit::Findings) };
            return Ok(self.compare(&before, &access, printer));
        }
        let (principal, object) = self.subject(&access, catalog)?;
        match printer.format {
            Format::Json => printer.document(&document(&access, principal.as_ref(), object.as_ref())?),
            Format::Concise | Format::Sarif | Format::Github => concise(&access, principal.as_ref(), object.as_ref(), printer),
            Format::Full => text::listing(&access, principal.as_ref(), object.as_ref(), self.why).iter().for_each(|line| {
                let heading = !line.starts_with(' ');
                printer.result(if heading { format!("{STRONG}{line}{STRONG:#}") } else { line.clone() });
            }),
        }
        Ok(Exit::Fine)
    }

    /// The role or object that is asked for.
    fn subject(&self, access: &Access, catalog: &Catalog) -> Result<(Option<Principal>, Option<Id>), Failure> {
        if self.subject.is_empty() {
            return Ok((None, None));
        }
        let subject = self.subject.join(" ");
        let principal = match subject.to_lowercase().as_str() {
            "public" => Some(Principal::Public),
            "owner" => Some(Principal::Owner),
            _ => Some(Principal::Role(subject.trim_start_matches("role ").to_owned())),
        };
        if let Some(known) = principal.filter(|principal| access.of(principal).is_some()) {
            return Ok((Some(known), None));
        }
        match find::find(catalog, &subject) {
            Search::Found(ids) if ids.len() == 1 => Ok((None, ids.first().map(|id| (*id).clone()))),
            Search::Found(ids) | Search::Ambiguous(ids) => {
                let list: String = ids.iter().map(|id| format!("\n  trust-schema access '{}'", printable(&id.to_string()))).collect();
                Err(Failure::new(format!("`{}` could mean several objects; run one of:{list}", printable(&subject))))
            }
            Search::Nothing(nearest) => {
                let roles: Vec<String> = access.principals.iter().map(|known| known.principal.to_string()).collect();
                let nearest = similar(&subject, roles.iter().map(String::as_str)).map(str::to_owned).or(nearest);
                let help = nearest.map(|nearest| format!("\ndid you mean `{}`?", printable(&nearest))).unwrap_or_default();
                Err(Failure::new(format!("no role or object is named `{}`{help}", printable(&subject))))
            }
        }
    }

    fn compare(&self, before: &Access, after: &Access, printer: &mut Printer) -> Exit {
        let changes = diff(before, after);
        let count = |direction| changes.iter().filter(|change| change.direction == direction).count();
        let (widened, changed, narrowed) = (count(Direction::Widened), count(Direction::Changed), count(Direction::Narrowed));
        if printer.format == Format::Json {
            printer.document(
                &json!({ "format_version": FORMAT_VERSION, "widened": widened, "changed": changed, "narrowed": narrowed, "changes": changes }),
            );
        } else {
            changes.iter().for_each(|change| printer.result(line(change, printer.format)));
            printer.say(format!("{widened} widened, {changed} changed, {narrowed} narrowed"));
        }
        let open = widened + changed > 0 && self.allow != Some(Allowed::Widening);
        if open && printer.format != Format::Json {
            printer.say(format!("{} to approve: run again with `--allow widening` when somebody has", counted(widened + changed, "change")));
        }
        if open { Exit::Findings } else { Exit::Fine }
    }
}

fn line(change: &Change, format: Format) -> String {
    let text = change.to_string();
    let (word, rest) = text.split_once(':').unwrap_or((&text, ""));
    let style = match change.direction {
        Direction::Widened => BAD,
        Direction::Changed => WARN,
        Direction::Narrowed => GOOD,
    };
    match (format, rest.rsplit_once(": ")) {
        // For people, what changed stands on a line of its own.
        (Format::Full, _) => {
            let head = rest.strip_suffix(&change.detail).unwrap_or(rest).trim_end_matches([' ', ':']);
            format!("{style}{word}{style:#}{}\n  {}", printable(head), change.detail)
        }
        _ => format!("{style}{word}{style:#}:{}", printable(rest)),
    }
}

/// The access of a spec that compiles; otherwise its errors are printed.
fn told<'c>(compilation: &'c Compilation, folder: &str, printer: &mut Printer) -> Option<(Access, &'c Catalog)> {
    printer.diagnostics(&compilation.diagnostics, &compilation.sources, folder);
    let Some(resolution) = &compilation.resolution else {
        if printer.format == Format::Json {
            printer.document(&diagnostics_document(&compilation.diagnostics, &compilation.sources, folder).into());
        }
        printer.say("the spec has errors, so nobody knows who could do what");
        return None;
    };
    Some((access::access(&resolution.catalog, &resolution.project.owner), &resolution.catalog))
}

/// The earlier state: another spec, or what was written for it.
fn earlier(path: &Path, printer: &mut Printer) -> Result<Option<Access>, Failure> {
    let shown = build::shown(path);
    if path.is_dir() {
        let compilation = build::compile(path)?;
        return Ok(told(&compilation, &shown, printer).map(|(access, _)| access));
    }
    let text = std::fs::read_to_string(path).map_err(|error| Failure::new(format!("`{shown}` cannot be read: {error}")))?;
    let access: Access = serde_json::from_str(&text).map_err(|error| {
        Failure::new(format!("`{shown}` is no `access.json`: {error}\n`trust-schema generate` writes one to `access/access.json`"))
    })?;
    if access.format_version != FORMAT_VERSION {
        let message = format!("`{shown}` has form {} and not {FORMAT_VERSION}: name the folder of its spec instead", access.format_version);
        return Err(Failure::new(message));
    }
    Ok(Some(access))
}

fn concise(access: &Access, principal: Option<&Principal>, object: Option<&Id>, printer: &mut Printer) {
    for known in access.principals.iter().filter(|known| principal.is_none_or(|wanted| *wanted == known.principal)) {
        for right in known.rights.iter().filter(|right| object.is_none_or(|wanted| right.object == *wanted)) {
            let line = format!("{} {} {}: ", known.principal, right.action.word(), right.object);
            printer.result(format!("{}{}", printable(&line), text::scope(right, text::plain)));
        }
    }
}

/// The whole, or what concerns one role or object.
fn document(access: &Access, principal: Option<&Principal>, object: Option<&Id>) -> Result<serde_json::Value, Failure> {
    let mut access = access.clone();
    if let Some(wanted) = principal {
        access.principals.retain(|known| known.principal == *wanted);
    }
    if let Some(wanted) = object {
        access.principals.iter_mut().for_each(|known| known.rights.retain(|right| right.object == *wanted));
        access.doors.retain(|door| door.object == *wanted);
        access.policies.retain(|policy| Id::of(Kind::Table, &policy.table) == *wanted);
        access.guards.retain(|known| known.object == *wanted);
        access.refusals.retain(|known| known.object == *wanted);
    }
    Ok(serde_json::to_value(&access)?)
}
