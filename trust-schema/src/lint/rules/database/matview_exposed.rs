//! `matview-exposed`

use crate::lint::rules::shared::*;
use crate::lint::database::RelationKind;

rule! {
    "TL0901" "matview-exposed" Error, leak;
    "Clients read a materialised view";
    why "It holds what its owner saw when it was filled: row-level security cannot be enabled on it, and no policy of the tables behind it is asked.";
    mend "revoke it from the role, and offer a view or a function that asks who is calling";
    claims ["materialized_views_ask_no_policy"];
    bad Sql r#"create materialized view public.totals as select owner_id, count(*) as notes from public.notes group by owner_id;
revoke all on public.totals from public, anon, authenticated;
grant select on public.totals to authenticated;"#;
    good Sql r#"create materialized view public.totals as select owner_id, count(*) as notes from public.notes group by owner_id;
revoke all on public.totals from public, anon, authenticated;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for relation in database.relations.iter().filter(|relation| relation.kind == RelationKind::MaterializedView && context.is_exposed(&relation.name.schema)) {
        let readers: Vec<&str> = relation.readers.iter().map(String::as_str).filter(|role| context.is_untrusted(role)).collect();
        if !readers.is_empty() {
            findings.add(&relation.id(), format!("materialised view `{}` can be read by {}", relation.name, listed(readers)));
        }
    }
}
