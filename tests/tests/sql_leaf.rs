//! The SQL leaf against a real PostgreSQL: what we write is read back as it was, and what we read is read as the server reads it.

#[path = "sql_leaf/server.rs"]
mod server;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use trust_schema::sql::type_name::TypeName;
use trust_schema::sql::{body, expression, identifier, keyword, literal, query};

use server::Session;

/// Random text with what is special to PostgreSQL in it, without NUL.
fn texts() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("'".to_owned()),
        Just("\\".to_owned()),
        Just("\\'".to_owned()),
        Just("$$".to_owned()),
        Just("$t".to_owned()),
        Just("$t$".to_owned()),
        Just("$t1$".to_owned()),
        Just("\"".to_owned()),
        Just("--".to_owned()),
        Just("/*".to_owned()),
        Just(";\n".to_owned()),
        Just("😀é".to_owned()),
        "[^\0]{0,3}",
    ];
    prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
}

fn run<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(strategy, test).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn strings_are_read_back_under_both_settings() {
    for setting in ["on", "off"] {
        let session = Session::new();
        session.run(&format!("set standard_conforming_strings = {setting}; set escape_string_warning = off"));
        run(300, &texts(), |text| {
            let written = literal::string(&text).expect("no NUL");
            prop_assert_eq!(session.value(&format!("select {written}")), text.clone());
            let written = literal::dollar_quote(&text, "t").expect("no NUL");
            prop_assert_eq!(session.value(&format!("select {written}")), text.clone());
            let written = literal::dollar_quote(&text, "").expect("no NUL");
            prop_assert_eq!(session.value(&format!("select {written}")), text);
            Ok(())
        });
        run(50, &prop::collection::vec(any::<u8>(), 0..20), |bytes| {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            prop_assert_eq!(session.value(&format!("select encode({}, 'hex')", literal::bytea(&bytes))), hex);
            Ok(())
        });
        run(100, &any::<f64>(), |number| {
            let read: f64 = session.value(&format!("select ({})::double precision", literal::float(number))).parse().expect("a number");
            prop_assert!(read == number || (read.is_nan() && number.is_nan()), "{number}");
            Ok(())
        });
        for number in [0, -1, i64::MIN, i64::MAX] {
            assert_eq!(session.value(&format!("select {}::bigint", literal::integer(number))), number.to_string());
        }
    }
}

#[test]
fn names_are_read_back() {
    let session = Session::new();
    run(300, &texts(), |text| {
        prop_assume!(!text.is_empty() && text.len() <= identifier::MAXIMUM_LENGTH);
        let quoted = identifier::quote(&text);
        prop_assert_eq!(session.column_name(&format!("select 1 as {quoted}")), text.clone());
        prop_assert_eq!(session.value(&format!("select quote_ident({})", literal::string(&text).expect("no NUL"))), quoted.clone());
        if identifier::check(&text).is_ok() {
            prop_assert_eq!(identifier::parse_reference(&quoted), Ok((None, text)));
        }
        Ok(())
    });
}

#[test]
fn key_words_are_quoted_as_the_server_quotes_them() {
    let session = Session::new();
    let mut compared = 0;
    for keyword in keyword::all() {
        let server = session.value(&format!("select quote_ident('{}')", keyword.word));
        let ours = identifier::quote(keyword.word);
        // What a later version reserves is quoted for this one too.
        if keyword.since.is_none() {
            assert_eq!(ours, server);
            compared += 1;
        } else {
            assert!(ours == server || ours.trim_matches('"') == server);
        }
    }
    assert!(compared > 400);
    assert_eq!(session.value("select count(*) from pg_get_keywords()"), compared.to_string());
}

