//! `plaintext-credential-column`

use crate::lint::rules::shared::*;

rule! {
    "TL0607" "plaintext-credential-column" Warn;
    "A column keeps a password as text";
    why "Whoever reads the table, a backup or a replica signs in as everybody.";
    mend "keep a slow hash in a column that says so: `password_hash`";
    claims ["policies_hide_no_column"];
    bad Spec r#"[table.accounts]
primary_key = ["account_id"]
columns = { account_id = "uuid", password = "text" }
"#;
    good Spec r#"[table.accounts]
primary_key = ["account_id"]
columns = { account_id = "uuid", password_hash = "text" }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in view.columns.iter().filter(|column| matches!(column.data_type.as_str(), "text" | "character varying")) {
            if matches!(words::parts(&column.name).last().map(String::as_str), Some("password" | "passwd" | "passphrase" | "pin")) {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.add(&id, format!("column `{}` of `{}` keeps a password as text", column.name, view.table.name));
            }
        }
    }
}
