//! Random texts, seconds of them: what the fuzz targets in `fuzz/` do for hours. Nothing panics, and whatever still compiles applies.

mod mutate;

use std::path::Path;
use std::sync::Mutex;

use proptest::prelude::*;
use tests::compile::{compile, folder, round_trip};
use tests::postgres::{any_major, database};
use trust_schema::emit::Files;
use trust_schema::live::server::Regime;
use trust_schema::sql::lexer::{TokenKind, lex};
use trust_schema::sql::type_name::{TypeName, same_type};
use trust_schema::sql::{body, expression, fragment, query};

/// Pieces of SQL and of what is no SQL, put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "select", "from", "where", "begin", "end", "declare", "loop", "if", "then", "else", "case", "when", "exception", "others", "null", "raise",
            "return", "execute", "perform", "into", "values", "insert", "update", "delete", "with", "as", "(", ")", "[", "]", ",", ";", "::", ":=", "..", ".",
            "'", "''", "\"", "$$", "$a$", "--", "/*", "*/", "\\", "E'", "U&'", "U&\"", "x'", "b'", "1", "1e9", "0x", "$1", ":x", "a", "public.t", "int",
            "numeric(5,2)", "timestamp with time zone", "interval day to", "text[]", "array", "+", "-", "=>", "<>", "not", "and", "between", "is", "\n", "\t",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => ".{0,6}",
    ];
    prop::collection::vec((piece, any::<bool>()), 0..40)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, space)| if space { piece + " " } else { piece }).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tokens_lie_in_the_text(text in pieces()) {
        let mut end = 0;
        for token in lex(&text).tokens {
            prop_assert!(token.start >= end && token.end > token.start);
            prop_assert!(text.get(token.range()).is_some());
            end = token.end;
        }
    }

    #[test]
    fn expressions_stay_in_their_parentheses(text in pieces()) {
        let _ = query::parse_query(&text);
        let _ = body::check_plpgsql(&text);
        let _ = body::check_sql_body(&text);
        let _ = fragment::check_statements(&text);
        if expression::parse(&text).is_ok() {
            let lexed = lex(&format!("({text})"));
            prop_assert!(lexed.errors.is_empty());
            let mut depth = 0_i64;
            for (index, token) in lexed.tokens.iter().enumerate() {
                depth += match token.kind {
                    TokenKind::LeftParenthesis => 1,
                    TokenKind::RightParenthesis => -1,
                    _ => 0,
                };
                prop_assert_ne!(token.kind, TokenKind::Semicolon);
                prop_assert_eq!(depth == 0, index + 1 == lexed.tokens.len());
            }
        }
    }

    #[test]
    fn types_are_printed_as_they_are_read(text in pieces()) {
        if let Ok(read) = TypeName::parse(&text) {
            let again = TypeName::parse(&read.to_string());
            prop_assert!(again.as_ref().is_ok_and(|again| same_type(&read, again)), "{text:?}: {read:?}, {again:?}");
        }
    }
}

/// What only a server's own analysis of a contained text sees: variables of a body, and types.
fn is_analysis(message: &str) -> bool {
    ["duplicate declaration", "is not a known variable", "(42804)", "(42883)", "(42846)", "(22P02)", "(22007)"]
        .iter()
        .any(|part| message.contains(part))
}

/// Mutated specs that compile are applied; so many of them.
const APPLIED: usize = 30;

#[test]
fn mutated_specs_never_panic_and_apply_where_they_compile() {
    let spec = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec"));
    let compiled: Mutex<Vec<(String, Files)>> = Mutex::new(Vec::new());
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig { cases: 110, failure_persistence: None, ..ProptestConfig::default() },
        // The same mutations in every run: a failure can be looked at again.
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let outcome = runner.run(&mutate::mutations(), |mutations| {
        let mutated = mutate::apply(&spec, &mutations);
        let result = compile(mutated);
        let _ = (result.full(), result.concise());
        if let Some(files) = result.sql() {
            for (path, sql) in files.iter() {
                prop_assert!(lex(sql).errors.is_empty(), "{path} does not lex");
            }
            if let Ok(mut compiled) = compiled.lock() {
                compiled.push((format!("{mutations:?}"), files));
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let compiled = compiled.into_inner().unwrap_or_default();
    let original = compile(spec).expect_sql();
    let changed: Vec<_> = compiled.into_iter().filter(|(_, files)| *files != original).collect();
    let step = (changed.len() / APPLIED).max(1);
    assert!(changed.len() >= APPLIED / 3, "only {} mutated specs compile to something else", changed.len());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let mut failures = Vec::new();
        for (mutations, files) in changed.iter().step_by(step).take(APPLIED) {
            let scratch = database(any_major(), Regime::Hardened).await;
            let client = scratch.connect().await.expect("the deployer connects");
            match round_trip(&client, files).await {
                Ok(applied) if applied.left.is_empty() => {}
                Ok(applied) => failures.push(format!("{mutations}: {:#?}", applied.left)),
                Err(failure) if is_analysis(&failure.message) => {}
                Err(failure) => failures.push(format!("{mutations}: {}: {}", failure.file, failure.message)),
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    });
}
