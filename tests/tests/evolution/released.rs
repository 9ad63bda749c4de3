//! A release of the first system, edited and proved: migrations, verification and rollbacks of what was released and of what is pending.

use std::path::Path;

use tests::compile::{files, folder, release};
use tests::postgres::{any_major, own_cluster};
use trust_schema::compile::{Compilation, compile, compile_after};
use trust_schema::live::prove::{Event, prove, report};
use trust_schema::live::server::Target;
use trust_schema::source::SourceFile;

use super::run::PROJECT;

fn spec() -> Vec<SourceFile> {
    folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec"))
}

fn edited(edits: &[(&str, &str, &str)], head: &str) -> Vec<SourceFile> {
    let mut files = spec();
    for (path, from, to) in edits {
        let file = files.iter_mut().find(|file| file.path == *path).unwrap_or_else(|| panic!("{path}"));
        assert!(file.text.contains(from), "{path}: {from}");
        file.text = file.text.replacen(from, to, 1);
    }
    let project = files.iter_mut().find(|file| file.path == "trust.toml").expect("the project");
    project.text.push_str(head);
    files
}

fn told(compilation: &Compilation) -> String {
    compilation.diagnostics.iter().map(|diagnostic| format!("{}\n", diagnostic.message)).collect()
}

#[test]
fn nothing_is_pending_where_nothing_changed() {
    let first = compile(spec());
    let again = compile_after(spec(), Some(release(&first)));
    assert!(again.diagnostics.is_empty(), "{}", told(&again));
    assert!(again.resolution.as_ref().is_some_and(|resolution| resolution.pending.as_ref().is_some_and(|pending| pending.evolution.is_empty())));
    assert_eq!(again.outputs, first.outputs, "the outputs stay byte by byte");
}

/// The SQL inside of a body is not looked at again where the very same text was released, and only there.
#[test]
fn edited_bodies_are_looked_at() {
    let released = release(&compile(spec()));
    let body = "functions/has_tenant_role.sql";
    let edits = [("begin", "begin\n  perform 1 + ;"), ("begin", "begin perform (select 1 from); ")];
    for (from, to) in edits {
        let after = compile_after(edited(&[(body, from, to)], "\n[release]\nmigration = \"20260301000000_slip\"\n"), Some(released.clone()));
        let codes: Vec<&str> = after.diagnostics.iter().map(|diagnostic| diagnostic.code.name).collect();
        assert_eq!(codes, ["bad-sql"], "{to}: {}", told(&after));
    }
}

/// A case's spec, before or after.
fn case(case: &str, name: &str) -> Vec<SourceFile> {
    let text = super::cases::read(&super::cases::folder().join(case), name);
    files(&[("trust.toml", &format!("{PROJECT}\n[release]\nmigration = \"20260201000000_next\"\n")), ("case.toml", &super::cases::module(&text))])
}

#[test]
fn names_are_exchanged_once() {
    let module = |name: &str| case("names_in_circles", name);
    let first = compile(module("before.toml"));
    let second = compile_after(module("after.toml"), Some(release(&first)));
    let is_pending = |compilation: &Compilation| {
        compilation.resolution.as_ref().and_then(|resolution| resolution.pending.as_ref()).map(|pending| !pending.evolution.is_empty())
    };
    assert_eq!(is_pending(&second), Some(true), "{}", told(&second));
    let third = compile_after(module("after.toml"), Some(release(&second)));
    assert_eq!(is_pending(&third), Some(false), "{}", told(&third));
    let codes: Vec<&str> = third.diagnostics.iter().map(|diagnostic| diagnostic.code.name).collect();
    assert_eq!(codes, ["intent-released"; 11], "{}", told(&third));
    assert_eq!(third.outputs, second.outputs, "the outputs stay byte by byte");
    // What is said with the first release is of no consequence, either.
    let first = compile(module("after.toml"));
    assert_eq!(is_pending(&compile_after(module("after.toml"), Some(release(&first)))), Some(false));
}

