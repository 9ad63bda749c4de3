//! `foreign-table-exposed`

use crate::lint::rules::shared::*;
use std::collections::BTreeSet;

use crate::lint::database::RelationKind;

rule! {
    "TL0902" "foreign-table-exposed" Error, leak;
    "Clients reach a foreign table";
    why "Row-level security cannot be enabled on it: whoever has a privilege reads or writes all that the server behind it gives.";
    mend "revoke it from the role, and offer a function that asks who is calling";
    claims ["foreign_tables_have_no_row_level_security"];
    bad Sql r#"create server elsewhere foreign data wrapper elsewhere;
create foreign table public.invoices (invoice_id bigint, total numeric) server elsewhere;
revoke all on public.invoices from public, anon, authenticated;
grant select on public.invoices to authenticated;"#;
    good Sql r#"create server elsewhere foreign data wrapper elsewhere;
create foreign table public.invoices (invoice_id bigint, total numeric) server elsewhere;
revoke all on public.invoices from public, anon, authenticated;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for relation in database.relations.iter().filter(|relation| relation.kind == RelationKind::ForeignTable && context.is_exposed(&relation.name.schema)) {
        let roles: BTreeSet<&str> =
            relation.readers.iter().chain(&relation.writers).map(String::as_str).filter(|role| context.is_untrusted(role)).collect();
        if !roles.is_empty() {
            findings.add(&relation.id(), format!("foreign table `{}` can be reached by {}", relation.name, listed(roles)));
        }
    }
}
