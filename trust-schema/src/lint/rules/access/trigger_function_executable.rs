//! `trigger-function-executable`

use crate::lint::rules::shared::*;

rule! {
    "TL0110" "trigger-function-executable" Warn;
    "Clients may execute a trigger function";
    why "A trigger fires without anybody having EXECUTE on its function, so the privilege is of no use, but to whoever can make a table and put the trigger on it.";
    mend "revoke EXECUTE on the function from PUBLIC and the roles of clients";
    claims ["triggers_fire_without_execute"];
    bad Sql "create function private.touch() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as 'begin return new; end';";
    good Sql "create function private.touch() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as 'begin return new; end';
revoke all on function private.touch() from public;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in &context.functions {
        let is_trigger = matches!(&function.returns, Returns::Type(ty) if ty == "trigger");
        let roles = context.untrusted_with(Privilege::Execute, id);
        if is_trigger && !roles.is_empty() {
            findings.add(id, format!("trigger function `{}` may be executed by {}", function.signature(), listed(roles)));
        }
    }
}
