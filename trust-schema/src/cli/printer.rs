//! The only place that prints. Results go to stdout, talk to stderr.

use std::io::{ErrorKind, Stderr, Stdout, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use super::exit::Exit;
use crate::build::difference::Line;
use crate::diagnostic::render::full::Style as Rendering;
use crate::diagnostic::render::{concise, full, json};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default();
pub const WARN: Style = AnsiColor::Yellow.on_default();
pub const PLACE: Style = AnsiColor::Cyan.on_default();
pub const STRONG: Style = Style::new().bold();
pub const QUIET: Style = Style::new().dimmed();

/// The form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people: source lines and differences
    #[default]
    Full,
    /// One line for each finding
    Concise,
    /// One JSON document
    Json,
    /// One SARIF document, of `lint` and `plan` only
    Sarif,
    /// Annotations of GitHub Actions, of `lint` only
    Github,
}

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

/// Both streams, and how to write to them.
pub struct Printer {
    pub format: Format,
    stdout: AutoStream<Stdout>,
    stderr: AutoStream<Stderr>,
    failed: bool,
}

impl Printer {
    pub fn new(format: Format, colour: Colour) -> Printer {
        match colour {
            Colour::Auto => {}
            Colour::Always => anstream::ColorChoice::Always.write_global(),
            Colour::Never => anstream::ColorChoice::Never.write_global(),
        }
        Printer { format, stdout: AutoStream::auto(std::io::stdout()), stderr: AutoStream::auto(std::io::stderr()), failed: false }
    }

    /// Prints a line of the results.
    pub fn result(&mut self, line: impl AsRef<str>) {
        let written = self.stdout.write_all(line.as_ref().as_bytes()).and_then(|()| self.stdout.write_all(b"\n"));
        self.note(written);
    }

    /// Prints a line about what is going on.
    pub fn say(&mut self, line: impl AsRef<str>) {
        // There is nobody to tell that stderr is closed.
        let _ = writeln!(self.stderr, "{}", line.as_ref());
    }

    /// Says why it could not be done.
    pub fn failure(&mut self, message: &str, code: Option<&str>) -> Exit {
        if self.format == Format::Json {
            let mut error = serde_json::json!({ "message": message });
            if let (Some(code), serde_json::Value::Object(error)) = (code, &mut error) {
                error.insert("code".to_owned(), code.into());
            }
            self.document(&serde_json::json!({ "format_version": json::FORMAT_VERSION, "error": error }));
        }
        self.say(format!("{BAD}{STRONG}error{STRONG:#}{BAD:#}: {message}"));
        Exit::Failed
    }

    /// Prints a JSON document.
    pub fn document(&mut self, document: &serde_json::Value) {
        self.result(serde_json::to_string_pretty(document).unwrap_or_default());
    }

    /// Prints diagnostics for people; `folder` is put before the paths. Nothing where the format is JSON, whose one document holds them too.
    pub fn diagnostics(&mut self, diagnostics: &[Diagnostic], sources: &Sources, folder: &str) {
        for diagnostic in diagnostics {
            match self.format {
                Format::Full => {
                    let text = full::render(diagnostic, sources, folder, Rendering::Coloured);
                    self.result(format!("{}\n", text.trim_end_matches('\n')));
                }
                Format::Concise => self.result(concise::render(diagnostic, sources, folder)),
                Format::Json | Format::Sarif | Format::Github => {}
            }
        }
        if self.format == Format::Full
            && let Some(code) = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error).map(|diagnostic| diagnostic.code)
        {
            let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
            self.say(format!("{}; `trust-schema explain {}` says more", counted(errors, "error"), code.id));
        }
    }

    /// Prints a line of a difference.
    pub fn difference(&mut self, line: &Line) {
        let style = match line {
            Line::Head(_) => STRONG,
            Line::Place(_) => PLACE,
            Line::Added(_) => GOOD,
            Line::Removed(_) => BAD,
            Line::Note(_) => QUIET,
            Line::Same(_) => Style::new(),
        };
        self.result(format!("{style}{line}{style:#}"));
    }

    /// Writes everything out. Who reads only the first lines (`| head`) is no failure; a full disk is.
    pub fn finish(mut self, exit: Exit) -> Exit {
        let flushed = self.stdout.flush();
        self.note(flushed);
        if self.failed { Exit::Failed } else { exit }
    }

    fn note(&mut self, written: std::io::Result<()>) {
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
            && !std::mem::replace(&mut self.failed, true)
        {
            self.say(format!("error: could not write to stdout: {error}"));
        }
    }
}

/// `1 file`, `2 files`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The document of diagnostics, to which a verb adds its own results.
pub fn diagnostics_document(diagnostics: &[Diagnostic], sources: &Sources, folder: &str) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::from_str(&json::render(diagnostics, sources, folder)) {
        Ok(serde_json::Value::Object(document)) => document,
        _ => serde_json::Map::new(),
    }
}
