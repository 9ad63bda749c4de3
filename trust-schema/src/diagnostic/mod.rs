//! What the compiler has to say about a spec: one value, many renderers.
//!
//! Messages follow one style: a lower-case phrase without a final period, the user's own words in backticks, the fact in the
//! message, the remedy in the help, never the name of a Rust type.

pub mod codes;
pub mod render;
mod suggest;

pub use codes::Code;
pub use suggest::similar;

use crate::source::Span;

/// How grave a diagnostic is. An error means that nothing is emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// In whose words a remedy is told: not everybody who has a finding writes a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// In the keys of a spec.
    Spec,
    /// In SQL.
    Sql,
}

/// A remark at a place of the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// A replacement that mends the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    pub span: Span,
    pub replacement: String,
}

/// What mends a diagnostic, all of it together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in one phrase.
    pub description: String,
    pub patches: Vec<Patch>,
    /// Whether it is the only edit that mends it, and takes nothing from anybody that they should have: `lint --fix` makes it. Otherwise it is a
    /// guess at what was meant.
    pub is_safe: bool,
    /// The objects whose conditions it writes another way.
    pub changes: Vec<String>,
}

/// One finding. The first label is the place itself, the others give context and may lie in other files.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    pub code: &'static Code,
    pub severity: Severity,
    pub message: String,
    pub labels: Vec<Label>,
    pub help: Vec<String>,
    pub fix: Option<Fix>,
}

impl Diagnostic {
    pub fn error(code: &'static Code, message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: vec![Label { span, text: String::new() }],
            help: Vec::new(),
            fix: None,
        }
    }

    pub fn warning(code: &'static Code, message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message, span) }
    }

    /// A finding about the spec as a whole, for example a missing file.
    pub fn global(code: &'static Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, severity: Severity::Error, message: message.into(), labels: Vec::new(), help: Vec::new(), fix: None }
    }

    /// An error at a place, or about the spec as a whole where it has none.
    pub fn error_at(code: &'static Code, message: impl Into<String>, span: Option<Span>) -> Diagnostic {
        match span {
            Some(span) => Diagnostic::error(code, message, span),
            None => Diagnostic::global(code, message),
        }
    }

    /// Words for the place itself.
    pub fn here(mut self, text: impl Into<String>) -> Diagnostic {
        if let Some(label) = self.labels.first_mut() {
            label.text = text.into();
        }
        self
    }

    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(text.into());
        self
    }

    pub fn fix(self, fix: Fix) -> Diagnostic {
        Diagnostic { fix: Some(fix), ..self }
    }

    /// What was probably meant.
    pub fn patch(self, span: Span, replacement: impl Into<String>) -> Diagnostic {
        let replacement = replacement.into();
        let description = format!("write `{replacement}`");
        self.fix(Fix { description, patches: vec![Patch { span, replacement }], is_safe: false, changes: Vec::new() })
    }

    /// The only thing that can be meant.
    pub fn sure_patch(self, span: Span, replacement: impl Into<String>) -> Diagnostic {
        let diagnostic = self.patch(span, replacement);
        Diagnostic { fix: diagnostic.fix.map(|fix| Fix { is_safe: true, ..fix }), ..diagnostic }
    }

    /// Suggests the nearest of `known` for the word under `span`, as help and as a patch.
    pub fn suggest<'k>(self, word: &str, known: impl IntoIterator<Item = &'k str>, span: Option<Span>) -> Diagnostic {
        match similar(word, known) {
            Some(best) => {
                let helped = self.help(format!("did you mean `{best}`?"));
                match span {
                    Some(span) => helped.patch(span, best),
                    None => helped,
                }
            }
            None => self,
        }
    }
}

/// Sorts into the order in which people read: by file and place, then by code; drops exact repetitions.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    let place = |diagnostic: &Diagnostic| diagnostic.labels.first().map(|label| label.span);
    diagnostics.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.code.id.cmp(b.code.id)).then_with(|| a.message.cmp(&b.message)));
    // An object can clash in several sets of names at once: one of the clashes is enough.
    let clash = |diagnostic: &Diagnostic| diagnostic.code == &codes::DUPLICATE_NAME && !diagnostic.labels.is_empty();
    diagnostics.dedup_by(|a, b| a.code == b.code && (a.message == b.message && a.labels == b.labels || clash(a) && place(a) == place(b)));
}

/// `1 column`, `2 columns`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Whether any of them is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
