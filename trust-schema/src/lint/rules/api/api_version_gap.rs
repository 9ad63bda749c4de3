//! `api-version-gap`

use crate::lint::rules::shared::*;

rule! {
    "TL0702" "api-version-gap" Warn;
    "A version of a function has no version before it";
    why "Whoever looks for the older one, or for what changed, finds nothing: it was skipped, or removed while clients still call it.";
    mend "number from 1 without gaps, and keep the version before while it is called";
    claims ["a_signature_cannot_be_replaced"];
    bad Spec r#"[function.count_notes_v3]
summary = "An example."
effect  = "read"
execute = ["authenticated"]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"

[function.count_notes_v1]
summary = "An example."
effect  = "read"
execute = ["authenticated"]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"
"#;
    good Spec r#"[function.count_notes_v2]
summary = "An example."
effect  = "read"
execute = ["authenticated"]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"

[function.count_notes_v1]
summary = "An example."
effect  = "read"
execute = ["authenticated"]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in &context.functions {
        let Some((base, number)) = version(&function.name.name) else { continue };
        let named = |number: u32| QualifiedName::new(function.name.schema.clone(), format!("{base}_v{number}"));
        let has = |number: u32| context.functions_named(&named(number)).next().is_some();
        // Of those that end once, nothing is left; between two, one is missing.
        if number > 1 && !has(number - 1) && (1..number.min(64)).any(has) {
            findings.add(id, format!("`{}` has no version before it", function.name));
        }
    }
}
