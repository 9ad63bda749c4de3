//! `auth-users-exposed`

use crate::lint::rules::shared::*;

rule! {
    "TL0116" "auth-users-exposed" Error, leak;
    "A view shows `auth.users` to clients";
    why "`auth.users` has no policies for clients; a view with its owner's rights shows everybody's e-mail address, and with the rights of its caller it only fails.";
    mend "copy what others may know into a table of your own with policies";
    claims ["views_read_as_their_owner"];
    bad Sql "create view public.people as select id, email from auth.users;\ngrant select on public.people to authenticated;";
    good Sql "create view public.people as select id from auth.users;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, entry) in context.catalog.iter() {
        let Object::View(view) = &entry.object else { continue };
        let named = words::words(view.query.text());
        let reads = named.windows(2).any(|pair| pair == ["auth", ".users"]);
        if reads && !context.untrusted_with(Privilege::Select, id).is_empty() {
            findings.add(id, format!("view `{}` shows `auth.users` to clients", view.name));
        }
    }
}
