//! `api-no-version-suffix`

use crate::lint::rules::shared::*;

rule! {
    "TL0701" "api-no-version-suffix" Warn;
    "A function of the API has no version in its name";
    why "To change its arguments or its result breaks every client that is out there; a `_v2` beside `_v1` does not.";
    mend "name it `…_v1`";
    claims ["a_signature_cannot_be_replaced"];
    bad Spec r#"[function.count_notes]
summary = "An example."
effect  = "read"
execute = ["authenticated"]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"
"#;
    good Spec r#"[function.count_notes_v1]
summary = "An example."
effect  = "read"
execute = ["authenticated"]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.api_functions().filter(|(_, function)| !matches!(&function.returns, Returns::Type(ty) if ty == "trigger")) {
        if version(&function.name.name).is_none() {
            findings.add(id, format!("`{}` has no version in its name", function.name));
        }
    }
}
