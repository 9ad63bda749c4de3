//! What is wrong: a file is changed by hand, and the proof must fail for that reason.

use tests::postgres;
use trust_schema::emit::Files;
use trust_schema::live::prove::{Proof, Stage, prove, report};
use trust_schema::live::server::Target;
use trust_schema::resolve::Resolution;
use trust_schema::source::SourceFile;

use crate::{complete, support};

const PROJECT: &str = r#"
[project]
name           = "small"
platform       = "supabase"
private_schema = "hidden"
[schema.hidden]
"#;

const FIRST: &str = r#"
[module]
migration = "20260101000001_first"
[table.notes]
comment     = "A note."
primary_key = ["id"]
access      = { authenticated = ["select"] }
columns     = { id = { type = "bigint", identity = "always" }, text = { type = "text", default = "" } }
[table.notes.policy.all]
command = "select"
to      = ["authenticated"]
using   = "true"
[table.notes.trigger.keep]
when     = "before"
events   = ["update"]
function = "keep"
[function.keep]
summary = "Keeps."
effect  = "trigger"
returns = "trigger"
body    = "begin return new; end"
[smoke_test.nothing]
summary = "Nothing."
steps   = [{ expect = "true" }]
"#;

const SECOND: &str = r#"
[module]
migration = "20260101000002_second"
[function.count_notes]
summary = "Counts."
effect  = "read"
returns = "bigint"
execute = ["authenticated"]
body    = "begin return (select count(*) from public.notes); end"
[function.twice]
summary = "Doubles."
effect  = "internal"
strict  = true
args    = [{ name = "a", type = "int" }]
returns = "int"
body    = "begin return a * 2; end"
"#;

const M1: &str = "migrations/20260101000001_first.sql";
const M2: &str = "migrations/20260101000002_second.sql";
const R1: &str = "rollback/20260101000001_first.sql";
const R2: &str = "rollback/20260101000002_second.sql";
const FULL: &str = "rollback/full.sql";
const VERIFY: &str = "verification/verify.sql";
const SMOKE: &str = "verification/smoke/0.sql";

fn small() -> (Resolution, Files) {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let (resolution, files) = support::compile(vec![file("trust.toml", PROJECT), file("first.toml", FIRST), file("second.toml", SECOND)]);
    (resolution, complete(files))
}

/// A change of a file: the text that goes, and what comes in its place.
struct Sabotage {
    file: &'static str,
    take: &'static str,
    put: &'static str,
    stage: Stage,
    /// What a problem of this stage must be about, and what it must say.
    about: &'static str,
    says: &'static str,
}

const fn sabotage(file: &'static str, take: &'static str, put: &'static str, stage: Stage, about: &'static str, says: &'static str) -> Sabotage {
    Sabotage { file, take, put, stage, about, says }
}

