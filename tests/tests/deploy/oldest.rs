//! PostgreSQL 14: databases are read and compared, and nothing is deployed to them.

use std::path::Path;

use tests::postgres;
use trust_schema::compile::compile;
use trust_schema::live::deploy::migration;
use trust_schema::live::drift::{Subject, What, build, compare, look};
use trust_schema::live::introspect::introspect;
use trust_schema::live::inventory::inventory;
use trust_schema::live::server::{Platform, Target};
use trust_schema::source::SourceFile;

use crate::drift::subject;
use crate::support::{connect_to, deploy, quick};

#[tokio::test]
async fn the_oldest_version_is_read() {
    let Some(major) = postgres::oldest_read() else { return };
    let cluster = postgres::cluster(major);
    let target = Target::Cluster(Box::new(postgres::own_cluster(major)));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/drift");
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file");
    // Views with the caller's rights came later.
    let file = |name: &str| SourceFile { path: name.to_owned(), text: text(name).replace("security = \"invoker\"", "security = \"definer\"") };
    let compilation = compile(vec![file("trust.toml"), file("case.toml")]);
    let (resolution, outputs) = (compilation.resolution.as_ref().expect("a resolution"), compilation.outputs.as_ref().expect("outputs"));
    let system = migration::system(resolution, outputs.clone()).unwrap_or_else(|stop| panic!("{stop}"));
    let own = Subject { system: &system, resolution, sources: &compilation.sources, with_others: false, baseline: false };
    let database = cluster.scratch(Platform::Plain, &[]).await.expect("a database");
    let there = connect_to(&format!("postgresql://postgres@/{}?host={}", database.name(), cluster.directory().display()));
    let refused = deploy(&there, &system, &quick()).await.expect_err("it is too old");
    assert_eq!(refused.code, "old-server");
    let client = database.connect_as_administrator().await.expect("a session");
    for migration in &system.migrations {
        client.batch_execute(&migration.file.text).await.unwrap_or_else(|error| panic!("{}: {error:?}", migration.file.path));
    }
    client.batch_execute("create publication watched for table public.notes").await.expect("a publication");
    let read = introspect(&client, None).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(read.len() > 20, "{}", read.len());
    let held = inventory(&client).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(held.items.len() > 20, "{}", held.items.len());
    // Untouched, then changed by hand.
    let seen = look(&there, &own).await.unwrap_or_else(|stop| panic!("{stop}"));
    let expected = build(&seen, &target, &own).await.unwrap_or_else(|stop| panic!("{stop}"));
    let verdict = compare(seen, &expected, &own);
    assert!(verdict.is_fine() && verdict.verification.checks > 5, "{verdict:#?}");
    client.batch_execute("alter table public.notes disable row level security; create index extra on public.notes (title)").await.expect("changes");
    let verdict = compare(look(&there, &own).await.unwrap_or_else(|stop| panic!("{stop}")), &expected, &own);
    let found: Vec<(What, &str)> = verdict.drifts.iter().map(|drift| (drift.what, drift.object.as_str())).collect();
    assert_eq!(found, [(What::Added, "index public.extra"), (What::Changed, "table public.notes")]);
    // A spec that it cannot hold: what it cannot, and where that is written.
    let newer = subject(false);
    let seen = look(&there, &newer).await.unwrap_or_else(|stop| panic!("{stop}"));
    let stop = build(&seen, &target, &newer).await.expect_err("it does not know what the spec uses");
    assert_eq!(stop.code, "newer-server-needed");
    assert!(stop.message.contains(".toml:") && stop.message.contains("`nulls_not_distinct`"), "{stop}");
}
