//! Schemas of other projects, which are not ours to keep here: `TRUST_IMPORT_SCHEMAS=DIR cargo test -p tests --test import elsewhere -- --nocapture`
//! imports what every `*.sql` file of that folder makes, and compares what comes back.

use std::path::PathBuf;

use tests::postgres;
use trust_schema::import::Became;

use crate::{dump, support};

#[tokio::test]
async fn schemas_of_other_projects_come_back() {
    let Some(folder) = std::env::var_os("TRUST_IMPORT_SCHEMAS") else {
        println!("TRUST_IMPORT_SCHEMAS=DIR runs it");
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    assert!(!files.is_empty(), "no schema in the folder");
    let major = postgres::any_major();
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let sql = std::fs::read_to_string(&file).unwrap();
        // One that fails says so, and the others are tried all the same.
        let tried = tokio::spawn(async move {
            let (made, original, copy) =
                (postgres::plain_database(major).await, postgres::plain_database(major).await, postgres::plain_database(major).await);
            support::run(&made, &sql).await;
            // PostgreSQL prints some queries in another way once they went through a dump (`'x'::name` gets an alias): not ours to tell.
            let script =
                dump::script(major, &made).map_or(sql, |script| script.lines().filter(|line| !line.starts_with('\\')).collect::<Vec<_>>().join("\n"));
            let administrator = original.connect_as_administrator().await.unwrap();
            support::execute(&administrator, &script).await;
            let imported = support::comes_back(major, &original, &copy, &name).await;
            let is_same = dump::same(major, &original, &copy, &name);
            let count = |became: Became| imported.findings.iter().filter(|finding| finding.became == became).count();
            println!(
                "{name}: {} objects in the words of the spec, {} raw blocks, {} left; pg_dump {}",
                imported.modelled,
                imported.raw,
                count(Became::Left),
                if is_same { "the same" } else { "not asked" }
            );
        });
        if let Err(error) = tried.await {
            wrong.push(format!("{}: {error}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
