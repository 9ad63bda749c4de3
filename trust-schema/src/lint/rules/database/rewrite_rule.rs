//! `rewrite-rule`

use crate::lint::rules::shared::*;

rule! {
    "TL0909" "rewrite-rule" Warn;
    "A rule rewrites what callers ask of a table";
    why "What a rule does, it does with the rights of the owner of the table, whom no policy restricts, and with every argument evaluated as often as it is written there.";
    mend "write a trigger or a function";
    claims ["a_rule_acts_with_the_rights_of_the_owner"];
    bad Sql r#"create table private.log (body text);
create rule log_notes as on insert to public.notes do also insert into private.log values (new.body);"#;
    good Sql r#"create table private.log (body text);"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for rule in &database.rewrite_rules {
        let views = [Kind::Table, Kind::View].map(|kind| Id::of(kind, &rule.table));
        let id = views.iter().find(|id| context.catalog.contains(id));
        findings.add(id.unwrap_or(&Id::of(Kind::Table, &rule.table)), format!("rule `{}` rewrites statements on `{}`", rule.part, rule.table));
    }
}