#[test]
fn types_print_as_the_server_prints_them() {
    let session = Session::new();
    let spellings = "int|INT|int2|int4|int8|integer|smallint|bigint|real|float|float(1)|float(24)|float(25)|float(53)|float4|float8|double precision|\
        bool|boolean|text|varchar|varchar(10)|character varying|character varying(3)|char varying(3)|national character varying(5)|nchar(4)|\
        national char(2)|national character(2)|nchar varying(9)|char|char(7)|character|character(8)|bpchar|bpchar(4)|\"char\"|pg_catalog.char|name|\
        bit|bit(3)|bit varying|bit varying(8)|varbit|varbit(5)|\"bit\"|\"bpchar\"|pg_catalog.bit|decimal|decimal(5)|dec(5,2)|numeric|numeric(10)|numeric(10,2)|\
        numeric(3,-2)|numeric(2,5)|numeric(1000,1000)|timestamp|timestamp(3)|timestamp with time zone|timestamp(0) with time zone|\
        timestamp without time zone|timestamptz|timestamptz(3)|time|time(6)|time with time zone|time(2) with time zone|timetz|timetz(1)|\
        TIMESTAMP(2) WITHOUT TIME ZONE|date|interval|interval(3)|interval year|interval month|interval day|interval hour|interval minute|\
        interval second|interval second(2)|interval year to month|interval day to hour|interval day to minute|interval day to second|\
        interval day to second(3)|interval hour to minute|interval hour to second(0)|interval minute to second|uuid|json|jsonb|xml|money|\
        bytea|inet|cidr|macaddr|point|polygon|tsvector|tsquery|oid|regclass|regproc|int4range|tstzrange|int4multirange|pg_lsn|xid8|int2vector|\
        text[]|text[][]|int array|int array[4]|int[3][3]|_int4|_text|varchar(10)[]|numeric(5,2)[]|timestamptz(3)[]|bit(3)[]|\"char\"[]|\
        interval day to second(3)[]|pg_catalog.int4|pg_catalog.varchar(3)|pg_catalog.timestamptz(2)|\"int4\"|\"text\"|pg_class|pg_catalog.pg_type[]";
    let mut compared = 0;
    for spelling in spellings.split('|').map(str::trim) {
        session.run(&format!("create temporary table types (a {spelling})"));
        let server = session.value("select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'types'::regclass and attnum = 1");
        session.run("drop table types");
        let ours = TypeName::parse(spelling).unwrap_or_else(|error| panic!("{spelling}: {error:?}"));
        assert_eq!(ours.to_string(), server, "{spelling}");
        assert!(ours.is_builtin(), "{spelling}");
        // What is printed is read back as the same type.
        let again = TypeName::parse(&server).unwrap_or_else(|error| panic!("{server}: {error:?}"));
        assert_eq!(again.to_string(), server);
        compared += 1;
    }
    assert!(compared > 100);
}

#[test]
fn types_that_we_refuse_are_refused_by_the_server() {
    let session = Session::new();
    for spelling in [
        "varchar(0)",
        "varchar(10485761)",
        "numeric(0)",
        "numeric(1001)",
        "numeric(5,1001)",
        "bit(0)",
        "float(54)",
        "float(0)",
        "text(3)",
        "int(4)",
        "interval day(3)",
        "interval day to year",
        "double",
        "timestamp with zone",
        "select",
        "between",
        "pg_catalog.integer",
        "record",
        "trigger",
        "anyelement",
        "void",
        "setof int",
        "int[",
        "varchar(a)",
        "_text[]",
    ] {
        assert!(TypeName::parse_column(spelling).is_err(), "{spelling}");
        assert!(session.try_run(&format!("create temporary table refused (a {spelling})")).is_err(), "{spelling}");
    }
}

