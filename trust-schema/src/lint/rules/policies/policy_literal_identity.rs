//! `policy-literal-identity`

use crate::lint::rules::shared::*;

rule! {
    "TL0219" "policy-literal-identity" Warn;
    "A policy names a person or tenant by a literal";
    why "What is written into a policy is the same in every environment, and nobody takes it out when the person leaves.";
    mend "compare with who is calling, or read a table";
    claims ["a_literal_is_the_same_for_all_people"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "tenant_id = '00000000-0000-0000-0000-000000000001'::uuid"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        let Some(view) = context.table_of(policy) else { continue };
        let is_uuid = |name: &str| view.column(name).is_some_and(|column| column.data_type == "uuid");
        let pinned = |(side, other): (&Tree, &Tree)| side.as_column().is_some_and(is_uuid) && matches!(other.core(), Tree::Literal(_));
        if policy.trees().flat_map(Tree::equalities).any(pinned) {
            findings.add(policy.id, format!("policy `{}` of `{}` names a row's person or tenant by a literal", policy.policy.name, policy.policy.table));
        }
    }
}
