//! `anon-executes-definer`

use crate::lint::rules::shared::*;

rule! {
    "TL0111" "anon-executes-definer" Warn;
    "Callers who are not signed in may call a function that runs with its owner's rights and asserts nothing";
    why "A SECURITY DEFINER function reads past all policies of tables that its owner owns; without a guard everybody on the internet gets its answer.";
    mend "guard the function, or take `anon` from those who may call it"
    in sql "compare with `auth.uid()` before anything else, or `revoke execute on function … from public, anon`";
    claims ["definer_functions_read_past_policies"];
    bad Spec r#"[function.count_notes_v1]
summary = "How many notes there are."
effect  = "read"
execute = ["anon"]
returns = "bigint"
body    = "begin return (select count(*) from public.notes); end"
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
    for (id, function) in context.functions.iter().filter(|(_, function)| function.security == Security::Definer) {
        let guarded = context.surroundings.contract.and_then(|contract| contract.functions.get(*id)).is_some_and(|function| !function.guards.is_empty());
        let is_trigger = matches!(&function.returns, Returns::Type(ty) if ty == "trigger");
        if !guarded && !is_trigger && context.has("anon", Privilege::Execute, id) && context.is_untrusted("anon") {
            findings.add(id, format!("`anon` may call `{}`, which runs with its owner's rights", function.signature()));
        }
    }
}
