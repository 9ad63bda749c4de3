//! Schemas of many shapes.

use tests::postgres;
use trust_schema::import::Became;
use trust_schema::live::server::Regime;
use trust_schema::source::SourceFile;

use crate::{dump, support};

const SHOP: &str = include_str!("shop.sql");

#[tokio::test]
async fn a_shop_comes_back() {
    let mut dumped = 0;
    for &major in postgres::majors() {
        let (original, copy) = (postgres::database(major, Regime::Hardened).await, postgres::database(major, Regime::Legacy).await);
        support::run(&original, SHOP).await;
        let imported = support::comes_back(major, &original, &copy, "shop").await;
        let told: Vec<String> = imported
            .findings
            .iter()
            .filter(|finding| finding.became == Became::Left)
            .map(|finding| format!("{}: {}", finding.object, finding.reason))
            .collect();
        assert_eq!(told, Vec::<String>::new(), "PostgreSQL {major}");
        // Without a comment, and with bodies that nobody would write so here.
        for name in ["plain", "indented"] {
            let of = |file: &&SourceFile| file.text.contains(&format!("[function.{name}]"));
            assert!(imported.files.iter().find(of).is_some_and(|file| file.text.contains("verbatim ")), "{name}: {:#?}", imported.findings);
        }
        // Beside a domain of that name.
        assert!(imported.files.iter().any(|file| file.text.contains("\"pg_catalog.date\"")), "{:#?}", imported.findings);
        dumped += usize::from(dump::same(major, &original, &copy, "shop"));
    }
    assert!(dumped > 0 || !postgres::majors().contains(&15));
}

/// A version to which nothing is deployed is left by way of its import: what comes of it is the same there, and on the next version.
#[tokio::test]
async fn a_shop_of_the_oldest_version_comes_back() {
    let Some(major) = postgres::oldest_read() else { return };
    // Views with the caller's rights came later.
    let shop = SHOP.replace(" with (security_invoker = true)", "");
    let (original, copy) = (postgres::database(major, Regime::Hardened).await, postgres::database(major, Regime::Legacy).await);
    support::run(&original, &shop).await;
    let imported = support::comes_back(major, &original, &copy, "shop").await;
    let left: Vec<_> = imported.findings.iter().filter(|finding| finding.became == Became::Left).collect();
    assert!(left.is_empty(), "{left:#?}");
    support::apply(&postgres::database(postgres::any_major(), Regime::Hardened).await, &imported).await;
}

/// What this compiler generated is read back; most of it in the words of the spec.
#[tokio::test]
async fn trust_lite_comes_back() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated/migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for &major in postgres::majors() {
        let (original, copy) = (postgres::database(major, Regime::Legacy).await, postgres::database(major, Regime::Hardened).await);
        for file in &files {
            support::run(&original, &std::fs::read_to_string(file).unwrap()).await;
        }
        let imported = support::comes_back(major, &original, &copy, "trust_lite").await;
        assert!(imported.findings.iter().all(|finding| finding.became != Became::Left), "{:#?}", imported.findings);
        assert!(imported.modelled > 140, "{} of the objects are modelled: {:#?}", imported.modelled, imported.findings);
        dump::same(major, &original, &copy, "trust_lite");
        eprintln!("PostgreSQL {major}: {} objects in the words of the spec, {} raw blocks", imported.modelled, imported.raw);
    }
}

