//! `function-without-comment`

use crate::lint::rules::shared::*;

rule! {
    "TL0526" "function-without-comment" Allow;
    "A function that clients call has no comment";
    why "Documents, types and the description of the API say of it what its comment says.";
    mend "write `summary`"
    in sql "write `comment on function …`";
    claims ["comments_are_stored_with_the_object"];
    bad Spec r#"[function.count_notes_v1]
effect  = "read"
execute = ["authenticated"]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"
"#;
    good Spec r#"[function.count_notes_v1]
summary = "How many notes the caller has."
effect  = "read"
execute = ["authenticated"]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.api_functions().filter(|(id, _)| !context.catalog.contains(&Id::comment(id))) {
        findings.add(id, format!("`{}` has no comment", function.name));
    }
}