/// Recorded changes: the released migration and those behind it make what the spec says, and each rollback leads back. Every third one, and all
/// where many random pairs are asked for.
#[tokio::test]
async fn recorded_changes_are_proved() {
    let (mut proved, mut problems) = (0, Vec::new());
    let step = if std::env::var_os("TRUST_SCHEMA_EVOLUTION_PAIRS").is_some() { 1 } else { 3 };
    for folder in super::cases::cases().into_iter().step_by(step) {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let (_, second) = super::cases::both(&folder);
        let (Some(resolution), Some(outputs)) = (&second.resolution, &second.outputs) else { continue };
        if resolution.pending.as_ref().is_none_or(|pending| pending.evolution.is_empty()) {
            continue;
        }
        let target = Target::Cluster(Box::new(own_cluster(any_major())));
        let proof = prove(&target, resolution, outputs, &mut |_: Event| {}).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        proved += 1;
        problems.extend((!proof.holds()).then(|| format!("{name}: {}", report::text(&proof))));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(proved > 25 / step, "{proved} changes were proved");
}

#[tokio::test]
async fn an_edited_release_is_proved() {
    let head = "\n[release]\nmigration = \"20260301000000_slugs\"\nsummary = \"Slugs.\"\n";
    let column = "name      = { type = \"text\", check = \"length(btrim(name))";
    let insert = ("seed_data.toml", "public.tenants (name)", "public.tenants (title)");
    let index = "[table.tenant_members.index.tenant_members_user_id_idx]";
    let edits = [
        (
            "tenant_model.toml",
            column,
            "slug = { type = \"text\", default = { sql = \"gen_random_uuid()::text\" }, backfill = \"'t-' || tenant_id\", comment = \"Short name.\" }\ntitle     = { type = \"text\", renamed_from = \"name\", check = \"length(btrim(title))",
        ),
        ("functions/create_tenant_v1.sql", "public.tenants as t (name)", "public.tenants as t (title)"),
        ("seed_data.toml", "(tenant_id, name)", "(tenant_id, title)"),
        insert,
        insert,
        insert,
        insert,
        ("tenant_model.toml", "policy.members_read_fellow_members", "policy.members_read_fellows"),
        (
            "tenant_model.toml",
            index,
            "[table.tenants.unique.tenants_slug_key]\ncolumns = [\"slug\"]\n\n[table.tenant_members.check.role_is_short]\ncheck = \"length(role) < 20\"\n\n[table.tenant_members.index.tenant_members_role_idx]\ncolumns = [\"role\"]\n\n[table.tenant_members.index.tenant_members_user_id_idx]",
        ),
        ("functions/has_tenant_role.sql", "begin", "begin\n  -- Looks, no more."),
        ("delegations.toml", "comment = \"When the token last passed validation.\"", "comment = \"When the token passed validation last.\""),
    ];
    let first = compile(spec());
    let second = compile_after(edited(&edits, head), Some(release(&first)));
    let (Some(resolution), Some(outputs)) = (&second.resolution, &second.outputs) else { panic!("{}", told(&second)) };
    let names: Vec<&str> = resolution.modules.iter().skip(8).map(|module| module.migration.as_str()).collect();
    assert_eq!(names[..3], ["20260301000000_slugs", "20260301000001_slugs_2", "20260301000002_slugs_3"]);
    let migration = |name: &str| &outputs.0[&format!("migrations/{name}.sql")];
    for renamed in ["RENAME COLUMN name TO title", "RENAME CONSTRAINT tenants_name_check TO tenants_title_check", "RENAME TO members_read_fellows"] {
        assert!(migration(names[0]).contains(renamed), "{}", migration(names[0]));
    }
    let target = Target::Cluster(Box::new(own_cluster(any_major())));
    let proof = prove(&target, resolution, outputs, &mut |_: Event| {}).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(proof.holds(), "{}", report::text(&proof));

    // A second release on top of it.
    let third = compile_after(edited(&edits, head), Some(release(&second)));
    let codes: Vec<&str> = third.diagnostics.iter().map(|diagnostic| diagnostic.code.name).collect();
    assert_eq!(codes, ["intent-released", "intent-released"], "{}", told(&third));
    assert_eq!(third.outputs, second.outputs, "the outputs stay byte by byte");
}
