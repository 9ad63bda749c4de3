//! What stands before every example.

use super::Example;
use crate::source::SourceFile;

/// `trust.toml` of the examples.
pub const PROJECT: &str = r#"[project]
name     = "example"
platform = "supabase"
private_schema = "private"

[schema.private]
"#;

/// What an example of tenancy adds to it.
pub const TENANCY: &str = r#"
[tenancy]
tenants = "tenants"
users   = "auth.users"
"#;

/// What an example of shared tables adds to that.
pub const SHARED: &str = "shared  = [\"plans\"]\n";

/// What an example of a pending migration adds to the project once it has been released.
pub const NEXT: &str = "\n[release]\nmigration = \"20260201000000_next\"\n";

/// Stands in an example between what was released and what is there now.
pub const RELEASED: &str = "# Released. Now:\n";

/// The beginning of the module.
pub const MODULE: &str = r#"[module]
migration = "20260101000000_example"

[table.notes]
primary_key = ["note_id"]

[table.notes.columns]
note_id   = { type = "uuid", default = { sql = "gen_random_uuid()" } }
owner_id  = "uuid"
tenant_id = "uuid"
body      = "text"
shared    = "boolean"

[table.notes.index.notes_owner_idx]
columns = ["owner_id"]

[table.notes.index.notes_tenant_idx]
columns = ["tenant_id"]

"#;

/// What an example of tenancy adds to it.
pub const TENANTS: &str = r#"[table.tenants]
primary_key = ["tenant_id"]
columns     = { tenant_id = "uuid", name = "text" }

"#;

/// The same for examples in SQL.
pub const SQL: &str = "create schema private;
revoke all on schema private from public;
create table public.notes (
  note_id uuid primary key default gen_random_uuid(),
  owner_id uuid not null, tenant_id uuid not null, body text not null, shared boolean not null);
create index notes_owner_idx on public.notes (owner_id);
create index notes_tenant_idx on public.notes (tenant_id);
alter table public.notes enable row level security;
revoke all on public.notes from public, anon, authenticated, service_role;
";

impl Example {
    /// What the author of the rule wrote.
    pub fn text(self) -> &'static str {
        match self {
            Example::Spec(text) | Example::Tenancy(text) | Example::Shared(text) | Example::Pending(text) | Example::Sql(text) => text,
        }
    }

    /// The whole spec, where it is one.
    pub fn files(self) -> Option<Vec<SourceFile>> {
        let (project, module) = match self {
            Example::Spec(text) => (PROJECT.to_owned(), format!("{MODULE}{text}")),
            Example::Tenancy(text) => (format!("{PROJECT}{TENANCY}"), format!("{MODULE}{TENANTS}{text}")),
            Example::Shared(text) => (format!("{PROJECT}{TENANCY}{SHARED}"), format!("{MODULE}{TENANTS}{text}")),
            Example::Pending(text) => {
                let now = text.split_once(RELEASED).map_or(text, |(_, now)| now);
                // What is acknowledged of the way stands in `[release]`, which is at the end of the project.
                let (module, head) = now.split_once("[release]\n").unwrap_or((now, ""));
                (format!("{PROJECT}{NEXT}{head}"), format!("{MODULE}{module}"))
            }
            Example::Sql(_) => return None,
        };
        let file = |path: &str, text: String| SourceFile { path: path.to_owned(), text };
        Some(vec![file("trust.toml", project), file("example.toml", module)])
    }

    /// The whole spec as it was released, where it was.
    pub fn released(self) -> Option<Vec<SourceFile>> {
        let Example::Pending(text) = self else { return None };
        let (before, _) = text.split_once(RELEASED)?;
        let file = |path: &str, text: String| SourceFile { path: path.to_owned(), text };
        Some(vec![file("trust.toml", PROJECT.to_owned()), file("example.toml", format!("{MODULE}{before}"))])
    }

    /// The whole script, where it is one.
    pub fn sql(self) -> Option<String> {
        match self {
            Example::Sql(text) => Some(format!("{SQL}{text}")),
            Example::Spec(_) | Example::Tenancy(_) | Example::Shared(_) | Example::Pending(_) => None,
        }
    }
}
