//! Orders that are more than a pair.

use tests::compile::{Compiled, compile, files, round_trip};
use tests::postgres::{any_major, database};
use trust_schema::diagnostic::codes;
use trust_schema::live::server::Regime;

use crate::{PROJECT, module};

const GUARD: &str = "[function.af]\nsummary = 'x'\neffect = 'assert'\nbody = 'begin perform 1; end'\n[guard.g]\nassert = 'public.af()'\n";

fn one(toml: &str) -> Compiled {
    compile(files(&[("trust.toml", PROJECT), ("a.toml", &module("20260101000000_a", toml))]))
}

fn two(first: &str, second: &str) -> Compiled {
    compile(files(&[("trust.toml", PROJECT), ("a.toml", &module("20260101000000_a", first)), ("b.toml", &module("20260102000000_b", second))]))
}

fn applies(compiled: &Compiled) {
    assert!(compiled.0.diagnostics.is_empty(), "{}", compiled.full());
    let emitted = compiled.expect_sql();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        for regime in [Regime::Hardened, Regime::Legacy] {
            let scratch = database(any_major(), regime).await;
            let client = scratch.connect().await.expect("the deployer connects");
            let applied = round_trip(&client, &emitted).await.unwrap_or_else(|failure| panic!("{}: {}", failure.file, failure.message));
            assert!(applied.left.is_empty(), "{:#?}", applied.left);
        }
    });
}

#[test]
fn tables_refer_to_each_other() {
    let a = "[table.a]\nprimary_key = ['id']\ncolumns = { id = 'integer', b = { type = 'integer', nullable = true, references = 'b' } }\n";
    let b = "[table.b]\nprimary_key = ['id']\ncolumns = { id = 'integer', a = { type = 'integer', nullable = true, references = 'a' }, b = { type = 'integer', nullable = true, references = 'b' } }\n";
    applies(&one(&format!("{a}{b}")));
    applies(&two(a, b));
}

#[test]
fn a_check_calls_a_function_of_its_own_table_s_rows() {
    applies(&one(
        "[table.t]\ncheck.fine = { check = 'public.is_fine(t)' }\ncolumns = { a = 'integer' }\n[function.is_fine]\nsummary = 'x'\neffect = 'internal'\nargs = [{ name = 'r', type = 't' }]\nreturns = 'boolean'\nbody = 'begin return r.a > 0; end'\n",
    ));
}

#[test]
fn a_trigger_function_and_its_table_name_each_other() {
    applies(&one(
        "[table.t]\ncolumns = { a = 'integer' }\n[table.t.trigger.tr]\nwhen = 'after'\nevents = ['insert']\nfunction = 'tf'\n[function.tf]\nsummary = 'x'\neffect = 'trigger'\nreturns = 'trigger'\nbody = 'begin update public.t set a = 1; return null; end'\n",
    ));
}

#[test]
fn policies_of_two_tables_look_at_each_other() {
    // For different roles: for one role they would read each other without end, which is an error of its own.
    let table = |own: &str, other: &str, role: &str| {
        format!(
            "[table.{own}]\nprimary_key = ['id']\ncolumns = {{ id = 'integer' }}\n[table.{own}.policy.p]\ncommand = 'select'\nto = ['{role}']\nusing = 'id in (select o.id from public.{other} as o)'\n"
        )
    };
    let (a, b) = (table("a", "b", "authenticated"), table("b", "a", "anon"));
    applies(&one(&format!("{a}{b}")));
    applies(&two(&a, &b));
}

