//! `setting-not-nullified`

use crate::lint::rules::shared::*;

rule! {
    "TL0228" "setting-not-nullified" Error;
    "A policy casts a setting that may be empty";
    why "Once a transaction has set a custom setting locally, it is an empty text afterwards, not NULL: the cast fails, and with it every query of the table in that connection.";
    mend "`nullif(current_setting('…', true), '')::uuid`", fixed;
    claims ["a_setting_is_empty_after_its_transaction"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "tenant_id = (select current_setting('app.tenant_id', true)::uuid)"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        let cast = |tree: &Tree| match tree {
            Tree::Cast { value, data_type } => {
                let setting = matches!(value.core(), Tree::Call(call) if call.is("pg_catalog", "current_setting"));
                setting && !matches!(data_type.as_str(), "text" | "varchar" | "character varying")
            }
            _ => false,
        };
        if policy.trees().any(|tree| tree.any(cast)) {
            let edit = Edit::Rewrite { object: policy.id.clone(), keys: &["using", "check"], rewrite: Rewrite::Each(rewrite::nullify_settings) };
            findings.mendable(policy.id, format!("policy `{}` of `{}` casts a setting that may be empty", policy.policy.name, policy.policy.table), [edit]);
        }
    }
}
