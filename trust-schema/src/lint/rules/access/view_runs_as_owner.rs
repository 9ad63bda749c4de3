//! `view-runs-as-owner`

use crate::lint::rules::shared::*;

rule! {
    "TL0115" "view-runs-as-owner" Error, leak;
    "A view that clients read runs with its owner's rights";
    why "Without `security_invoker` a view reads as its owner, whom the policies of the tables behind it do not restrict: it shows every row that its query does not leave out itself.";
    mend "`security_invoker = true`; where the owner's rights are meant, waive it and say why"
    in sql "`with (security_invoker = true)`; where the owner's rights are meant, waive it and say why";
    claims ["views_read_as_their_owner"];
    bad Sql "create view public.all_notes as select note_id, body from public.notes;\ngrant select on public.all_notes to authenticated;";
    good Sql "create view public.all_notes with (security_invoker = true) as select note_id, body from public.notes;\ngrant select on public.all_notes to authenticated;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, entry) in context.catalog.iter() {
        let Object::View(view) = &entry.object else { continue };
        let roles = context.untrusted_with(Privilege::Select, id);
        if !view.security_invoker && !roles.is_empty() {
            findings.add(id, format!("view `{}` reads with its owner's rights for {}", view.name, listed(roles)));
        }
    }
}
