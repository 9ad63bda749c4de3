//! What others wrote: folders of SQL scripts, such as the migrations of a Supabase project.
//!
//! A script is split into statements ([`split`]), and each statement says by its first words what it makes ([`mentions`]). A server runs them
//! (`live::scripts`); of what it then holds, everything is traced back to the statement that made it ([`origins`]), so that the rules, the
//! access model and the analysis of bodies can tell of lines that somebody wrote ([`lint`]).

mod bodies;
mod lint;
mod mentions;
mod origins;
mod split;
mod waivers;

use std::ops::Range;

use crate::diagnostic::{Diagnostic, codes};
use crate::plpgsql::tokens::Tokens;
use crate::source::{FileId, SourceFile, Sources, Span};

pub use bodies::Routine;
pub use lint::{State, lint};

/// The scripts of a project, in the order in which they are run.
#[derive(Debug)]
pub struct Project {
    pub sources: Sources,
    pub statements: Vec<Statement>,
}

/// A statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub file: FileId,
    /// Its bytes, without the `;` at its end.
    pub bytes: Range<usize>,
}

impl Statement {
    pub fn span(&self) -> Span {
        Span::new(self.file, self.bytes.clone())
    }
}

/// Reads scripts; tells of what no server can run.
pub fn read(files: Vec<SourceFile>) -> (Project, Vec<Diagnostic>) {
    let without_mark = |file: SourceFile| SourceFile { text: file.text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(file.text), ..file };
    let sources = Sources::new(files.into_iter().map(without_mark).collect());
    let mut statements = Vec::new();
    let mut diagnostics = Vec::new();
    for (file, source) in sources.iter() {
        let (commands, text) = split::commands(&source.text);
        let mut rows = usize::MAX;
        match Tokens::new(&text) {
            Ok(tokens) => {
                for part in split::statements(&tokens) {
                    if let Some(stdin) = reads_client(&tokens, &part) {
                        let message = "`copy … from stdin` reads rows that only psql sends";
                        let help = "write `insert into … values …`";
                        let place = Span::new(file, tokens.bytes(&(stdin..stdin + 1)));
                        diagnostics.push(Diagnostic::error(&codes::PSQL_COMMAND, message, place).help(help));
                        // The rows behind it are no SQL.
                        rows = tokens.bytes(&part).start;
                        break;
                    }
                    statements.push(Statement { file, bytes: tokens.bytes(&part) });
                }
            }
            Err(error) => diagnostics.push(Diagnostic::error(&codes::SCRIPT_FAILS, error.message, Span::new(file, error.range))),
        }
        for command in commands.into_iter().filter(|command| command.start < rows) {
            let word = source.text.get(command.clone()).unwrap_or_default().split_whitespace().next().unwrap_or_default();
            let message = format!("`{word}` is a command of psql, which PostgreSQL does not know");
            let help = "remove the line; `supabase db push` cannot run it either";
            diagnostics.push(Diagnostic::error(&codes::PSQL_COMMAND, message, Span::new(file, command)).help(help));
        }
    }
    crate::diagnostic::sort(&mut diagnostics);
    (Project { sources, statements }, diagnostics)
}

/// `stdin` of `copy … from stdin`.
fn reads_client(tokens: &Tokens<'_>, part: &Range<usize>) -> Option<usize> {
    let copies = tokens.is(part.start, &["copy"]);
    part.clone().find(|at| copies && tokens.is(*at, &["stdin"]) && tokens.follows(*at, &["from"]))
}

impl Project {
    /// The text of a statement.
    pub fn text(&self, statement: &Statement) -> &str {
        self.sources.get(statement.file).text.get(statement.bytes.clone()).unwrap_or_default()
    }

    /// The statement around a place.
    pub(crate) fn statement_at(&self, span: Span) -> Option<&Statement> {
        let start = span.range().start;
        let behind = self.statements.partition_point(|statement| (statement.file, statement.bytes.start) <= (span.file, start));
        let statement = self.statements.get(behind.checked_sub(1)?)?;
        (statement.file == span.file && statement.bytes.contains(&start)).then_some(statement)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(text: String) -> Vec<SourceFile> {
        vec![SourceFile { path: "1.sql".to_owned(), text }]
    }

    proptest! {
        #[test]
        fn whatever_is_read_has_statements_that_are_parts_of_it(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "create", "table", "alter", "policy", "on", "to", "grant", "(", ")", ",", ";", "$$", "'", "\"", "\\", "\n", "ä", "--", "/*", "*/", ".",
                    "begin", "atomic", "end", "function", "as", "if", "not", "exists", "copy", "from", "stdin", "rename", "column", "add", "index", "using",
                    "-- trust-schema: allow TL0101 x\n", "\u{feff}", "schema", "set", "search_path", "=",
                ]),
                0..40,
            )
        ) {
            let (project, _) = read(file(words.join(" ")));
            for statement in &project.statements {
                let text = project.text(statement);
                prop_assert!(!text.is_empty());
                prop_assert_eq!(project.statement_at(statement.span()), Some(statement));
                if let Ok(tokens) = Tokens::new(text) {
                    let all = 0..tokens.len();
                    for mention in mentions::mentions(&tokens, &all) {
                        prop_assert!(text.get(tokens.bytes(&mention.place)).is_some());
                    }
                    mentions::search_path(&tokens, &all);
                }
            }
            waivers::apply(&project, Vec::new());
        }
    }
}
