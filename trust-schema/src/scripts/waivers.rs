//! Waivers in scripts: `-- trust-schema: allow CODE why`, on the line above the statement, or above a line within it.

use std::ops::Range;

use super::Project;
use crate::diagnostic::{Diagnostic, codes};
use crate::lint;
use crate::source::{FileId, SourceFile, Span};
use crate::sql::lexer::{Token, TokenKind, lex};

const MARK: &str = "trust-schema:";

/// What a comment waives.
struct Waiver {
    span: Span,
    /// The code of the finding.
    code: &'static str,
    /// The bytes in which a finding has to begin.
    covers: Range<usize>,
}

/// Takes out what the scripts waive; tells of waivers that waive nothing.
pub fn apply(project: &Project, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let waivers: Vec<Waiver> = project.sources.iter().flat_map(|(file, source)| read(project, file, source, &mut diagnostics)).collect();
    let mut used = vec![false; waivers.len()];
    for finding in found {
        let place = finding.labels.first().map(|label| label.span);
        let mut waived = false;
        for (waiver, used) in waivers.iter().zip(&mut used) {
            let covers = place.is_some_and(|place| place.file == waiver.span.file && waiver.covers.contains(&place.range().start));
            if covers && waiver.code == finding.code.id {
                *used = true;
                waived = true;
            }
        }
        if !waived {
            diagnostics.push(finding);
        }
    }
    for (waiver, _) in waivers.iter().zip(&used).filter(|(_, used)| !**used) {
        let message = format!("there is no `{}` to waive here", waiver.code);
        diagnostics.push(Diagnostic::warning(&codes::UNUSED_LINT_WAIVER, message, waiver.span).help("remove the comment"));
    }
    diagnostics
}

fn read(project: &Project, file: FileId, source: &SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Vec<Waiver> {
    let text = &source.text;
    if !text.contains(MARK) {
        return Vec::new();
    }
    let tokens = lex(text).tokens;
    let comments = tokens.iter().enumerate().filter(|(_, token)| token.kind == TokenKind::LineComment);
    let mut waivers = Vec::new();
    for (at, comment) in comments {
        let said = comment.text(text).trim_start_matches('-').trim();
        let Some(said) = said.strip_prefix(MARK).map(str::trim) else { continue };
        let span = Span::new(file, comment.range());
        let mut words = said.split_whitespace();
        let (verb, code) = (words.next(), words.next());
        let (Some("allow"), Some(code)) = (verb, code) else {
            let diagnostic = Diagnostic::error(&codes::UNUSED_LINT_WAIVER, "this comment waives nothing", span);
            diagnostics.push(diagnostic.help("write `-- trust-schema: allow CODE why`"));
            continue;
        };
        let known = lint::find(code).map(|rule| rule.id()).or_else(|| codes::find(code).map(|code| code.id));
        let Some(known) = known else {
            let diagnostic = Diagnostic::error(&codes::UNKNOWN_RULE, format!("there is no rule `{code}`"), span);
            diagnostics.push(match lint::nearest(code) {
                Some(nearest) => diagnostic.help(format!("did you mean `{nearest}`?")),
                None => diagnostic.help("`trust-schema explain --rules` lists them"),
            });
            continue;
        };
        if words.next().is_none() {
            let diagnostic = Diagnostic::error(&codes::UNUSED_LINT_WAIVER, format!("the waiver of `{code}` gives no reason"), span);
            diagnostics.push(diagnostic.help(format!("write it behind the code: `-- trust-schema: allow {code} why`")));
        }
        let covers = covered(project, file, text, &tokens, at).unwrap_or(0..0);
        waivers.push(Waiver { span, code: known, covers });
    }
    waivers
}

/// The statement below a comment; within a statement, the next line.
fn covered(project: &Project, file: FileId, text: &str, tokens: &[Token], at: usize) -> Option<Range<usize>> {
    let comment = tokens.get(at)?;
    // Behind a statement, it is not above the next one.
    let before = text.get(..comment.start)?.rsplit('\n').next()?;
    let next = tokens.get(at..)?.iter().find(|token| !token.kind.is_comment())?;
    if !before.trim().is_empty() {
        return None;
    }
    let inside = project.statement_at(Span::new(file, comment.range()));
    let statement = project.statement_at(Span::new(file, next.range()))?;
    match inside {
        Some(_) => {
            let line = text.get(next.start..)?.find('\n').map_or(text.len(), |length| next.start + length);
            Some(next.start..line)
        }
        None => Some(statement.bytes.clone()),
    }
}