/// An empty `take` puts the text at the end of the file.
const ALL: &[Sabotage] = &[
    sabotage(
        M1,
        "REVOKE ALL ON TABLE public.notes FROM PUBLIC, anon, authenticated, service_role;",
        "",
        Stage::Catalog,
        "grant table public.notes to anon",
        "should not be there",
    ),
    sabotage(
        M1,
        "REVOKE ALL ON TABLE public.notes FROM PUBLIC, anon, authenticated, service_role;",
        "",
        Stage::Access,
        "table public.notes",
        "anon is not granted TRUNCATE",
    ),
    sabotage(
        M1,
        "REVOKE ALL ON SEQUENCE public.notes_id_seq FROM PUBLIC, anon, authenticated, service_role;",
        "",
        Stage::Catalog,
        "grant sequence public.notes_id_seq to anon",
        "should not be there",
    ),
    sabotage(
        M1,
        "FROM PUBLIC, anon, authenticated, service_role;",
        "FROM anon, authenticated, service_role;",
        Stage::Catalog,
        "grant function public.keep() to public",
        "should not be there",
    ),
    sabotage(
        M2,
        "REVOKE ALL ON FUNCTION public.twice(integer) FROM PUBLIC, anon, authenticated, service_role;",
        "",
        Stage::Access,
        "function public.twice(integer)",
        "anon is not granted EXECUTE, and this is let through",
    ),
    sabotage(
        M2,
        "",
        "GRANT INSERT ON public.notes TO authenticated;",
        Stage::Catalog,
        "grant table public.notes to authenticated",
        "privileges should be",
    ),
    sabotage(
        M2,
        "",
        "GRANT UPDATE (text) ON public.notes TO authenticated;",
        Stage::Catalog,
        "grant table public.notes to authenticated",
        "columns should be",
    ),
    sabotage(
        M1,
        "ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;",
        "",
        Stage::Catalog,
        "table public.notes",
        "row_level_security should be true and is false",
    ),
    sabotage(M2, "", "DROP POLICY \"all\" ON public.notes;", Stage::Catalog, "policy public.notes.\"all\"", "is missing"),
    sabotage(M2, "", "ALTER FUNCTION public.count_notes() RESET search_path;", Stage::Catalog, "function public.count_notes()", "settings should be"),
    sabotage(
        M1,
        "",
        "CREATE RULE quiet AS ON DELETE TO public.notes DO INSTEAD NOTHING;",
        Stage::Catalog,
        "rule public.notes.quiet",
        "not of the spec",
    ),
    sabotage(M1, "", "ALTER TABLE public.notes DISABLE TRIGGER keep;", Stage::Catalog, "trigger public.notes.keep", "enabled D"),
    sabotage(M1, "", "ALTER TABLE public.notes ALTER COLUMN id SET INCREMENT 2;", Stage::Catalog, "sequence public.notes_id_seq", "not of the spec"),
    sabotage(M2, "", "ALTER FUNCTION public.count_notes() LEAKPROOF;", Stage::Apply, M2, "only superuser can define a leakproof function"),
    sabotage(M2, "", "ALTER FUNCTION public.count_notes() COST 1;", Stage::Catalog, "function option public.count_notes()", "cost 1"),
    sabotage(M2, "", "ALTER FUNCTION public.count_notes() OWNER TO service_role;", Stage::Apply, M2, "permission denied for schema public"),
    sabotage(M2, "RETURNS bigint", "RETURN bigint", Stage::Apply, M2, "syntax error"),
    sabotage(M2, "", "CREATE TABLE public.notes ();", Stage::Apply, M2, "relation \"notes\" already exists"),
    sabotage(M1, "\n-- function public.keep()", "\nCOMMIT;\n-- function public.keep()", Stage::Apply, M1, "ends the transaction"),
    sabotage(M1, "\n-- function public.keep()", "\nCOMMIT; BEGIN;\n-- function public.keep()", Stage::Apply, M1, "ends the transaction"),
    sabotage(R2, "DROP FUNCTION public.twice(integer);", "", Stage::Rollback, "function public.twice(integer)", "should not be there"),
    sabotage(R2, "", "DROP TABLE public.notes;", Stage::Rollback, "table public.notes", "is missing"),
    sabotage(R2, "", "REVOKE SELECT ON public.notes FROM authenticated;", Stage::Rollback, "grant table public.notes to authenticated", "is missing"),
    sabotage(R2, "", "ALTER TABLE public.notes ALTER COLUMN text SET DEFAULT 'x';", Stage::Rollback, "column public.notes.text", "default should be"),
    sabotage(R2, "", "COMMENT ON TABLE public.notes IS NULL;", Stage::Rollback, "comment table public.notes", "is missing"),
    sabotage(R2, "", "INSERT INTO public.notes DEFAULT VALUES;", Stage::Rollback, "rows public.notes", "not there before: rows public.notes: 1"),
    sabotage(R2, "", "COMMIT;", Stage::Rollback, R2, "ends the transaction"),
    sabotage(
        M2,
        "",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;",
        Stage::Rollback,
        "default privileges sb_postgres in public r",
        "not there before",
    ),
    sabotage(FULL, "DROP TABLE public.notes;", "", Stage::FullRollback, "table public.notes", "should not be there"),
    sabotage(FULL, "DROP SCHEMA hidden;", "", Stage::FullRollback, "schema hidden", "should not be there"),
    sabotage(VERIFY, "count(*) = 1", "count(*) = 2", Stage::Verify, "schema public", "schema: expected 1, found 1"),
    sabotage(VERIFY, "select", "selekt", Stage::Verify, VERIFY, "syntax error"),
    sabotage(SMOKE, "perform 1", "raise 'it smokes'", Stage::Smoke, SMOKE, "it smokes"),
    sabotage(SMOKE, "perform 1", "insert into public.notes default values", Stage::Smoke, "rows public.notes", "not there before"),
    sabotage("rollback/kill_switch.sql", "select 1", "select 1/0", Stage::Operations, "rollback/kill_switch.sql", "division by zero"),
];

fn changed(files: &Files, sabotage: &Sabotage) -> Files {
    let mut files = files.clone();
    let text = files.0.get_mut(sabotage.file).unwrap();
    if sabotage.take.is_empty() {
        text.push_str(&format!("\n{}\n", sabotage.put));
    } else {
        assert!(text.contains(sabotage.take), "{} has no {:?}:\n{text}", sabotage.file, sabotage.take);
        *text = text.replace(sabotage.take, sabotage.put);
    }
    files
}