/// A text that we take as a body is a whole function body for PostgreSQL too, and stays inside when it is nested: random texts made
/// of what block structure consists of.
#[test]
fn bodies_that_pass_are_one_block_for_the_server() {
    let session = Session::new();
    session.run("create schema bodies");
    let parts = prop_oneof![
        4 => Just("begin "), 4 => Just("end "), 3 => Just("end; "), 3 => Just("null; "), 1 => Just("; "), 2 => Just("exception when others then "),
        2 => Just("if true then "), 2 => Just("end if; "), 1 => Just("elsif false then "), 1 => Just("else "), 2 => Just("loop "), 2 => Just("end loop; "),
        1 => Just("while true loop "), 1 => Just("declare x int; "), 1 => Just("declare "), 1 => Just("<<l>> "), 1 => Just("l "), 1 => Just("-- end\n"),
        1 => Just("/* begin */ "), 1 => Just("perform 'end; begin'; "), 1 => Just("perform (case when true then 1 end); "), 1 => Just("( "), 1 => Just(") "),
        1 => Just("case 1 "), 1 => Just("when 1 then "), 1 => Just("end case; "), 1 => Just("raise notice 'a'; "), 1 => Just("return; "), 1 => Just("exit "),
        1 => Just("for i in 1..2 loop "), 1 => Just("x := 1; "), 1 => Just("perform case when true then 1 end; "), 1 => Just("exception "),
    ];
    let bodies = prop::collection::vec(parts, 1..14).prop_map(|parts| parts.concat());
    // Half of the texts are put between `begin` and `end`, or nothing would pass.
    let bodies = (bodies, any::<bool>()).prop_map(|(text, whole)| if whole { format!("begin {text}end") } else { text });
    let accepted = std::cell::Cell::new(0);
    run(4000, &bodies, |text| {
        let Ok(read) = body::check_plpgsql(&text) else { return Ok(()) };
        // An undeclared variable and an EXIT outside of a loop are not about structure.
        let outcome = |result: Result<(), String>| match result {
            Err(message) if message.contains("is not a known variable") || message.contains("EXIT") || message.contains("label") => Ok(()),
            other => other,
        };
        for written in [text.clone(), format!("begin perform 1; {}; end", &text[read.block])] {
            let quoted = literal::dollar_quote(&written, "f").expect("no NUL");
            let created = session.try_run(&format!("create or replace function bodies.f() returns void language plpgsql as {quoted}"));
            prop_assert_eq!(outcome(created), Ok(()), "{}", written);
        }
        accepted.set(accepted.get() + 1);
        Ok(())
    });
    assert!(accepted.get() > 50, "{} texts passed", accepted.get());
}

/// Expressions and queries that pass are taken by the server between parentheses.
#[test]
fn expressions_that_pass_are_expressions_for_the_server() {
    let session = Session::new();
    session.run("create schema app; create table app.t (id uuid, a int, b text, c timestamptz, d jsonb, e text[]); create function app.f(x int) returns int language sql as 'select 1'");
    for text in [
        "a > 0",
        "b ~ '^[a-z]+$' and length(b) between 1 and 20",
        "b = any (array['x', 'y']) or b = any (e)",
        "exists (select 1 from app.t o where o.id = t.id and o.a > 0)",
        "id = (select o.id from app.t o order by o.a limit 1)",
        "c > now() - interval '1 day'",
        "d ->> 'k' = 'v' and d @> '{}'::jsonb and d ? 'k'",
        "coalesce(a, 0) + greatest(a, 1) = nullif(a, 2)",
        "(case when a > 0 then b else 'x' end) like 'x%'",
        "app.f(x => a) = 1",
        "b is distinct from current_user and a is not null",
        "extract(year from c) > 2000 and c at time zone 'utc' > timestamp '2020-01-01'",
        "(select count(*) filter (where o.a > 0) from app.t o group by o.b having count(*) > 1) > 0",
        "exists (with w as (select a as z from app.t) select z from w)",
        "e[1] = 'x' and cardinality(e) = 1 and a in (select unnest(array[1, 2]))",
        "substring(b from 1 for 2) = trim(both 'x' from b)",
        "a::numeric(5, 2) > 0.5 and not (a = 1)",
        "(a, b) = (1, 'x')",
    ] {
        expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        session.try_run(&format!("select 1 from app.t where ({text})")).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    for text in [
        "select a, b as x, count(*), a::text, now(), 1, coalesce(a, 1), case when a = 1 then b end, exists (select 1), array[a], (select o.b from app.t o limit 1), \
                  true, a is null, extract(year from c), c at time zone 'utc', (a), row(a, b), d -> 'k', e[1], '1'::int, cast(a as bigint), lower(b), interval '1 day', date '2020-01-01', current_date, current_user \
                  from app.t group by id, a, b, c, d, e",
        "values (1, 'a')",
        "select b from app.t union select 'x'",
    ] {
        let parsed = query::parse_query(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(parsed.column_names().unwrap_or_default().join(","), session.column_names(text).join(","), "{text}");
    }
}
