//! `policy-wraps-column`

use crate::lint::rules::shared::*;

rule! {
    "TL0306" "policy-wraps-column" Warn;
    "A policy compares a function of a column";
    why "An index on the column does not serve `lower(column) = …`; only one on the same expression does.";
    mend "store what is compared, or index the expression";
    claims ["an_index_on_a_column_does_not_serve_a_function_of_it"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "lower(body) = (select auth.jwt() ->> 'group')"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "body = (select auth.jwt() ->> 'group')"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        let (Some(view), Some(using)) = (context.table_of(policy), &policy.using) else { continue };
        let has_expression = view.indexes.iter().any(|(_, index)| {
            index.elements.iter().any(|element| matches!(element.key, crate::kinds::index::Key::Expression(_)))
        });
        let wrapped = |(side, other): (&Tree, &Tree)| {
            let of_column = matches!(side.core(), Tree::Call(call) if call.arguments.iter().any(|argument| argument.as_column().is_some()));
            of_column && !other.reads_row() && other.reads_session()
        };
        if !has_expression && using.equalities().into_iter().any(wrapped) {
            findings.add(policy.id, format!("policy `{}` of `{}` compares a function of a column", policy.policy.name, policy.policy.table));
        }
    }
}
