//! What `lint --fix` does: each rule that has a fix mends its bad example, nobody sees or changes more afterwards, and nothing else of a file changes.

use std::collections::BTreeSet;

use tests::compile::{compile, files};
use tests::postgres::{any_major, database};
use trust_schema::diagnostic::render::sarif;
use trust_schema::fix::{Fixed, fix};
use trust_schema::lint::{Context, Rule, Subject, Surroundings, lint, prelude, rules, run};
use trust_schema::live::server::Regime;
use trust_schema::source::SourceFile;

/// The rules that are not told unless somebody asks for them.
fn asked_for(rule: &Rule, mut spec: Vec<SourceFile>) -> Vec<SourceFile> {
    for file in spec.iter_mut().filter(|file| file.path == "trust.toml") {
        file.text.push_str(&format!("\n[lint.level]\n{} = \"warn\"\n", rule.name()));
    }
    spec
}

fn found(rule: &Rule, spec: Vec<SourceFile>) -> usize {
    let compiled = compile(spec);
    let resolution = compiled.0.resolution.as_ref().unwrap_or_else(|| panic!("{}: {}", rule.name(), compiled.full()));
    run(&Context::new(&resolution.catalog, Surroundings::of(resolution)), |other| std::ptr::eq(other, rule)).len()
}

/// The files after their edits.
fn now(before: &[SourceFile], fixed: &Fixed) -> Vec<SourceFile> {
    let text =
        |file: &SourceFile| fixed.changed.iter().find(|changed| changed.path == file.path).map_or(file.text.clone(), |changed| changed.now.clone());
    before.iter().map(|file| SourceFile { path: file.path.clone(), text: text(file) }).collect()
}

#[test]
fn a_rule_with_a_fix_mends_its_bad_example() {
    let mut with_fix = 0;
    for rule in rules::all() {
        // What leads on from a release is mended by another way, not by another spec.
        let Some(bad) = rule.bad.files().filter(|_| rule.bad.released().is_none()) else {
            assert!(!rule.has_fix, "{}: what no spec can say cannot be mended in one", rule.name());
            continue;
        };
        let spec = asked_for(rule, bad);
        let before = found(rule, spec.clone());
        let fixed = fix(spec.clone(), None);
        let own = |name: &str| name == rule.name();
        if !rule.has_fix {
            assert!(!fixed.mended.iter().any(|mended| own(mended.name)), "{}: it has a fix and does not say so", rule.name());
            continue;
        }
        with_fix += 1;
        let kept_out: Vec<_> = fixed.kept_out.iter().filter(|(mended, _)| own(mended.name)).collect();
        assert!(kept_out.is_empty(), "{}: {kept_out:?}", rule.name());
        assert_eq!(fixed.mended.iter().filter(|mended| own(mended.name)).count(), before, "{}", rule.name());
        assert_eq!(found(rule, now(&spec, &fixed)), 0, "{}", rule.name());
        // A second run has nothing to do.
        assert!(fix(now(&spec, &fixed), None).changed.is_empty(), "{}", rule.name());
    }
    println!("{with_fix} rules with a fix");
    assert!(with_fix >= 18, "{with_fix}");
}

/// Rows of two people, and what a signed-in one of them, or one whom nobody knows, does.
const ROWS: &str = "insert into public.notes (owner_id, tenant_id, body, shared) values
  ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000aa', 'a', false),
  ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-0000000000bb', 'b', true);";
const CALLERS: [&str; 3] = [
    r#"{"role":"authenticated","sub":"00000000-0000-4000-8000-00000000000a"}"#,
    r#"{"role":"authenticated","sub":"00000000-0000-4000-8000-00000000000b"}"#,
    r#"{"role":"authenticated"}"#,
];
const ATTEMPTS: [&str; 2] =
    ["select body from public.notes order by 1", "update public.notes set owner_id = '00000000-0000-4000-8000-00000000000c' returning body"];

