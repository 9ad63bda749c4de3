//! `trigger-disabled`

use crate::lint::rules::shared::*;

rule! {
    "TL0910" "trigger-disabled" Warn;
    "A trigger is switched off";
    why "It stands in the catalog and does not fire: whoever reads the schema believes that it checks or records what it does not.";
    mend "`ALTER TABLE … ENABLE TRIGGER`, or drop it";
    claims ["a_disabled_trigger_does_not_fire"];
    bad Sql r#"create function private.stamp() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as 'begin return new; end';
create trigger stamp before insert on public.notes for each row execute function private.stamp();
alter table public.notes disable trigger stamp;"#;
    good Sql r#"create function private.stamp() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as 'begin return new; end';
create trigger stamp before insert on public.notes for each row execute function private.stamp();"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for trigger in &database.disabled_triggers {
        findings.add(&Id::part(Kind::Trigger, &trigger.table, &trigger.part), format!("trigger `{}` of `{}` does not fire", trigger.part, trigger.table));
    }
}
