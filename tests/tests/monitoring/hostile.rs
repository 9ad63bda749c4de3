//! Hostile names and texts, all the way: the queries run, another YAML parser finds every text as it was, promtool passes rules and tests.

use std::path::Path;

use tests::compile::{compile, files};
use tests::postgres;
use trust_schema::emit::{Files, monitoring, sql};
use trust_schema::live::server::Regime;

use crate::support::{text, yaml};
use crate::tools::promtool;
use crate::values::values;

/// A spec with the value wherever it may stand, and the files for monitoring; the compiler may refuse some places.
fn compiled(value: &str) -> Option<Files> {
    let spec = |name: &str, column: &str| {
        let quoted = |text: &str| serde_json::to_string(text).unwrap().replace('\u{7f}', "\\u007f");
        let literal = value.replace('\'', "''");
        let condition = format!("{} > 5 and label <> '{literal}'", sql_name(column));
        let query = format!("select count(*)::bigint, '{literal}'::text from public.things");
        let project = format!(
            "[project]\nname = {}\nplatform = \"supabase\"\nprivate_schema = \"app_private\"\n[schema.app_private]\ncomment = \"x\"\n",
            quoted(name)
        );
        let module = format!(
            "[module]\nmigration = \"20260101000000_case\"\nsummary = \"x\"\n[table.things]\nprimary_key = [\"id\"]\ncolumns = {{ id = \"integer\" }}\n\
             [monitor.hostile]\nsummary = {text}\nquery = {query}\ncolumns = {{ {column} = \"bigint\", label = \"text\" }}\n\
             alert = {{ when = {condition}, summary = {text}, severity = \"info\", after = \"2 minutes\" }}\n",
            text = quoted(value),
            query = quoted(&query),
            column = quoted(column),
            condition = quoted(&condition),
        );
        compile(files(&[("trust.toml", &project), ("case.toml", &module)]))
    };
    // A name or a column that is refused is tried without.
    let tried = [spec(value, value), spec("x", value), spec(value, "figure"), spec("x", "figure")];
    let resolved = tried.into_iter().find(|compiled| compiled.0.resolution.is_some())?;
    let resolution = resolved.0.resolution.as_ref()?;
    let surroundings = sql::Surroundings::new(resolution, &resolved.0.sources);
    let mut made = Files::default();
    sql::migration::emit(&surroundings, &mut made);
    sql::rollback::emit(&surroundings, &mut made);
    monitoring::emit(&surroundings, &mut made);
    Some(made)
}

fn sql_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn write(folder: &Path, files: &Files) {
    std::fs::create_dir_all(folder).unwrap();
    for name in ["alerts.yaml", "alerts.test.yaml"] {
        std::fs::write(folder.join(name), &files.0[&format!("monitoring/{name}")]).unwrap();
    }
}

#[tokio::test]
async fn hostile_texts_stay_texts() {
    let database = postgres::database(postgres::any_major(), Regime::Hardened).await;
    let client = database.connect().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut documents, mut expected, mut checked) = (Vec::new(), Vec::new(), Vec::new());
    for (label, value) in values() {
        let Some(made) = compiled(&value) else { continue };
        // The queries run as they are, on what the migration made.
        client.batch_execute(&made.0["migrations/20260101000000_case.sql"]).await.unwrap_or_else(|error| panic!("{label}: {error:?}"));
        let collector: serde_json::Value = serde_yaml_ng::from_str(&made.0["monitoring/trust.collector.yml"]).unwrap();
        for query in collector["queries"].as_array().unwrap() {
            let rows = client.query(query["query"].as_str().unwrap(), &[]).await.unwrap_or_else(|error| panic!("{label}: {error:?}: {query}"));
            if query["query_name"].as_str().unwrap().ends_with("_hostile") {
                let found: String = rows[0].get("label");
                assert_eq!(found, value, "{label}");
            }
        }
        client.batch_execute(&made.0["rollback/full.sql"]).await.unwrap_or_else(|error| panic!("{label}: {error:?}"));
        let name = format!("case{}", expected.len());
        write(&folder.path().join(&name), &made);
        documents.push(made.0["monitoring/alerts.yaml"].clone());
        expected.push((label, value));
        checked.push(name);
    }
    assert!(expected.len() > 30, "{} values were accepted", expected.len());

    // All as one document: one start of node.
    let joined = documents.iter().map(|document| format!("- \n{}", indented(document))).collect::<String>();
    let parsed = yaml(&joined);
    for ((label, value), document) in expected.iter().zip(parsed.as_array().unwrap()) {
        let rules = document["groups"][0]["rules"].as_array().unwrap();
        let summary = text(&rules.last().unwrap()["annotations"]["summary"]);
        assert_eq!(summary.replace("{{ \"{{\" }}", "{{"), *value, "{label}");
    }

    let rules: Vec<String> = checked.iter().map(|name| format!("{name}/alerts.yaml")).collect();
    let tests: Vec<String> = checked.iter().map(|name| format!("{name}/alerts.test.yaml")).collect();
    let arguments = |command: &'static str, paths: &'_ [String]| -> Vec<String> {
        [command, "rules"].into_iter().map(str::to_owned).chain(paths.iter().cloned()).collect()
    };
    for arguments in [arguments("check", &rules), arguments("test", &tests)] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        if let Some((passed, told)) = promtool(&arguments, folder.path()) {
            assert!(passed, "{told}");
        }
    }
}

/// A document as the value of a list's entry.
fn indented(document: &str) -> String {
    document.lines().map(|line| format!("  {line}\n")).collect()
}