#[test]
fn a_chain_of_every_kind_is_written_backwards() {
    applies(&one(&format!(
        "{GUARD}[retention.clean]\nsummary = 'x'\npurges = {{ n = 't' }}\nguard = ['g']\n\
         [seed.t]\nkey = ['id']\nrows = [{{ id = 1, kind = 'x', at = {{ sql = 'now()' }}, place = {{ sql = \"row('x', 1)\" }} }}]\n\
         [view.over]\nquery = 'select u.id from public.under as u'\ncolumns = {{ id = 'integer' }}\n\
         [view.under]\nquery = 'select public.twice(t.id) as id from public.t as t'\ncolumns = {{ id = 'integer' }}\n\
         [function.first]\nsummary = 'x'\neffect = 'internal'\nlanguage = 'sql'\nargs = [{{ name = 'r', type = 'over' }}]\nreturns = 'integer'\nbody = 'select (r).id'\n\
         [function.twice]\nsummary = 'x'\neffect = 'internal'\nvolatility = 'immutable'\nargs = [{{ name = 'a', type = 'integer' }}]\nreturns = 'integer'\nbody = 'begin return 2 * a; end'\n\
         [table.t]\nprimary_key = ['id']\ncheck.big = {{ check = 'public.twice(id) > 0' }}\ncolumns = {{ id = 'positive', kind = 'kind', at = 'timestamptz', place = {{ type = 'place', nullable = true }} }}\n\
         [table.t.retention]\nkeep = '1 day'\nby = 'at'\nfunction = 'purge_t'\nguard = ['g']\n\
         [composite.place]\nattributes = {{ kind = 'kind', number = 'positive' }}\n\
         [domain.positive]\ntype = 'integer'\ncheck = 'value > 0'\nnullable = true\n\
         [enum.kind]\nvalues = ['x']\n"
    )));
}

#[test]
fn a_function_that_purges_goes_to_the_migration_that_is_named() {
    let table = |migration: &str| {
        format!(
            "{GUARD}[table.t]\nprimary_key = ['id']\ncolumns = {{ id = 'integer', at = 'timestamptz' }}\n[table.t.retention]\nkeep = '1 day'\nby = 'at'\nfunction = 'purge_t'\nguard = ['g']\nmigration = '{migration}'\n"
        )
    };
    let later = two(&table("20260102000000_b"), "");
    applies(&later);
    let files = later.expect_sql();
    assert!(files.0["migrations/20260102000000_b.sql"].contains("CREATE FUNCTION public.purge_t"));
    let earlier = two("", &table("20260101000000_a"));
    assert_eq!(earlier.codes(), [&codes::NEEDS_LATER_MIGRATION], "{}", earlier.full());
}

#[test]
fn a_restrictive_policy_is_never_put_off() {
    let policy = |restrictive: bool| {
        format!(
            "[table.x]\ncolumns = {{ a = 'integer' }}\n[table.x.policy.p]\ncommand = 'select'\nto = ['authenticated']\nrestrictive = {restrictive}\nusing = 'exists (select from public.t as t)'\n"
        )
    };
    let table = "[table.t]\ncolumns = { a = 'integer' }\n";
    applies(&two(&policy(false), table));
    assert_eq!(two(&policy(true), table).codes(), [&codes::NEEDS_LATER_MIGRATION]);
}

#[test]
fn append_only_tables_of_several_modules_share_one_function() {
    let table = |name: &str| format!("[table.{name}]\nprimary_key = ['id']\nappend_only = true\ncolumns = {{ id = 'integer' }}\n");
    applies(&two(&table("a"), &(table("b") + &table("c"))));
}

#[test]
fn what_is_deferred_takes_its_comment_with_it() {
    let compiled = two(
        "[table.x]\ncolumns = { a = 'integer' }\n[table.x.index.i]\ncolumns = [{ expression = 'public.f(a)' }]\ncomment = 'Finds.'\n",
        "[function.f]\nsummary = 'x'\neffect = 'internal'\nvolatility = 'immutable'\nargs = [{ name = 'a', type = 'integer' }]\nreturns = 'integer'\nbody = 'begin return a; end'\n",
    );
    applies(&compiled);
    assert!(compiled.expect_sql().0["migrations/20260102000000_b.sql"].contains("COMMENT ON INDEX public.i"));
}
