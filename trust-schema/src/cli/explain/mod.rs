//! `trust-schema explain`

pub mod find;
mod object;

use serde_json::json;

use super::Failure;
use super::exit::Exit;
use super::markdown;
use super::printer::{BAD, Format, Printer, STRONG, diagnostics_document};
use super::project::Place;
use crate::diagnostic::render::json::FORMAT_VERSION;
use crate::diagnostic::{Code, codes, similar};
use crate::lint::{self, Rule};
use crate::reference;
use crate::spec::printable;

use find::Search;

/// Explain an error code, or an object of the spec
///
/// Of an object: its SQL, where it is declared, who may do what with it, what it needs and what needs it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema explain TS0203\n  trust-schema explain unknown-name\n  trust-schema explain public.notes\n  trust-schema explain 'policy public.notes.authors_read_their_notes'\n  trust-schema explain --list"
)]
pub struct Explain {
    /// A code (`TS0203`, `unknown-name`) or an object (`public.notes`, `table public.notes`, `add_note_v1`)
    #[arg(value_name = "CODE|OBJECT", required_unless_present_any = ["list", "rules"], num_args = 1..)]
    subject: Vec<String>,
    /// List all codes
    #[arg(long, conflicts_with = "subject")]
    list: bool,
    /// List all rules of `lint`
    #[arg(long, conflicts_with_all = ["subject", "list"])]
    rules: bool,
}

impl Explain {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        if self.rules {
            list(lint::rules::all().map(|rule| &rule.code), printer);
            return Ok(Exit::Fine);
        }
        if self.list {
            list(codes::ALL.iter().copied(), printer);
            return Ok(Exit::Fine);
        }
        // Unquoted, `table public.notes` comes as two words.
        let subject = self.subject.join(" ");
        if let Some(code) = codes::find(&subject) {
            explain_code(code, printer);
            return Ok(Exit::Fine);
        }
        if let Some(rule) = lint::find(&subject) {
            explain_rule(rule, printer);
            return Ok(Exit::Fine);
        }
        if looks_like_code(&subject) {
            let known = codes::ALL.iter().map(|code| code.id).chain(lint::rules::all().map(Rule::id));
            return Err(unknown(&subject, "code", similar(&subject, known)));
        }
        let project = place.find()?;
        let compilation = project.compile()?;
        printer.diagnostics(&compilation.diagnostics, &compilation.sources, &project.folder());
        let Some(resolution) = &compilation.resolution else {
            if printer.format == Format::Json {
                printer.document(&diagnostics_document(&compilation.diagnostics, &compilation.sources, &project.folder()).into());
            }
            printer.say("the spec has errors, so its objects are not known");
            return Ok(Exit::Findings);
        };
        match find::find(&resolution.catalog, &subject) {
            Search::Found(ids) => {
                let view = object::View::new(resolution, &compilation.sources, project.folder());
                if printer.format == Format::Json {
                    let objects: Vec<_> = ids.iter().map(|id| view.document(id)).collect();
                    printer.document(&json!({ "format_version": FORMAT_VERSION, "objects": objects }));
                } else {
                    for (index, id) in ids.iter().enumerate() {
                        if index > 0 {
                            printer.result("");
                        }
                        view.print(id, printer);
                    }
                }
                Ok(Exit::Fine)
            }
            Search::Ambiguous(ids) => {
                let list: String = ids.iter().map(|id| format!("\n  trust-schema explain '{}'", printable(&id.to_string()))).collect();
                Err(Failure::new(format!("`{}` could mean several objects; run one of:{list}", printable(&subject))))
            }
            Search::Nothing(nearest) => {
                let nearest = nearest
                    .or_else(|| similar(&subject, codes::ALL.iter().map(|code| code.name)).or_else(|| lint::nearest(&subject)).map(str::to_owned));
                Err(unknown(&subject, "code or object", nearest.as_deref()))
            }
        }
    }
}

fn looks_like_code(subject: &str) -> bool {
    let (letters, digits) = subject.split_at_checked(2).unwrap_or_default();
    (letters.eq_ignore_ascii_case("ts") || letters.eq_ignore_ascii_case("tl"))
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn unknown(subject: &str, what: &str, nearest: Option<&str>) -> Failure {
    let help = match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "`trust-schema explain --list` lists the codes".to_owned(),
    };
    Failure::new(format!("no {what} is named `{}`\n{help}", printable(subject)))
}

fn list(codes: impl Iterator<Item = &'static Code>, printer: &mut Printer) {
    if printer.format == Format::Json {
        let codes: Vec<_> = codes.map(document).collect();
        printer.document(&json!({ "format_version": FORMAT_VERSION, "codes": codes }));
        return;
    }
    for code in codes {
        printer.result(format!("{STRONG}{}{STRONG:#}  {}", code.id, code.name));
    }
}

fn explain_rule(rule: &Rule, printer: &mut Printer) {
    explain_code(&rule.code, printer);
    if printer.format != Format::Json {
        let leak = if rule.leak { "; a leak, so nothing is compiled" } else { "" };
        let fix = if rule.has_fix { "; `trust-schema lint --fix` mends it" } else { "" };
        printer.result(format!("Default level: {}{leak}{fix}", reference::level(rule)));
        for (title, example) in [("Found", rule.bad), ("Not found", rule.good)] {
            printer.result(format!("\n{STRONG}{title}{STRONG:#}\n"));
            example.text().trim_end().lines().for_each(|line| printer.result(format!("  {line}")));
        }
    }
}

fn explain_code(code: &Code, printer: &mut Printer) {
    if printer.format == Format::Json {
        printer.document(&json!({ "format_version": FORMAT_VERSION, "codes": [document(code)] }));
        return;
    }
    printer.result(format!("{BAD}{}{BAD:#} {STRONG}{}{STRONG:#}\n", code.id, code.name));
    printer.result(markdown::render(code.explanation));
}

fn document(code: &Code) -> serde_json::Value {
    json!({ "code": code.id, "name": code.name, "explanation": code.explanation })
}
