//! Migrations and rollbacks.

pub mod locks;
pub mod migration;
pub mod rollback;

use crate::catalog::Id;
use crate::kinds::statement::Context;
use crate::resolve::Resolution;
use crate::source::Sources;
use crate::sql::comment::line_comment;
use crate::sql::identifier::quote;

/// What all SQL outputs share.
pub struct Surroundings<'r> {
    pub resolution: &'r Resolution,
    pub sources: &'r Sources,
    revoke_from: String,
}

impl<'r> Surroundings<'r> {
    pub fn new(resolution: &'r Resolution, sources: &'r Sources) -> Surroundings<'r> {
        let roles = resolution.project.api_roles.iter().map(|role| quote(role).into_owned());
        let revoke_from = std::iter::once("PUBLIC".to_owned()).chain(roles).collect::<Vec<_>>().join(", ");
        Surroundings { resolution, sources, revoke_from }
    }

    pub fn context(&self) -> Context<'_> {
        Context { catalog: &self.resolution.catalog, revoke_from: &self.revoke_from, inline: &self.resolution.plan.inline }
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
