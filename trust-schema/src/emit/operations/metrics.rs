//! The metrics of a deployment, asked of the live database: what of the spec is there, how much it holds, and how fast it answers.

use crate::catalog::Object;
use crate::emit::Files;
use crate::emit::contract::callers;
use crate::emit::sql::Surroundings;
use crate::sql::comment::line_comment;
use crate::sql::quoted;

/// `operations/deployment_metrics.sql`, where the spec has a table or a function.
pub fn emit(surroundings: &Surroundings<'_>, files: &mut Files) {
    let resolution = surroundings.resolution;
    let catalog = &resolution.catalog;
    let callers = callers(resolution);
    let (mut tables, mut functions, mut called, mut seeds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, entry) in catalog.iter() {
        match &entry.object {
            Object::Table(_) => tables.push(id.name().to_owned()),
            Object::Function(function) => {
                functions.push(id.name().to_owned());
                if callers.get(id).is_some_and(|roles| !roles.is_empty()) {
                    called.push(function.name.name.to_string());
                }
            }
            Object::Seed(seed) => seeds.push((seed.table.to_string(), seed.rows.len())),
            _ => {}
        }
    }
    if tables.is_empty() && functions.is_empty() {
        return;
    }
    called.dedup();
    let project = &resolution.project.name;
    let head = [
        format!("Metrics of a deployment of {project}, as a document in Markdown: what is there, its sizes, and how fast it answers."),
        super::GENERATED.to_owned(),
        "It changes nothing: psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --file=<this file> > DEPLOYMENT_METRICS.md"
            .to_owned(),
    ];
    let head: String = head.iter().map(|line| format!("{}\n", line_comment(line))).collect();
    let (seeded, rows): (Vec<String>, Vec<String>) = seeds.into_iter().map(|(table, rows)| (table, rows.to_string())).unzip();
    let body = BODY
        .replace("<PROJECT>", &quoted::quoted(project))
        .replace("<TABLES>", &array(&tables))
        .replace("<FUNCTIONS>", &array(&functions))
        .replace("<CALLED>", &array(&called))
        .replace("<SEEDED>", &array(&seeded))
        .replace("<SEED_ROWS>", &format!("ARRAY[{}]::bigint[]", rows.join(", ")));
    let block = quoted::dollar_quoted(&body, "metrics");
    let text = format!("{head}\nDO {block};\n\nSELECT pg_catalog.current_setting('trust_schema.metrics') AS metrics;\n");
    files.insert("operations/deployment_metrics.sql", text);
}

fn array(texts: &[String]) -> String {
    format!("ARRAY[{}]::text[]", texts.iter().map(|text| quoted::quoted(text)).collect::<Vec<_>>().join(", "))
}

/// Names of objects are data here: the catalog looks them up, so one that is missing is told and is no error.
const BODY: &str = include_str!("metrics.sql");
