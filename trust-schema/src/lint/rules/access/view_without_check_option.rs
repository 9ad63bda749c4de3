//! `view-without-check-option`

use crate::lint::rules::shared::*;

rule! {
    "TL0117" "view-without-check-option" Warn;
    "Clients write through a view that filters rows, without CHECK OPTION";
    why "PostgreSQL accepts a new row through the view that the view's own WHERE leaves out: the filter holds for reading only.";
    mend "add a check option: `check_option = \"cascaded\"`"
    in sql "add a check option: `with (check_option = cascaded)`";
    claims ["views_accept_rows_that_they_do_not_show"];
    bad Sql "create view public.shared_notes with (security_invoker = true) as select * from public.notes where shared;\ngrant insert on public.shared_notes to authenticated;";
    good Sql "create view public.shared_notes with (security_invoker = true) as select * from public.notes where shared with cascaded check option;\ngrant insert on public.shared_notes to authenticated;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, entry) in context.catalog.iter() {
        let Object::View(view) = &entry.object else { continue };
        let writes = [Privilege::Insert, Privilege::Update].into_iter().any(|privilege| !context.untrusted_with(privilege, id).is_empty());
        let filters = words::words(view.query.text()).iter().any(|word| word == "where");
        if writes && filters && view.check_option.is_none() {
            findings.add(id, format!("view `{}` accepts rows that it does not show", view.name));
        }
    }
}
