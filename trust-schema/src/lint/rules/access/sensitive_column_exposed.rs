//! `sensitive-column-exposed`

use crate::lint::rules::shared::*;

rule! {
    "TL0114" "sensitive-column-exposed" Error, leak;
    "Clients read a column whose name says that it holds a secret";
    why "Policies choose rows, not columns: whoever sees a row sees the secret in it. Names that end in `_hash`, `_digest` or `_id` are taken for harmless.";
    mend "grant SELECT on the other columns only, or move the secret to a table of its own";
    claims ["policies_hide_no_column"];
    bad Spec r#"[table.services]
primary_key = ["service_id"]
columns     = { service_id = "uuid", api_key = "text" }
access      = { authenticated = ["select"] }

[table.services.policy.own]
command = "select"
to      = ["authenticated"]
using   = "service_id = (select auth.uid())"
"#;
    good Spec r#"[table.services]
primary_key = ["service_id"]
columns     = { service_id = "uuid", api_key = "text" }
access      = { authenticated = { select = ["service_id"] } }

[table.services.policy.own]
command = "select"
to      = ["authenticated"]
using   = "service_id = (select auth.uid())"
"#;
}

/// Words that stand for a secret, alone or in a row.
const SECRETS: &[&[&str]] = &[
    &["password"],
    &["passwd"],
    &["passphrase"],
    &["secret"],
    &["api", "key"],
    &["apikey"],
    &["private", "key"],
    &["secret", "key"],
    &["encryption", "key"],
    &["signing", "key"],
    &["access", "token"],
    &["refresh", "token"],
    &["auth", "token"],
    &["ssn"],
    &["cvv"],
    &["iban"],
];
/// Last words of names that say that the secret itself is not there.
const HARMLESS: &[&str] = &["hash", "digest", "id", "at", "hint", "expires", "count", "name", "version", "algorithm"];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in view.columns.iter().filter(|column| is_secret(&column.name)) {
            let readers = context.grants_on(view.id).filter(|(_, grant)| {
                let on_column = grant.columns.get(&column.name).is_some_and(|privileges| privileges.contains(&Privilege::Select));
                context.is_untrusted(&grant.grantee) && (grant.privileges.contains(&Privilege::Select) || on_column)
            });
            let readers: Vec<&str> = readers.map(|(_, grant)| grant.grantee.as_str()).collect();
            if !readers.is_empty() {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.add(&id, format!("column `{}` of `{}` can be read by {}", column.name, view.table.name, listed(readers)));
            }
        }
    }
}

fn is_secret(name: &str) -> bool {
    let parts = words::parts(name);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let harmless = parts.last().is_some_and(|last| HARMLESS.contains(last));
    !harmless && SECRETS.iter().any(|secret| parts.windows(secret.len()).any(|window| window == *secret))
}
