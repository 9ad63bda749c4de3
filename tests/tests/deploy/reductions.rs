//! Columns that get a type which holds less: neither a deployment nor a rollback takes anything off values unasked.

use tests::compile::{files, release};
use tests::postgres;
use trust_schema::compile::{Compilation, compile, compile_after};
use trust_schema::live::deploy::migration::{self, System};
use trust_schema::live::deploy::rollback::{self, Mode};
use trust_schema::live::deploy::{Allow, Options};
use trust_schema::live::server::Regime;

use super::support::{connection, database, deploy, deployed, difference, quick, state};

const PROJECT: &str = "[project]\nname = \"notes\"\nplatform = \"supabase\"\n";
const MODULE: &str = "[module]\nmigration = \"20260101000000_notes\"\n\n[table.notes]\nprimary_key = [\"note_id\"]\n";

fn columns(amount: &str, at: &str, length: &str) -> String {
    format!(
        "{MODULE}columns = {{ note_id = \"integer\", amount = {{ type = \"{amount}\", nullable = true }}, at = {{ type = \"{at}\", nullable = true }}, \
         size = {{ type = \"length\", nullable = true }} }}\n\n[domain.length]\ntype = \"{length}\"\nnullable = true\n"
    )
}

fn system(compilation: &Compilation) -> System {
    let told: Vec<String> = compilation.diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect();
    let (Some(resolution), Some(outputs)) = (&compilation.resolution, &compilation.outputs) else { panic!("{told:#?}") };
    migration::system(resolution, outputs.clone()).unwrap_or_else(|stop| panic!("{stop}"))
}

fn after(loses: &str, before: &Compilation, columns: &str) -> System {
    let head = format!("{PROJECT}\n[release]\nmigration = \"20260201000000_next\"\nloses = [{loses}]\n");
    system(&compile_after(files(&[("trust.toml", &head), ("notes.toml", columns)]), Some(release(before))))
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
        deployed(&direct, &system(&before)).await;
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
    deployed(&direct, &system(&before)).await;
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
