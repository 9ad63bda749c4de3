//! Columns that get a type which holds less: neither a deployment nor a rollback takes anything off values unasked.

use tests::compile::{files, release};
use tests::postgres;
use trust_schema::compile::{Compilation, compile, compile_after};
use trust_schema::live::deploy::migration::System;
use trust_schema::live::deploy::rollback::{self, Mode};
use trust_schema::live::deploy::{Allow, Options};
use trust_schema::live::server::Regime;

use super::support::{connection, database, deploy, deployed, difference, quick, state, system_of};

const PROJECT: &str = "[project]\nname = \"notes\"\nplatform = \"supabase\"\n";
const MODULE: &str = "[module]\nmigration = \"20260101000000_notes\"\n\n[table.notes]\nprimary_key = [\"note_id\"]\n";

fn columns(amount: &str, at: &str, length: &str) -> String {
    format!(
        "{MODULE}columns = {{ note_id = \"integer\", amount = {{ type = \"{amount}\", nullable = true }}, at = {{ type = \"{at}\", nullable = true }}, \
         size = {{ type = \"length\", nullable = true }} }}\n\n[domain.length]\ntype = \"{length}\"\nnullable = true\n"
    )
}

fn after(loses: &str, before: &Compilation, columns: &str) -> System {
    let head = format!("{PROJECT}\n[release]\nmigration = \"20260201000000_next\"\nloses = [{loses}]\n");
    system_of(&compile_after(files(&[("trust.toml", &head), ("notes.toml", columns)]), Some(release(before))))
}

#[tokio::test]
async fn a_type_that_holds_less_has_to_be_allowed() {
    let before = compile(files(&[("trust.toml", PROJECT), ("notes.toml", &columns("numeric(10,4)", "timestamptz", "double precision"))]));
    for (loses, now) in [
        ("\"column public.notes.amount\"", columns("numeric(10,2)", "timestamptz", "double precision")),
        ("\"column public.notes.at\"", columns("numeric(10,4)", "date", "double precision")),
        ("\"domain public.length\"", columns("numeric(10,4)", "timestamptz", "integer")),
    ] {
        let after = after(loses, &before, &now);
        let cluster = postgres::cluster(postgres::any_major());
        let scratch = database(&cluster, Regime::Hardened).await;
        let direct = connection(&cluster, &scratch);
        deployed(&direct, &system_of(&before)).await;
        let client = scratch.connect_as_administrator().await.expect("a session");
        client.batch_execute("insert into public.notes values (1, 1.2345, '2024-02-03 04:05:06+00', 1.5)").await.expect("a row");
        let held = state(&scratch).await;
        let refused = deploy(&direct, &after, &Options { allow: [Allow::Access].into(), ..quick() }).await.expect_err("something is lost");
        assert!(refused.code == "not-allowed" && refused.to_string().contains("--allow data-loss"), "{loses}: {refused}");
        assert_eq!(difference(&held, &state(&scratch).await), None, "{loses}");
        let report = deploy(&direct, &after, &Options { allow: [Allow::Access, Allow::DataLoss].into(), ..quick() }).await;
        report.unwrap_or_else(|stop| panic!("{loses}: {stop}"));
    }
}

#[tokio::test]
async fn what_a_rollback_takes_off_values_is_counted() {
    let before = compile(files(&[("trust.toml", PROJECT), ("notes.toml", &columns("numeric(10,2)", "date", "integer"))]));
    let after = after("", &before, &columns("numeric(12,4)", "timestamptz", "double precision"));
    let cluster = postgres::cluster(postgres::any_major());
    let scratch = database(&cluster, Regime::Hardened).await;
    let direct = connection(&cluster, &scratch);
    deployed(&direct, &system_of(&before)).await;
    let client = scratch.connect_as_administrator().await.expect("a session");
    client.batch_execute("insert into public.notes values (1, 1.25, '2024-02-03', 1), (2, null, null, null)").await.expect("rows");
    let options = Options { allow: [Allow::Access].into(), ..quick() };
    deploy(&direct, &after, &options).await.unwrap_or_else(|stop| panic!("{stop}"));
    let back = Mode::To("20260101000000".to_owned());
    // Nothing that was not there before.
    let planned = rollback::plan(&direct, &after, &quick(), &back).await.unwrap_or_else(|stop| panic!("{stop}"));
    assert!(!planned.loses_data(), "{:?}", planned.stakes);
    client
        .batch_execute("insert into public.notes values (3, 1.255, '2024-02-03', 1.5), (4, 1.5, '2024-02-03 01:00+00', 0.5)")
        .await
        .expect("rows that only the new types hold");
    let held = state(&scratch).await;
    let planned = rollback::plan(&direct, &after, &quick(), &back).await.unwrap_or_else(|stop| panic!("{stop}"));
    let mut stakes: Vec<(&str, Option<i64>)> = planned.stakes.iter().map(|stake| (stake.object.as_str(), stake.rows)).collect();
    stakes.sort_unstable();
    assert_eq!(stakes, [("public.notes.amount", Some(1)), ("public.notes.at", Some(1)), ("public.notes.size", Some(2))]);
    let refused = rollback::rollback(&direct, &after, &quick(), &planned, &mut |_| {}).await.expect_err("values would be reduced");
    assert_eq!(refused.code, "data-loss");
    assert!(refused.message.contains("public.notes.amount: 1 row with values that numeric(10,2) holds less exactly than numeric(12,4)"), "{refused}");
    assert_eq!(difference(&held, &state(&scratch).await), None);
    let allowed = Options { allow: [Allow::DataLoss].into(), ..quick() };
    let report = rollback::rollback(&direct, &after, &allowed, &planned, &mut |_| {}).await.unwrap_or_else(|stop| panic!("{stop}"));
    assert!(report.is_fine(), "{report:#?}");
}

