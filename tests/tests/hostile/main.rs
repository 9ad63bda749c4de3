//! No string of a spec leaves its place. At every position of the language (found from its shapes) stands, one after the other, every
//! hostile value: then either the compiler refuses, or what it emits has as many statements as before, makes as many objects as before, leaves
//! a bystander alone, brings the string to the catalog byte for byte, and rolls back to nothing.

mod catalog;
mod monitoring;
mod positions;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use positions::{Position, cases, language, positions, sql, with};
use tests::compile::{Compiled, compile, files, round_trip};
use tests::postgres::{any_major, database};
use tokio_postgres::Client;
use trust_schema::diagnostic::codes;
use trust_schema::emit::Files;
use trust_schema::live::server::{Regime, Scratch};
use trust_schema::source::SourceFile;
use trust_schema::sql::lexer::{self, TokenKind};
use values::values;

/// Places whose strings are documents, or are used by operators only: they reach comments of files at most.
const NOT_IN_THE_CATALOG: &[&str] = include!("documents.in");

#[test]
fn every_place_of_the_language_is_tried() {
    let tried: BTreeSet<String> = positions(&cases(), 1).into_iter().map(|position| position.path).collect();
    // Columns can be listed in grants on tables and views alone.
    let of_columns = |place: &str| place.contains(".access.*.*") && !place.starts_with("table.") && !place.starts_with("view.");
    let missing: Vec<_> = language().into_iter().filter(|place| !tried.contains(place) && !of_columns(place)).collect();
    assert!(missing.is_empty(), "no string in cases/kinds at\n{}", missing.join("\n"));
}

/// Places that name what a spec does not declare: the server knows whether it is there.
const EXISTS_ELSEWHERE: &[&str] = &[
    "project:extension.* (name)",
    "project:extension.*.schema",
    "table.*.columns.*.collation",
    "template.*.columns.*.collation",
    "table.*.index.*.columns.[].operator_class",
];

/// Whether a server may refuse the string there: a name that it does not know, or contained SQL whose type does not fit.
fn may_fail(position: &Position, problem: &str, sql: &BTreeSet<String>) -> bool {
    let is_missing = problem.contains("(42704)") || problem.contains("must be installed in schema");
    let is_of_other_type = ["(22007)", "(22P02)", "(42804)", "(42883)", "(42846)"].iter().any(|code| problem.contains(code));
    is_missing && EXISTS_ELSEWHERE.contains(&position.path.as_str()) || is_of_other_type && sql.contains(&position.path)
}

/// Statements of each file: what stands between semicolons outside of everything quoted.
fn statements(emitted: &Files) -> Result<BTreeMap<String, usize>, String> {
    let mut counts = BTreeMap::new();
    for (path, sql) in emitted.iter() {
        let lexed = lexer::lex(sql);
        if let Some(error) = lexed.errors.first() {
            return Err(format!("{path} does not lex: {error:?}"));
        }
        counts.insert(path.to_owned(), lexed.tokens.iter().filter(|token| token.kind == TokenKind::Semicolon).count());
    }
    Ok(counts)
}

/// Nothing is written outside of the two folders.
fn check_paths(emitted: &Files) -> Result<(), String> {
    let fine = |path: &str| {
        let name = path.strip_prefix("migrations/").or_else(|| path.strip_prefix("rollback/")).and_then(|name| name.strip_suffix(".sql"));
        name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'))
    };
    emitted.iter().find(|(path, _)| !fine(path)).map_or(Ok(()), |(path, _)| Err(format!("the file {path:?}")))
}

/// A case as it is, to compare with.
struct Baseline {
    files: Vec<SourceFile>,
    statements: BTreeMap<String, usize>,
    monitoring: monitoring::Shape,
    made: usize,
}

/// A database for many round trips.
struct Place {
    _scratch: Scratch,
    client: Client,
}

async fn place() -> Place {
    let scratch = database(any_major(), Regime::Hardened).await;
    let client = scratch.connect().await.expect("the deployer connects");
    let administrator = scratch.connect_as_administrator().await.expect("the administrator connects");
    let canary = "create table public.canary (a text); insert into public.canary values ('alive'); do $$ begin if not exists (select from pg_roles where rolname = 'app') then create role app; end if; end $$;";
    administrator.batch_execute(canary).await.expect("the canary is there");
    administrator.batch_execute("alter table public.canary owner to sb_postgres").await.expect("the canary is in danger");
    Place { _scratch: scratch, client }
}

/// The first spelling of the position's case that compiles, or the diagnostics' codes.
fn attempt(position: &Position, files: &[SourceFile], text: &str) -> Result<(Compiled, bool), Box<Compiled>> {
    let compiled = compile(with(position, files, text, false));
    if compiled.0.resolution.is_some() {
        return Ok((compiled, false));
    }
    if position.is_name {
        let again = compile(with(position, files, text, true));
        if again.0.resolution.is_some() {
            return Ok((again, true));
        }
    }
    Err(Box::new(compiled))
}

/// Whether every value is tried at every position, which takes minutes: `TRUST_SCHEMA_TEST_HOSTILE=all`.
fn everything() -> bool {
    std::env::var("TRUST_SCHEMA_TEST_HOSTILE").is_ok_and(|value| value == "all")
}

/// The values for a position: some always, of the others each position its own, so that every value is tried somewhere in each run.
fn chosen(position: &Position) -> Vec<(&'static str, String)> {
    let all = values();
    if everything() {
        return all;
    }
    let turn = position.path.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let rest = all.len() - ALWAYS;
    all.iter().enumerate().filter(|(index, _)| *index < ALWAYS || (index + turn) % rest < SOME).map(|(_, value)| value.clone()).collect()
}