/// What each caller gets; nothing where it is refused.
async fn got(client: &tokio_postgres::Client, spec: Vec<SourceFile>, name: &str) -> BTreeSet<(usize, usize, String)> {
    let compiled = compile(spec);
    // A leak is not emitted, and its bad example is one.
    let script: String = match compiled.sql() {
        Some(files) => files.iter().filter(|(path, _)| path.starts_with("migrations/")).map(|(_, text)| text).collect(),
        None => {
            return (0..CALLERS.len())
                .flat_map(|caller| (0..ATTEMPTS.len()).flat_map(move |attempt| ["a", "b"].map(|body| (caller, attempt, body.to_owned()))))
                .collect();
        }
    };
    client.batch_execute("begin").await.expect("a transaction begins");
    client.batch_execute(&script).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    client.batch_execute(ROWS).await.expect("rows");
    let mut got = BTreeSet::new();
    for (caller, claims) in CALLERS.iter().enumerate() {
        for (attempt, statement) in ATTEMPTS.iter().enumerate() {
            let before = format!("savepoint attempt; set local role authenticated; select set_config('request.jwt.claims', '{claims}', true);");
            client.batch_execute(&before).await.expect("somebody signs in");
            if let Ok(rows) = client.query(*statement, &[]).await {
                got.extend(rows.iter().map(|row| (caller, attempt, row.get::<_, String>(0))));
            }
            client.batch_execute("rollback to savepoint attempt").await.expect("back");
        }
    }
    client.batch_execute("rollback").await.expect("the transaction ends");
    got
}

#[test]
fn nobody_gets_more_by_a_fix_of_a_policy() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let scratch = database(any_major(), Regime::Hardened).await;
        let client = scratch.connect().await.expect("the deployer connects");
        let mut looked_at = 0;
        for rule in rules::all().filter(|rule| rule.has_fix) {
            let Some(bad) = rule.bad.files().filter(|_| rule.bad.text().contains("[table.notes.policy.")) else { continue };
            let spec = asked_for(rule, bad);
            let fixed = now(&spec, &fix(spec.clone(), None));
            let (before, after) = (got(&client, spec, rule.name()).await, got(&client, fixed, rule.name()).await);
            assert!(after.is_subset(&before), "{}: {:?}", rule.name(), after.difference(&before).collect::<Vec<_>>());
            looked_at += 1;
        }
        assert!(looked_at >= 8, "{looked_at}");
    });
}

#[test]
fn nothing_else_of_a_file_changes() {
    let module = format!(
        "{}{}",
        prelude::MODULE,
        r#"# Who reads notes.
[table.notes.access]
authenticated = ["select"]   # and nothing else

# First the long way.
[table.notes.policy."own notes"]
command = "select"
to      = ["authenticated"]
using   = '''
  owner_id = auth.uid() and
  body <> 'auth.uid()'
'''

# The same again.
[table.notes.policy.again]
command = "select"
to      = ["authenticated"]
using   = "false"

[table.items]
primary_key = ["item_id"]
columns     = { item_id = "uuid", payload = 'json', made_at = { type = "timestamp(3)", nullable = true } } # all of them
"#
    );
    let spec = files(&[("trust.toml", prelude::PROJECT), ("example.toml", &module)]);
    let fixed = fix(spec, None);
    assert_eq!(fixed.kept_out, []);
    let [changed] = fixed.changed.as_slice() else { panic!("one file changes: {:?}", fixed.diagnostics) };
    let after = module
        .replace("owner_id = auth.uid()", "owner_id = (select auth.uid())")
        .replace("'json'", "'jsonb'")
        .replace("timestamp(3)", "timestamptz(3)")
        .replace("# The same again.\n[table.notes.policy.again]\ncommand = \"select\"\nto      = [\"authenticated\"]\nusing   = \"false\"\n\n", "");
    assert_eq!(changed.now, after);
}

#[test]
fn what_would_do_harm_is_kept_out() {
    // Without the policy nobody could read what they may select: another finding.
    let module = format!(
        "{}[table.notes.access]\nauthenticated = [\"select\"]\n\n[table.notes.policy.none]\ncommand = \"select\"\nto = [\"authenticated\"]\nusing = \"false\"\n",
        prelude::MODULE
    );
    let fixed = fix(files(&[("trust.toml", prelude::PROJECT), ("example.toml", &module)]), None);
    assert!(fixed.changed.is_empty());
    let [(mended, why)] = fixed.kept_out.as_slice() else { panic!("{:?}", fixed.kept_out) };
    assert_eq!(mended.name, "policy-constant-false");
    assert!(why.contains("new finding: `authenticated` may select `public.notes`, but no policy lets it"), "{why}");
}

