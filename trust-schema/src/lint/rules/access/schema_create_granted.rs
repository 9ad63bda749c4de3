//! `schema-create-granted`

use crate::lint::rules::shared::*;

rule! {
    "TL0108" "schema-create-granted" Error, leak;
    "A role of clients may create objects in a schema";
    why "Whoever may create in a schema that stands on a search path puts a function or operator of their own in front of the one that others mean, and it runs with the others' rights (CVE-2018-1058).";
    mend "revoke CREATE on the schema";
    claims ["whoever_creates_in_a_schema_is_called_by_others"];
    bad Sql "grant create on schema private to authenticated;";
    good Sql "grant usage on schema private to authenticated;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, grant) in context.grants.iter().filter(|(_, grant)| grant.target.kind() == Kind::Schema && context.is_untrusted(&grant.grantee)) {
        if grant.privileges.contains(&Privilege::Create) {
            findings.add(id, format!("`{}` may create objects in {}", grant.grantee, grant.target));
        }
    }
}