/// How many values of the list are tried at every position, and how many of the others.
const ALWAYS: usize = 6;
const SOME: usize = 5;

#[derive(Default)]
struct Tally {
    tried: usize,
    refused: usize,
    applied: usize,
    failures: Vec<String>,
    /// Places at which a string was accepted and not found in the catalog, and at which it was found.
    lost: BTreeMap<String, String>,
    found: BTreeSet<String>,
}

#[test]
fn no_string_leaves_its_place() {
    let all = positions(&cases(), if everything() { 2 } else { 1 });
    let workers = 2;
    // The role that one case names belongs to the whole cluster: made once, before two workers race for it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    drop(runtime.block_on(place()));
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|worker| {
                let mine: Vec<&Position> = all.iter().skip(worker).step_by(workers).collect();
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
                    runtime.block_on(run(&mine))
                })
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().expect("nothing panics")).collect()
    });
    let mut total = Tally::default();
    for tally in tallies {
        total.tried += tally.tried;
        total.refused += tally.refused;
        total.applied += tally.applied;
        total.failures.extend(tally.failures);
        total.lost.extend(tally.lost);
        total.found.extend(tally.found);
    }
    eprintln!("{} combinations: {} refused, {} applied", total.tried, total.refused, total.applied);
    assert!(total.failures.is_empty(), "{} failures\n{}", total.failures.len(), total.failures.join("\n"));
    let lost: Vec<_> = total
        .lost
        .iter()
        .filter(|(path, _)| !NOT_IN_THE_CATALOG.contains(&path.as_str()))
        .map(|(path, value)| format!("    {path:?}, // {value}"))
        .collect();
    assert!(lost.is_empty(), "accepted, but not in the catalog byte for byte at\n{}", lost.join("\n"));
    let language = language();
    let stale: Vec<_> = NOT_IN_THE_CATALOG.iter().filter(|path| !language.contains(**path)).collect();
    assert!(stale.is_empty(), "in the list, but not in the language: {stale:?}");
    assert!(total.tried >= 2000 && total.applied >= 500, "{} tried, {} applied", total.tried, total.applied);
}

async fn run(positions: &[&Position]) -> Tally {
    let mut tally = Tally::default();
    let sql = sql();
    let mut current = place().await;
    let mut baselines: BTreeMap<String, Baseline> = BTreeMap::new();
    for (name, files) in cases() {
        let compiled = compile(files.clone());
        let emitted = compiled.expect_sql();
        let monitoring = monitoring::shape(&compiled.monitoring().expect("the case compiles")).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let applied = round_trip(&current.client, &emitted).await.unwrap_or_else(|failure| panic!("{name}: {}: {}", failure.file, failure.message));
        baselines.insert(name, Baseline { files, statements: statements(&emitted).expect("the case lexes"), monitoring, made: applied.made.len() });
    }
    for position in positions {
        let baseline = &baselines[&position.case];
        for (label, value) in chosen(position) {
            tally.tried += 1;
            let context = format!("{} = {label} ({}/{})", position.path, position.case, position.file);
            let Ok((compiled, _)) = attempt(position, &baseline.files, &value) else {
                tally.refused += 1;
                continue;
            };
            let emitted = compiled.expect_sql();
            let counted = check_paths(&emitted).and_then(|()| statements(&emitted));
            match counted {
                Err(problem) => tally.failures.push(format!("{context}: {problem}")),
                // The name of a migration is the name of its file.
                Ok(counts)
                    if counts.values().collect::<Vec<_>>() != baseline.statements.values().collect::<Vec<_>>()
                        && !position.path.starts_with("raw.") =>
                {
                    tally.failures.push(format!("{context}: {counts:?} statements, not {:?}", baseline.statements));
                }
                Ok(_) => {}
            }
            match compiled.monitoring().map(|files| monitoring::shape(&files)) {
                // The type of a column says whether it is a figure.
                Some(Ok(shape)) if shape == baseline.monitoring || position.path == "monitor.*.columns.*" => {}
                other => tally.failures.push(format!("{context}: {other:?} for monitoring, not {:?}", baseline.monitoring)),
            }
            tally.applied += 1;
            let outcome = catalog::trip(&current.client, &emitted, &value).await;
            let problem = match outcome {
                Err(problem) => Some(problem),
                Ok(seen) => {
                    if seen.found {
                        tally.found.insert(position.path.clone());
                    } else {
                        tally.lost.entry(position.path.clone()).or_insert_with(|| label.to_owned());
                    }
                    (seen.made != baseline.made).then(|| format!("{} objects, not {}", seen.made, baseline.made))
                }
            };
            if let Some(problem) = problem {
                if may_fail(position, &problem, &sql) {
                    continue;
                }
                eprintln!("{context}: {problem}");
                tally.failures.push(format!("{context}: {problem}"));
                current = place().await;
            }
        }
    }
    tally
}

#[test]
fn escapes_that_toml_does_not_know_are_errors() {
    for written in ["\\q", "\\u12", "\\x4", "\\uD800", "\\U00110000", "\\", "\\u{41}"] {
        let text = format!("[module]\nmigration = \"20260101000000_a\"\nsummary = \"{written}\"\n");
        let compiled = compile(files(&[("trust.toml", "[project]\nname = 'a'\nplatform = 'postgresql'\n"), ("a.toml", &text)]));
        assert!(compiled.codes().contains(&&codes::TOML_SYNTAX), "{written}: {}", compiled.full());
    }
}
