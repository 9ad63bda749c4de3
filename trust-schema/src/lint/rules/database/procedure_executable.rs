//! `procedure-executable`

use crate::lint::rules::shared::*;

rule! {
    "TL0903" "procedure-executable" Error, leak;
    "Clients call a procedure that runs with its owner's rights";
    why "PostgreSQL lets everybody call a new procedure, and no policy restricts its owner; its body is not looked at.";
    mend "revoke EXECUTE from PUBLIC and the role, or make it SECURITY INVOKER";
    claims ["a_procedure_runs_for_whoever_calls_it"];
    bad Sql r#"create procedure public.tidy() language sql security definer set search_path = pg_catalog, pg_temp as 'delete from public.notes';
revoke all on procedure public.tidy() from public, anon, authenticated;
grant execute on procedure public.tidy() to authenticated;"#;
    good Sql r#"create procedure public.tidy() language sql security definer set search_path = pg_catalog, pg_temp as 'delete from public.notes';
revoke all on procedure public.tidy() from public, anon, authenticated;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for procedure in database.procedures.iter().filter(|procedure| procedure.is_definer && context.is_exposed(&procedure.name.schema)) {
        let callers: Vec<&str> = procedure.callers.iter().map(String::as_str).filter(|role| context.is_untrusted(role)).collect();
        if !callers.is_empty() {
            let arguments: Vec<&str> = procedure.arguments.iter().map(String::as_str).collect();
            let id = Id::function(&procedure.name, &arguments);
            findings.add(&id, format!("procedure `{}` runs with its owner's rights, and can be called by {}", id.name(), listed(callers)));
        }
    }
}
