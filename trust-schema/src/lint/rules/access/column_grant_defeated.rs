//! `column-grant-defeated`

use crate::lint::rules::shared::*;

rule! {
    "TL0113" "column-grant-defeated" Error, leak;
    "A privilege on some columns is of no effect, since the role has it on the whole table";
    why "Privileges on a table and on its columns add up; a REVOKE on a column does nothing while the whole table is granted. The other columns are open.";
    mend "revoke the privilege on the table, and grant it on the columns only";
    claims ["table_privileges_include_every_column"];
    bad Sql "grant select on public.notes to authenticated;\ngrant select (body) on public.notes to authenticated;";
    good Sql "grant select (body) on public.notes to authenticated;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, grant) in context.grants.iter().filter(|(_, grant)| context.is_untrusted(&grant.grantee)) {
        let whole = |privilege: &Privilege| {
            context.grants_on(&grant.target).any(|(_, other)| {
                (other.grantee == grant.grantee || other.grantee == "public") && other.privileges.contains(privilege)
            })
        };
        let defeated = grant.columns.iter().find_map(|(column, privileges)| privileges.iter().find(|privilege| whole(privilege)).map(|found| (column, found)));
        if let Some((column, privilege)) = defeated {
            let message = format!("`{}` has {} on all of {}, not only on column `{column}`", grant.grantee, privilege.keyword(), grant.target);
            findings.add(id, message);
        }
    }
}
