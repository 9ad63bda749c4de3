//! What has to be known of a statement to run it as Supabase would.

use std::ops::Range;

use crate::live::server::DEPLOYER;
use crate::plpgsql::tokens::Tokens;
use crate::scripts::Statement;
use crate::source::Span;
use crate::sql::identifier::quote;

/// How a statement is run.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    Ordinary,
    /// It installs an extension, in a schema where it names one.
    Extension {
        name: String,
        schema: Option<String>,
    },
    /// It makes an index of a kind that the extension `vector` brings.
    VectorIndex,
    /// It makes nothing that is looked at, and on Supabase is allowed by means that a server of ours lacks.
    Ignored,
    /// Only a superuser may do it, and Supabase lets whoever deploys do it, too.
    ByPlatform,
}

/// Extensions whose functions the emulation brings: they need a server that was started with them, or are Supabase's own.
pub const EMULATED_EXTENSIONS: &[&str] = &["pg_cron", "pg_graphql", "pg_net", "pgsodium", "plpgsql", "supabase_vault", "pg_stat_statements"];

/// How to run a statement.
pub fn kind(text: &str) -> Kind {
    let Ok(tokens) = Tokens::new(text) else { return Kind::Ordinary };
    let is = |at: usize, word: &str| tokens.is(at, &[word]);
    if is(0, "create") && is(1, "extension") {
        let name = if is(2, "if") { 5 } else { 2 };
        let schema = (name + 1..tokens.len()).find(|at| is(*at, "schema")).and_then(|at| tokens.name(at + 1));
        return tokens.name(name).map_or(Kind::Ordinary, |name| Kind::Extension { name, schema });
    }
    // What an event trigger calls would run with the rights of whoever goes on for the scripts.
    let event_trigger = |at: usize| is(at, "event") && is(at + 1, "trigger");
    let sets_role = is(0, "alter") && (is(1, "role") || is(1, "user")) && (2..tokens.len()).any(|at| is(at, "set") || is(at, "reset"));
    if event_trigger(1) || is(0, "comment") && event_trigger(2) || sets_role {
        return Kind::Ignored;
    }
    if is(0, "create") && (1..tokens.len()).any(|at| is(at, "using") && tokens.is(at + 1, &["hnsw", "ivfflat"])) {
        return Kind::VectorIndex;
    }
    let publishes_all = is(0, "create") && is(1, "publication") && (3..tokens.len()).any(|at| is(at, "all"));
    let of_extension = is(1, "extension") && (is(0, "alter") || is(0, "drop") || is(0, "comment"));
    let comments = is(0, "comment") && is(1, "on") && is(2, "extension");
    if publishes_all || of_extension || comments { Kind::ByPlatform } else { Kind::Ordinary }
}

/// Whether a statement sets something for the session.
pub fn is_setting(text: &str) -> bool {
    Tokens::new(text).is_ok_and(|tokens| tokens.is(0, &["set"]))
}

/// Whether a script with this statement cannot be run in one transaction: it ends one itself, or may not be in one.
pub fn forbids_transaction(text: &str) -> bool {
    let Ok(tokens) = Tokens::new(text) else { return false };
    let is = |at: usize, words: &[&str]| tokens.is(at, words);
    let adds_value = is(0, &["alter"]) && is(1, &["type"]) && (2..tokens.len()).any(|at| is(at, &["add"]) && is(at + 1, &["value"]));
    let indexes = is(0, &["create", "drop", "reindex"]) && (1..tokens.len()).any(|at| is(at, &["concurrently"]));
    adds_value
        || indexes
        || is(0, &["begin", "start", "commit", "end", "rollback", "abort", "vacuum", "cluster"])
        || is(0, &["alter"]) && is(1, &["system"])
}

/// A part of a statement that was sent with another text.
#[derive(Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Where it stands in what was sent.
    pub sent: Range<usize>,
    /// Where it stands in the script.
    pub written: Range<usize>,
}

