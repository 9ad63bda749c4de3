//! `policy-user-metadata`

use crate::lint::rules::shared::*;

rule! {
    "TL0215" "policy-user-metadata" Error, leak;
    "A policy trusts what users write about themselves";
    why "`user_metadata` of a token is what the user has set through the API of the platform: whoever likes is an administrator.";
    mend "use `app_metadata`, or a table that only you write";
    claims ["user_metadata_is_what_the_user_says"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "shared and ((select auth.jwt()) -> 'user_metadata' ->> 'role') = 'editor'"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "shared and ((select auth.jwt()) -> 'app_metadata' ->> 'role') = 'editor'"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        if policy.trees().any(|tree| tree.any(|part| matches!(part, Tree::Literal(key) if key == "user_metadata" || key == "raw_user_meta_data") || matches!(part, Tree::Column(name) | Tree::Foreign { column: name, .. } if name == "raw_user_meta_data"))) {
            findings.add(policy.id, format!("policy `{}` of `{}` trusts what users write about themselves", policy.policy.name, policy.policy.table));
        }
    }
}
