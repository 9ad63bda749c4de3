//! `realtime-without-rls`

use crate::lint::rules::shared::*;

rule! {
    "TL0904" "realtime-without-rls" Error, leak;
    "A table without row-level security is published to clients";
    why "Supabase Realtime sends the changes of a table in `supabase_realtime` to everybody who listens, unless row-level security says whose rows they are; a publication itself asks nothing.";
    mend "enable row-level security on the table, or take it out of the publication";
    claims ["a_publication_asks_for_no_row_level_security"];
    bad Sql r#"create table public.messages (message_id bigint primary key);
revoke all on public.messages from public, anon, authenticated;
create publication supabase_realtime for table public.messages;"#;
    good Sql r#"create table public.messages (message_id bigint primary key);
alter table public.messages enable row level security;
revoke all on public.messages from public, anon, authenticated;
create publication supabase_realtime for table public.messages;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for published in database.publications.iter().filter(|published| published.publication == "supabase_realtime") {
        if let Some(view) = context.table(&published.table).filter(|view| !view.table.row_level_security) {
            findings.add(view.id, format!("`{}` is published to clients, and has no row-level security", published.table));
        }
    }
}