/// Migrations that people write: what is imported of them makes what they make.
#[tokio::test]
async fn migrations_of_others_come_back() {
    use trust_schema::live::import::{Failure, scripts};
    use trust_schema::live::server::{Installing, Request, Target};

    let request = Request { url: None, major: Some(postgres::any_major()), installing: Installing::Allowed, environment: postgres::environment() };
    let target = Target::open(&request, &mut |_| {}).await.unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/sql");
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut came_back = 0;
    let mut problems = Vec::new();
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let loaded = trust_schema::build::scripts(&folder.join("migrations")).unwrap().1;
        let (project, told) = trust_schema::scripts::read(loaded.files);
        if !told.is_empty() {
            continue;
        }
        let imported = match scripts(&target, &project, Regime::Hardened, &support::asked(&[])).await {
            Ok((imported, _)) => imported,
            Err(Failure::Script(_)) => continue,
            Err(error) => panic!("{name}: {error}"),
        };
        let mut files: Vec<SourceFile> =
            support::migrations(&imported).into_iter().map(|(path, text)| SourceFile { path: path.replace("migrations/", ""), text }).collect();
        files.push(SourceFile { path: "00000000000000_extensions.sql".to_owned(), text: extensions(&imported) });
        let left: Vec<_> = imported.findings.iter().filter(|finding| finding.became == Became::Left).collect();
        // Only a superuser can publish all tables.
        let is_known = name == "everything_postgresql_has" && left.len() == 1 && left[0].object == "publication everything";
        if !left.is_empty() && !is_known {
            problems.push(format!("{name}: {left:#?}"));
        }
        let (again, told) = trust_schema::scripts::read(files);
        assert!(told.is_empty(), "{name}: {told:?}");
        match scripts(&target, &again, Regime::Hardened, &support::asked(&[])).await {
            Ok((second, _)) => {
                came_back += 1;
                // What stands for the type of an extension prints its modifier in another way than it is written.
                if name != "embeddings" && imported.files != second.files {
                    let lines = |files: &[SourceFile]| {
                        files.iter().flat_map(|file| file.text.lines().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<String>>()
                    };
                    let (first, second) = (lines(&imported.files), lines(&second.files));
                    let lost: Vec<&String> = first.iter().filter(|line| !second.contains(line)).collect();
                    let added: Vec<&String> = second.iter().filter(|line| !first.contains(line)).collect();
                    problems.push(format!("{name}: lost {lost:#?}, added {added:#?}"));
                }
            }
            Err(error) => problems.push(format!("{name}: what was imported does not run: {error}")),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(came_back > 15, "{came_back}");
}

/// What has to be there before.
fn extensions(imported: &trust_schema::import::Imported) -> String {
    let project = imported.files.iter().find(|file| file.path == "trust.toml").unwrap();
    let has_vector = project.text.contains("[external.types.vector]");
    let project: toml::Table = project.text.parse().unwrap();
    let extensions = project.get("extension").and_then(toml::Value::as_table).into_iter().flatten();
    let create = extensions
        .map(|(name, extension)| format!("create extension if not exists \"{name}\" schema \"{}\";\n", extension["schema"].as_str().unwrap()));
    let roles =
        imported.findings.iter().filter(|finding| finding.became == Became::Required).filter_map(|finding| finding.object.strip_prefix("role "));
    let roles = roles.map(|role| format!("do $$ begin create role {role}; exception when duplicate_object then null; end $$;\n"));
    let others = if has_vector { "create extension vector schema extensions;\n" } else { "select 1;\n" };
    std::iter::once(others.to_owned()).chain(create).chain(roles).collect()
}

/// `public` is nobody's: what was changed of it is told, and only then.
#[tokio::test]
async fn changed_privileges_of_public_are_told() {
    for &major in postgres::majors() {
        let original = postgres::plain_database(major).await;
        let told = async || -> Vec<String> {
            let imported = support::import(&original, &[]).await;
            imported.findings.into_iter().filter(|finding| finding.became == Became::Left).map(|finding| finding.object).collect()
        };
        assert_eq!(told().await, Vec::<String>::new(), "PostgreSQL {major}");
        support::run(&original, "create role reader_of_public; grant create on schema public to reader_of_public").await;
        let told = told().await;
        assert!(
            matches!(told.as_slice(), [one] if one.starts_with("privileges of the schema public: ") && one.contains("reader_of_public=C/")),
            "PostgreSQL {major}: {told:?}"
        );
    }
}