fn found<'p>(proof: &'p Proof, sabotage: &Sabotage) -> Option<&'p trust_schema::live::prove::Problem> {
    let mut problems = proof.problems().filter(|(_, stage, _)| *stage == sabotage.stage).map(|(_, _, problem)| problem);
    problems.find(|problem| problem.about == sabotage.about && problem.message.contains(sabotage.says))
}

#[tokio::test]
async fn every_sabotage_is_found_and_named() {
    let (resolution, files) = small();
    let target = Target::Cluster(Box::new(postgres::own_cluster(postgres::any_major())));
    let right = prove(&target, &resolution, &files, &mut |_| ()).await.unwrap();
    assert!(right.holds(), "{}", report::text(&right));
    let mut unfound = Vec::new();
    for sabotage in ALL {
        let proof = prove(&target, &resolution, &changed(&files, sabotage), &mut |_| ()).await.unwrap();
        assert!(!proof.holds());
        assert!(report::verdict(&proof).starts_with("NOT proved"), "{}", report::verdict(&proof));
        if found(&proof, sabotage).is_none() {
            unfound.push(format!("{}: {:?} for {:?}\n{}", sabotage.file, sabotage.put, sabotage.take, report::text(&proof)));
        }
    }
    assert!(unfound.is_empty(), "{} of {} were not found:\n{}", unfound.len(), ALL.len(), unfound.join("\n"));
}

/// An error is told with its line, its statement and the object of the spec, whether PostgreSQL gives a position or not.
#[tokio::test]
async fn errors_lead_to_their_place() {
    let (resolution, mut files) = small();
    let target = Target::Cluster(Box::new(postgres::own_cluster(postgres::any_major())));
    // The last is on the line of the error: the statement's first where the server names no position.
    for (take, put, message, statement, on_line) in [
        ("LANGUAGE plpgsql\nSTABLE", "LANGUAGE plpgsql\nSTABEL", "syntax error at or near \"STABEL\" (42601)", None, "STABEL"),
        (
            "RETURNS bigint",
            "RETURNS bigunt",
            "type \"bigunt\" does not exist (42704)",
            Some("CREATE FUNCTION public.count_notes()"),
            "CREATE FUNCTION public.count_notes()",
        ),
        (
            "AS $function$\nbegin return (select count(*)",
            "IMMUTABLE AS $function$\nbegin return (select count(*)",
            "conflicting or redundant options (42601)",
            None,
            "IMMUTABLE AS",
        ),
        (
            "ON FUNCTION public.count_notes() TO",
            "ON FUNCTION public.count_notes(int) TO",
            "function public.count_notes(integer) does not exist (42883)",
            Some("GRANT EXECUTE ON FUNCTION public.count_notes(int) TO authenticated"),
            "count_notes(int)",
        ),
    ] {
        let right = files.0.get(M2).unwrap().clone();
        assert!(right.contains(take), "{right}");
        let wrong = right.replacen(take, put, 1);
        let line = wrong.lines().position(|line| line.contains(on_line)).unwrap() + 1;
        files.insert(M2, wrong);
        let proof = prove(&target, &resolution, &files, &mut |_| ()).await.unwrap();
        files.insert(M2, right);
        let (_, stage, problem) = proof.problems().next().unwrap();
        let place = problem.place.as_ref().unwrap_or_else(|| panic!("{problem:?}"));
        assert_eq!((stage, problem.about.as_str()), (Stage::Apply, M2));
        assert!(problem.message.starts_with(message), "{problem:?}");
        assert_eq!((place.file.as_str(), place.line), (M2, line), "{problem:?}");
        assert!(
            place.object.as_deref().is_some_and(|object| object.contains("public.count_notes() ") && object.ends_with("(second.toml)")),
            "{problem:?}"
        );
        assert_eq!(place.statement.as_deref(), statement, "{problem:?}");
    }
}

/// A file that is not there is no success.
#[tokio::test]
async fn missing_files_leave_the_proof_incomplete() {
    let (resolution, files) = small();
    let target = Target::Cluster(Box::new(postgres::own_cluster(postgres::any_major())));
    for missing in [M2, R1, FULL, VERIFY] {
        let mut files = files.clone();
        assert!(files.0.remove(missing).is_some());
        let proof = prove(&target, &resolution, &files, &mut |_| ()).await.unwrap();
        assert!(!proof.is_complete() && !proof.holds(), "without {missing}");
        assert!(proof.not_run().any(|(_, _, why)| why == format!("there is no file {missing}")));
        assert!(report::verdict(&proof).starts_with("NOT proved"));
    }
}
