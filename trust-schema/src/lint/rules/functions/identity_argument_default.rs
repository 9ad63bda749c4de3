//! `identity-argument-default`

use crate::lint::rules::shared::*;

rule! {
    "TL0409" "identity-argument-default" Error, leak;
    "An argument says who is calling, unless the caller says otherwise";
    why "`p_user uuid default auth.uid()`: the default holds for those who leave the argument out; everybody else is whoever they write.";
    mend "take the argument away and ask for the caller in the body";
    claims ["an_argument_overrides_its_default"];
    bad Spec r#"[function.rename_v1]
summary = "Rename."
effect  = "read"
execute = ["authenticated"]
args    = [{ name = "p_user_id", type = "uuid", default = { sql = "auth.uid()" } }]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = p_user_id); end"
"#;
    good Spec r#"[function.rename_v1]
summary = "Rename."
effect  = "read"
execute = ["authenticated"]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in &context.functions {
        for argument in &function.arguments {
            let words = argument.default.as_ref().map(|default| words::words(default.text())).unwrap_or_default();
            if words::names_the_caller(&words) {
                findings.add(id, format!("argument `{}` of `{}` says who is calling", argument.name, function.signature()));
            }
        }
    }
}
