//! `schema-usage-unused`

use crate::lint::rules::shared::*;

rule! {
    "TL0119" "schema-usage-unused" Warn;
    "A role of clients may use a schema in which it may use nothing";
    why "USAGE on a schema is the last door in front of what is granted there later by mistake. Policies need none for the functions that they call: once stored, a policy finds them without it.";
    mend "take USAGE on the schema away", fixed;
    claims ["policies_need_no_usage_on_the_schema_of_helpers"];
    bad Spec r#"[schema.hidden]
access = { authenticated = ["usage"] }
"#;
    good Spec r#"[schema.hidden]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, grant) in context.grants.iter().filter(|(_, grant)| grant.target.kind() == Kind::Schema && context.is_untrusted(&grant.grantee)) {
        let used = || {
            context.grants.iter().any(|(_, other)| {
                let inside = other.target.name().strip_prefix(grant.target.name()).is_some_and(|rest| rest.starts_with('.'));
                inside && (other.grantee == grant.grantee || other.grantee == "public")
            })
        };
        // Everybody uses `public`, and finds there what others put into it.
        if grant.target.name() != "public" && grant.privileges.contains(&Privilege::Usage) && !used() {
            findings.mendable(id, format!("`{}` may use {}, but nothing in it", grant.grantee, grant.target), [Edit::Remove { object: (*id).clone() }]);
        }
    }
}