/// The statement with the role and database that stand here for `postgres`.
pub fn with_deployer(text: &str, database: &str) -> (String, Vec<Replaced>) {
    let unchanged = || (text.to_owned(), Vec::new());
    if !text.to_ascii_lowercase().contains("postgres") {
        return unchanged();
    }
    let Ok(tokens) = Tokens::new(text) else { return unchanged() };
    let names_roles = ["alter", "create", "drop", "grant", "reassign", "revoke", "set", "comment"];
    if !tokens.is(0, &names_roles) {
        return unchanged();
    }
    let mut sent = String::new();
    let mut replaced = Vec::new();
    let mut copied = 0;
    for at in 1..tokens.len() {
        let follows = tokens.is(at - 1, &["to", "from", "role", "user", "authorization", "by", "for"]) || tokens.text(at - 1) == ",";
        let is_database = tokens.is(at - 1, &["database"]);
        if tokens.name(at).as_deref() != Some("postgres") || !(follows || is_database) || tokens.text(at + 1) == "." {
            continue;
        }
        let written = tokens.bytes(&(at..at + 1));
        sent.push_str(text.get(copied..written.start).unwrap_or_default());
        let start = sent.len();
        sent.push_str(&quote(if is_database { database } else { DEPLOYER }));
        replaced.push(Replaced { sent: start..sent.len(), written: written.clone() });
        copied = written.end;
    }
    sent.push_str(text.get(copied..).unwrap_or_default());
    (sent, replaced)
}

/// The first words of a statement.
pub fn head(text: &str, statement: &Statement) -> Span {
    let length = Tokens::new(text).map_or(text.len(), |tokens| tokens.bytes(&(0..tokens.len().min(3))).end);
    Span::new(statement.file, statement.bytes.start..statement.bytes.start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_run_as_supabase_runs_them() {
        let schema = Some("extensions".to_owned());
        let uuid = Kind::Extension { name: "uuid-ossp".to_owned(), schema };
        assert_eq!(kind("create extension if not exists \"uuid-ossp\" with schema extensions"), uuid);
        assert_eq!(kind("create extension vector"), Kind::Extension { name: "vector".to_owned(), schema: None });
        assert_eq!(kind("create event trigger t on ddl_command_end execute function f()"), Kind::Ignored);
        assert_eq!(kind("alter role authenticator set statement_timeout = '8s'"), Kind::Ignored);
        assert_eq!(kind("alter role reporter login"), Kind::Ordinary);
        assert_eq!(kind("create index on t using hnsw (e vector_cosine_ops)"), Kind::VectorIndex);
        assert_eq!(kind("create publication p for all tables"), Kind::ByPlatform);
        assert_eq!(kind("create publication p"), Kind::Ordinary);
        for text in ["begin", "commit", "create index concurrently i on t (a)", "alter type t add value 'x'", "vacuum t"] {
            assert!(forbids_transaction(text), "{text}");
        }
        for text in ["create table t (a int)", "alter type t rename to u", "do $$ begin commit; end $$"] {
            assert!(!forbids_transaction(text), "{text}");
        }
    }

    #[test]
    fn postgres_is_whoever_deploys() {
        let sent = |text| with_deployer(text, "here").0;
        assert_eq!(sent("grant all on t to postgres, anon"), "grant all on t to sb_postgres, anon");
        assert_eq!(sent("alter function f() owner to \"postgres\""), "alter function f() owner to sb_postgres");
        assert_eq!(
            sent("alter default privileges for role postgres in schema public grant all on tables to postgres"),
            "alter default privileges for role sb_postgres in schema public grant all on tables to sb_postgres"
        );
        assert_eq!(sent("alter database postgres set a.b = 'postgres'"), "alter database here set a.b = 'postgres'");
        assert_eq!(sent("select 'postgres' as postgres"), "select 'postgres' as postgres");
        let (_, replaced) = with_deployer("grant a to postgres, b", "here");
        assert_eq!(replaced, [Replaced { sent: 11..22, written: 11..19 }]);
    }
}
