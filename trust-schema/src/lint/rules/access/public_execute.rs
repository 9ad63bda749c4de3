//! `public-execute`

use crate::lint::rules::shared::*;

rule! {
    "TL0109" "public-execute" Error, leak;
    "PUBLIC may call a function";
    why "PostgreSQL grants EXECUTE on every new function to PUBLIC, which is every role, also one that will only be made tomorrow. A REVOKE in one schema's default privileges does not change that.";
    mend "`REVOKE ALL ON FUNCTION … FROM PUBLIC` and from every role of clients, then grant it to those who need it";
    claims ["new_functions_are_public", "default_privileges_of_a_schema_revoke_nothing"];
    bad Sql "create function public.f() returns int language sql security definer set search_path = pg_catalog, pg_temp as 'select 1';";
    good Sql "create function public.f() returns int language sql security definer set search_path = pg_catalog, pg_temp as 'select 1';
revoke all on function public.f() from public, anon, authenticated, service_role;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.functions.iter().filter(|(_, function)| !returns_trigger(&function.returns)) {
        let public = context.grants_on(id).any(|(_, grant)| grant.grantee == "public" && grant.privileges.contains(&Privilege::Execute));
        if public {
            findings.add(id, format!("PUBLIC may call `{}`", function.signature()));
        }
    }
}

/// Nobody calls a trigger function; see `trigger-function-executable`.
fn returns_trigger(returns: &Returns) -> bool {
    matches!(returns, Returns::Type(ty) if ty == "trigger" || ty == "event_trigger")
}