/// A spec of one table: its head, and the columns beside its key.
fn table(head: &str, columns: &str) -> Vec<(String, String)> {
    let module = "[module]\nmigration = \"20260101000000_notes\"\n";
    vec![("trust.toml".to_owned(), format!("{PROJECT}{head}")), ("notes.toml".to_owned(), format!("{module}{columns}"))]
}

fn next(number: usize, loses: &str) -> String {
    format!("\n[release]\nmigration = \"2026020{number}000000_next\"\nloses = [{loses}]\n")
}

/// Applies each of these specs behind the one before, writes a row, and plans the way back to the first: what is at stake.
async fn at_stake(specs: &[Vec<(String, String)>], setting: &str, rows: &str) -> Vec<(String, Option<i64>)> {
    let scratch = database(&postgres::cluster(postgres::any_major()), Regime::Hardened).await;
    let direct = connection(&postgres::cluster(postgres::any_major()), &scratch);
    let mut last: Option<Compilation> = None;
    for spec in specs {
        let spec = || files(&spec.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>());
        let compilation = match &last {
            None => compile(spec()),
            Some(before) => compile_after(spec(), Some(release(before))),
        };
        let options = Options { allow: [Allow::Access, Allow::DataLoss].into(), ..quick() };
        deploy(&direct, &system_of(&compilation), &options).await.unwrap_or_else(|stop| panic!("{stop}"));
        last = Some(compilation);
    }
    let client = scratch.connect_as_administrator().await.expect("a session");
    let set = format!("do $$ begin execute format('alter database %I set {}', current_database()); end $$", setting.replace('\'', "''"));
    client.batch_execute(&format!("{set}; {rows}")).await.expect("a setting and rows");
    let system = system_of(last.as_ref().expect("a spec"));
    let back = Mode::To("20260101000000".to_owned());
    let planned = rollback::plan(&direct, &system, &quick(), &back).await.unwrap_or_else(|stop| panic!("{stop}"));
    let held = state(&scratch).await;
    let refused = rollback::rollback(&direct, &system, &quick(), &planned, &mut |_| {}).await;
    assert_eq!(refused.is_err_and(|stop| stop.code == "data-loss"), planned.loses_data());
    if planned.loses_data() {
        assert_eq!(difference(&held, &state(&scratch).await), None);
    }
    planned.stakes.into_iter().map(|stake| (stake.object, stake.rows)).collect()
}

const KEY: &str = "note_id = \"integer\"";

fn notes(name: &str, columns: &str) -> String {
    format!("\n[table.{name}]\nprimary_key = [\"note_id\"]\n\n[table.{name}.columns]\n{KEY}\n{columns}\n")
}

fn nullable(name: &str, data_type: &str, more: &str) -> String {
    format!("{name} = {{ type = \"{data_type}\", nullable = true{more} }}\n")
}

