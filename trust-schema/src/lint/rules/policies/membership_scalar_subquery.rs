//! `membership-scalar-subquery`

use crate::lint::rules::shared::*;

rule! {
    "TL0222" "membership-scalar-subquery" Warn;
    "A policy compares with a sub-query that may return several rows";
    why "With a second membership every query of the table fails: `more than one row returned by a subquery` (21000).";
    mend "write `= any (array(select …))`", fixed;
    claims ["a_scalar_subquery_fails_at_the_second_row"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "tenant_id = (select m.tenant_id from public.members m where m.user_id = auth.uid())"

[table.members]
primary_key = ["user_id", "tenant_id"]
columns     = { user_id = "uuid", tenant_id = "uuid" }
access      = { authenticated = ["select"] }
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "tenant_id = any (array(select m.tenant_id from public.members m where m.user_id = auth.uid()))"

[table.members]
primary_key = ["user_id", "tenant_id"]
columns     = { user_id = "uuid", tenant_id = "uuid" }
access      = { authenticated = ["select"] }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        let scalars = policy.trees().flat_map(Tree::all).filter_map(|(tree, _)| match tree {
            Tree::Scalar(query) if !query.single => Some(query),
            _ => None,
        });
        for query in scalars {
            let [(Some(schema), name)] = query.relations.as_slice() else { continue };
            let Some(view) = context.table(&QualifiedName::new(schema.as_str(), name.as_str())) else { continue };
            let pairs = query.conditions.iter().flat_map(Tree::equalities);
            let bound: Vec<&str> = pairs
                .filter_map(|(side, _)| match side.core() {
                    Tree::Foreign { column, .. } | Tree::Column(column) => Some(column.as_str()),
                    _ => None,
                })
                .collect();
            if !view.is_unique(&bound) {
                let message = format!("policy `{}` of `{}` fails where `{}` has two rows", policy.policy.name, policy.policy.table, view.table.name);
                let edit = Edit::Rewrite { object: policy.id.clone(), keys: &["using", "check"], rewrite: Rewrite::Each(rewrite::select_into_array) };
                findings.mendable(policy.id, message, [edit]);
            }
        }
    }
}
