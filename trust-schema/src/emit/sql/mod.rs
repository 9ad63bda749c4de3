//! Migrations and rollbacks.

pub mod locks;
pub mod migration;
mod pending;
pub mod rollback;

use crate::catalog::Id;
use crate::kinds::statement::Context;
use crate::resolve::{Module, Resolution};
use crate::source::Sources;
use crate::sql::comment::line_comment;

/// What all SQL outputs share.
pub struct Surroundings<'r> {
    pub resolution: &'r Resolution,
    pub sources: &'r Sources,
    revoke_from: String,
}

impl<'r> Surroundings<'r> {
    pub fn new(resolution: &'r Resolution, sources: &'r Sources) -> Surroundings<'r> {
        let revoke_from = crate::resolve::revoke_from(resolution.project.api_roles.iter().map(String::as_str));
        Surroundings { resolution, sources, revoke_from }
    }

    pub fn context(&self) -> Context<'_> {
        Context { catalog: &self.resolution.catalog, revoke_from: &self.revoke_from, inline: &self.resolution.plan().inline }
    }

    /// Writes the statements of an object under its heading; nothing where there are none.
    fn write(&self, id: &Id, statements: &[String], text: &mut String) {
        if statements.is_empty() {
            return;
        }
        text.push('\n');
        text.push_str(&self.heading(id));
        for statement in statements {
            text.push_str(statement);
            text.push('\n');
        }
    }

    /// The modules that are not released, with their numbers.
    pub fn pending(&self) -> impl Iterator<Item = (usize, &'r Module)> {
        let released = self.resolution.pending.as_ref().map_or(0, |pending| pending.released.release.migrations.len());
        self.resolution.modules.iter().enumerate().skip(released)
    }

    /// The comment over an object's statements: what it is, and the file of the spec that declares it. No line numbers: moving a line must
    /// not change an output.
    fn heading(&self, id: &Id) -> String {
        format!("{}\n", line_comment(&format!("{id} ({})", self.resolution.file(id, self.sources))))
    }
}

/// Lines of a file's head as comments.
fn head(lines: &[&str]) -> String {
    lines.iter().filter(|line| !line.is_empty()).map(|line| format!("{}\n", line_comment(line))).collect()
}
