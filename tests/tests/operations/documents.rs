//! Documents and the contract.

use crate::support::{compile, file, files, spec};

#[test]
fn every_file_that_the_playbook_names_exists() {
    let playbook = file("documents/playbook.md");
    let mut named = 0;
    for word in playbook.split(|character: char| character.is_whitespace() || "`'\"()=,;:|".contains(character)) {
        let Some(path) = word.strip_prefix("generated/").filter(|path| path.contains('.') && !path.contains('*')) else { continue };
        assert!(files().0.contains_key(path.trim_end_matches('.')), "{path}");
        named += 1;
    }
    assert!(named > 20, "{named}");
    for text in ["10 tables", "22 functions", "8 migrations", "9 rows in `public.scope_definitions`", "12 rows in `public.rate_limit_configs`"] {
        assert!(playbook.contains(text), "{text}");
    }
    let step_four = ["DROP", "TRUNCATE", "DELETE"];
    let migrations = files().iter().filter(|(path, _)| path.starts_with("migrations/"));
    assert!(migrations.flat_map(|(_, text)| text.lines()).all(|line| !step_four.iter().any(|word| line.starts_with(word))));
}

#[test]
fn texts_of_the_spec_stay_in_their_cells() {
    let mut spec = spec();
    let core = spec.iter_mut().find(|file| file.path == "trust_core.toml").unwrap();
    core.text = core.text.replace("0 no trust, 50 unknown", "| </td> `x` <script> **b** 50 unknown");
    assert!(core.text.contains("<script>"));
    let files = compile(spec);
    let reference = &files.0["documents/reference.md"];
    assert!(reference.contains("\\| &lt;/td&gt; \\`x\\` &lt;script&gt; \\*\\*b\\*\\* 50 unknown"));
    // Every row of a table has as many cells as the line above it.
    for document in ["documents/reference.md", "documents/playbook.md"] {
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let lines: Vec<&str> = files.0[document].lines().collect();
        for pair in lines.windows(2).filter(|pair| pair.iter().all(|line| line.starts_with('|'))) {
            assert_eq!(cells(pair[0]), cells(pair[1]), "{document}: {pair:?}");
        }
    }
}

#[test]
fn the_contract_holds_what_clients_see() {
    let contract: serde_json::Value = serde_json::from_str(file("contract/rpc-snapshot.json")).unwrap();
    assert_eq!(contract["format_version"], 1);
    let functions = contract["functions"].as_array().unwrap();
    let function = functions.iter().find(|function| function["name"] == "issue_delegation_token_v1").unwrap();
    assert_eq!(function["roles"], serde_json::json!(["authenticated"]));
    assert_eq!(function["guards"], serde_json::json!(["user"]));
    assert_eq!(function["result"]["columns"][1], serde_json::json!({ "name": "token", "type": "text", "nullable": false }));
    assert_eq!(function["arguments"][2]["default"], "60");
    let errors: Vec<&str> = function["errors"].as_array().unwrap().iter().filter_map(|error| error["name"].as_str()).collect();
    assert!(errors.contains(&"signing_key_missing") && errors.contains(&"actor_context_required"), "{errors:?}");
    assert_eq!(contract["enums"]["public.risk_tier"], serde_json::json!(["A", "B", "C", "D"]));
    let internal = contract["internal"].as_array().unwrap();
    assert!(internal.iter().any(|name| name == "trust_private.encryption_secret(text)"));
}

#[test]
fn the_same_spec_gives_the_same_bytes() {
    let mut reversed = spec();
    reversed.reverse();
    assert_eq!(&compile(reversed), files());
}