#[test]
fn an_edit_that_does_not_pass_keeps_no_other_one_out() {
    let tables: String =
        (0..7).map(|number| format!("\n[table.t{number}]\nprimary_key = [\"id\"]\ncolumns = {{ id = \"uuid\", payload = \"json\" }}\n")).collect();
    let module = format!(
        "{}{tables}\n[table.notes.access]\nauthenticated = [\"select\"]\n\n[table.notes.policy.none]\ncommand = \"select\"\nto = [\"authenticated\"]\nusing = \"false\"\n",
        prelude::MODULE
    );
    let fixed = fix(files(&[("trust.toml", prelude::PROJECT), ("example.toml", &module)]), None);
    assert_eq!((fixed.mended.len(), fixed.kept_out.len()), (7, 1));
    assert!(!fixed.changed[0].now.contains("\"json\""));
}

#[test]
fn what_does_not_resolve_is_mended_where_one_thing_only_can_be_meant() {
    let module = format!(
        "{}[table.notes.access]\nauthenticated = [\"select\"]\n\n[table.notes.policy.own]\ncommand = \"select\"\nto = [\"authenticated\"]\nusing = \"exists (select from members m where m.user_id = owner_id)\"\n\n[table.members]\nprimary_key = [\"user_id\"]\ncolumns = {{ user_id = \"uuid\" }}\naccess = {{ authenticated = [\"select\"] }}\n",
        prelude::MODULE
    );
    let fixed = fix(files(&[("trust.toml", prelude::PROJECT), ("example.toml", &module)]), None);
    assert!(fixed.mended.iter().any(|mended| mended.name == "unqualified-name"), "{:?}", fixed.kept_out);
    assert!(fixed.changed[0].now.contains("select from public.members m"));
    // What was meant by a misspelt word is a guess.
    let misspelt =
        module.replace("from members", "from public.members").replace("primary_key = [\"user_id\"]\ncolumns", "primary_key = [\"user_id\"]\ncolumn");
    assert!(fix(files(&[("trust.toml", prelude::PROJECT), ("example.toml", &misspelt)]), None).changed.is_empty());
}

#[test]
fn a_waiver_that_waives_nothing_goes() {
    let waiver = |object: &str| format!("\n# Why.\n[[lint.waiver]]\nrule = \"json-type\"\nobject = \"{object}\"\nreason = \"It is what it is.\"\n");
    let items = format!("{}[table.items]\nprimary_key = [\"id\"]\ncolumns = {{ id = \"uuid\", payload = \"json\" }}\n", prelude::MODULE);
    let used = waiver("public.items.payload");
    for project in [format!("{}{}{used}", prelude::PROJECT, waiver("public.gone")), format!("{}{used}{}", prelude::PROJECT, waiver("public.gone"))] {
        let fixed = fix(files(&[("trust.toml", &project), ("example.toml", &items)]), None);
        let [changed] = fixed.changed.as_slice() else { panic!("{:?}", fixed.kept_out) };
        assert_eq!(changed.now, format!("{}{used}", prelude::PROJECT));
    }
}

#[test]
fn sarif_carries_the_edits() {
    let spec = files(&[
        ("trust.toml", prelude::PROJECT),
        ("example.toml", &format!("{}[table.items]\nprimary_key = [\"id\"]\ncolumns = {{ id = \"uuid\", payload = \"json\" }}\n", prelude::MODULE)),
    ]);
    let compiled = compile(spec);
    let resolution = compiled.0.resolution.as_ref().expect("the spec resolves");
    let found = lint(&Subject::of(resolution).with_edits(&compiled.0.sources));
    let document: serde_sarif::sarif::Sarif = serde_json::from_str(&sarif::render(&found, &compiled.0.sources, "spec")).expect("SARIF");
    let fixes: Vec<_> = document.runs[0].results.iter().flatten().flat_map(|result| result.fixes.iter().flatten()).collect();
    let [fix] = fixes.as_slice() else { panic!("{} fixes", fixes.len()) };
    let replacement = &fix.artifact_changes[0].replacements[0];
    assert_eq!(replacement.inserted_content.as_ref().and_then(|content| content.text.as_deref()), Some("\"jsonb\""));
    let region = &replacement.deleted_region;
    assert_eq!((region.start_line, region.start_column, region.end_column), (Some(22), Some(36), Some(42)));
}