#[tokio::test]
async fn what_is_counted_is_what_has_the_name_now() {
    let narrow = nullable("a", "numeric(10,2)", "");
    let wide = nullable("a", "numeric(12,4)", "");
    let none = String::new();
    let one = |object: &str| vec![(object.to_owned(), Some(1))];
    let first = |columns: &str| table("", &notes("notes", columns));
    let moved = "renamed_from = \"notes\"\n";
    let papers = |columns: &str, head: &str| notes("papers", columns).replace("primary_key", &format!("{head}primary_key"));
    // The table gets another name with the type, and behind it.
    let with_it = [first(&narrow), table(&next(1, ""), &papers(&wide, moved))];
    assert_eq!(at_stake(&with_it, "work_mem = '4MB'", "insert into public.papers values (1, 1.2345), (2, 1.25)").await, one("public.papers.a"));
    let behind = [first(&narrow), table(&next(1, ""), &notes("notes", &wide)), table(&next(2, ""), &papers(&wide, moved))];
    assert_eq!(at_stake(&behind, "work_mem = '4MB'", "insert into public.papers values (1, 1.2345), (2, 1.25)").await, one("public.papers.a"));
    // Columns exchange their names.
    let both = narrow.clone() + &nullable("b", "numeric(10,2)", "");
    let exchanged = nullable("b", "numeric(12,4)", ", renamed_from = \"a\"") + &nullable("a", "numeric(10,2)", ", renamed_from = \"b\"");
    let rows = "insert into public.notes (note_id, a, b) values (1, 5.25, 1.2345)";
    assert_eq!(at_stake(&[first(&both), table(&next(1, ""), &notes("notes", &exchanged))], "work_mem = '4MB'", rows).await, one("public.notes.b"));
    // A row of a seed goes, by columns that have each other's names by then.
    let seed = |name: &str, other: &str, rows: &str| {
        format!(
            "\n[table.levels]\nprimary_key = [\"{name}\"]\ncolumns = {{ {name} = {{ type = \"integer\"FIRST }}, {other} = {{ type = \"integer\", nullable = trueOTHER }} }}\n\n[seed.levels]\nkey = [\"{name}\"]\nrows = [{rows}]\n"
        )
    };
    let before = seed("a", "b", "{ a = 1, b = 5 }").replace("FIRST", "").replace("OTHER", "");
    let after =
        seed("b", "a", "{ b = 1, a = 5 }, { b = 2, a = 6 }").replace("FIRST", ", renamed_from = \"a\"").replace("OTHER", ", renamed_from = \"b\"");
    let stakes = at_stake(&[table("", &before), table(&next(1, ""), &after)], "work_mem = '4MB'", "select 1").await;
    assert_eq!(stakes, [("public.levels".to_owned(), None)]);
    // What loses digits first goes as a whole then.
    let gone = [first(&none), table(&next(1, ""), &notes("notes", &narrow)), table(&next(2, ""), &notes("notes", &wide))];
    let rows = "insert into public.notes values (1, 1.2345), (2, 1.25), (3, 1.5)";
    assert_eq!(at_stake(&gone, "work_mem = '4MB'", rows).await, [("public.notes.a".to_owned(), Some(3))]);
}

#[tokio::test]
async fn what_is_counted_depends_on_no_setting_and_fails_for_no_type() {
    let pair = |before: &str, after: &str, loses: &str| {
        let spec = |head: &str, data_type: &str| table(head, &notes("notes", &nullable("a", data_type, "")));
        [spec("", before), spec(&next(1, loses), after)]
    };
    let one = [("public.notes.a".to_owned(), Some(1))];
    let rows = "insert into public.notes values (1, '0.30000000000000004'), (2, '0.5')";
    assert_eq!(at_stake(&pair("numeric", "double precision", "\"column public.notes.a\""), "extra_float_digits = 0", rows).await, one);
    let rows = "insert into public.notes values (1, '2024-11-03 05:30:00+00'), (2, '2024-11-03 06:30:00+00')";
    assert_eq!(at_stake(&pair("timestamp", "timestamptz", ""), "timezone = 'America/New_York'", rows).await, one);
    // Blanks between keys are nobody's loss.
    let rows = r#"insert into public.notes values (1, '{"b": 1, "a": 2}'), (2, '{"a":1}')"#;
    assert_eq!(at_stake(&pair("jsonb", "json", ""), "work_mem = '4MB'", rows).await, one);
    // Arrays of a domain have no equality of their own.
    let price = |head: &str, data_type: &str| {
        let domain = format!("\n[domain.price]\ntype = \"{data_type}\"\nnullable = true\n");
        table(head, &(domain + &notes("notes", &nullable("a", "price[]", ""))))
    };
    let prices = [price("", "numeric(10,2)"), price(&next(1, ""), "numeric(12,4)")];
    assert_eq!(at_stake(&prices, "work_mem = '4MB'", "insert into public.notes values (1, '{1.2345}'), (2, '{1.25,2}')").await, one);
    // A generated column is made anew, and nothing is lost with it.
    let generated = |head: &str, data_type: &str| {
        let twice = nullable("b", data_type, ", generated = \"a * 2\"");
        table(head, &notes("notes", &(nullable("a", "numeric(10,2)", "") + &twice)))
    };
    let twice = [generated("", "numeric(10,1)"), generated(&next(1, ""), "numeric(12,4)")];
    assert_eq!(at_stake(&twice, "work_mem = '4MB'", "insert into public.notes values (1, 1.25)").await, []);
    // Bits that do not fit are refused, not cut off.
    let flags = |head: &str, data_type: &str| {
        let domain = format!("\n[domain.flags]\ntype = \"{data_type}\"\nnullable = true\n");
        table(head, &(domain + &notes("notes", &nullable("a", "flags", ""))))
    };
    let bits = [flags("", "bit varying(8)"), flags(&next(1, ""), "bit varying(16)")];
    assert_eq!(at_stake(&bits, "work_mem = '4MB'", "insert into public.notes values (1, '11111111')").await, []);
}
