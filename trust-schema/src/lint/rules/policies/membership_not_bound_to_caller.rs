//! `membership-not-bound-to-caller`

use std::collections::BTreeSet;

use crate::lint::isolation::Verdict;
use crate::lint::rules::shared::*;

rule! {
    "TL0221" "membership-not-bound-to-caller" Error, leak;
    "A policy asks a table, but not for whom";
    why "The sub-query says nothing about who is calling: where it finds a row for one, it finds it for all.";
    mend "compare a column of the sub-query with `(select auth.uid())`";
    claims ["a_membership_without_caller_is_everybodys"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "exists (select from public.members m where m.tenant_id = notes.tenant_id)"

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
using   = "exists (select from public.members m where m.tenant_id = notes.tenant_id and m.user_id = (select auth.uid()))"

[table.members]
primary_key = ["user_id", "tenant_id"]
columns     = { user_id = "uuid", tenant_id = "uuid" }
access      = { authenticated = ["select"] }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    // What other tables show by their own policies may be bound to who calls there.
    let proved: BTreeSet<&Id> = context.isolation().filter(|(_, verdict)| **verdict == Verdict::Proved).map(|(policy, _)| policy.id).collect();
    for policy in &context.policies {
        let unbound = |tree: &Tree| tree.queries().iter().any(|query| !query.relations.is_empty()) && tree.calls().is_empty();
        let is_open = policy.policy.permissive && policy.policy.roles.iter().any(|role| context.is_untrusted(role)) && !proved.contains(policy.id);
        if is_open && policy.trees().any(unbound) {
            findings.add(policy.id, format!("policy `{}` of `{}` asks a table, but not for who is calling", policy.policy.name, policy.policy.table));
        }
    }
}
