//! `identity-setting`

use crate::lint::rules::shared::*;

rule! {
    "TL0405" "identity-setting" Error, leak;
    "A function changes who is asking";
    why "A SET clause holds for everything that the function does: `role` changes whose privileges count, `row_security` turns policies into errors, and a claim in `request.…`, which only superusers can store, changes who is calling.";
    mend "remove the setting";
    claims ["settings_of_a_function_change_who_is_asking"];
    bad Sql r#"create function public.f() returns int language sql security definer set search_path = pg_catalog, pg_temp set row_security = off as 'select 1';
revoke all on function public.f() from public;"#;
    good Sql r#"create function public.f() returns int language sql security definer set search_path = pg_catalog, pg_temp as 'select 1';
revoke all on function public.f() from public;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in &context.functions {
        let forges = |name: &&String| matches!(name.as_str(), "role" | "session_authorization" | "row_security") || name.starts_with("request.");
        if let Some(name) = function.settings.keys().find(forges) {
            findings.add(id, format!("`{}` sets `{name}`", function.signature()));
        }
    }
}
