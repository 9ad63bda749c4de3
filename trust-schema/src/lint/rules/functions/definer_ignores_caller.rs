//! `definer-ignores-caller`

use std::collections::BTreeSet;

use crate::lint::rules::shared::*;

rule! {
    "TL0410" "definer-ignores-caller" Warn;
    "A function reads with its owner's rights and never asks who is calling";
    why "Policies do not restrict the owner: whoever may call it gets the same rows. It has no guard, and neither its body nor a function that it calls asks for the caller.";
    mend "guard it, or compare with `auth.uid()` in the body; where everybody may know, waive it"
    in sql "compare with `auth.uid()` in the body; where everybody may know, waive it";
    claims ["definer_functions_read_past_policies"];
    bad Spec r#"[function.all_notes_v1]
summary = "All notes."
effect  = "read"
execute = ["authenticated"]
returns = { set_of = "text" }
body    = "begin return query select n.body from public.notes n; end"
"#;
    good Spec r#"[function.my_notes_v1]
summary = "The caller's notes."
effect  = "read"
execute = ["authenticated"]
returns = { set_of = "text" }
body    = "begin return query select n.body from public.notes n where n.owner_id = (select auth.uid()); end"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let words: Vec<Vec<String>> = context.functions.iter().map(|(_, function)| words::words(&function.body)).collect();
    let asking = asking(context, &words);
    for ((id, function), words) in context.functions.iter().zip(&words).filter(|((_, function), _)| function.security == Security::Definer) {
        let contract = context.surroundings.contract.and_then(|contract| contract.functions.get(*id));
        let asks = contract.is_some_and(|contract| !contract.guards.is_empty() || !contract.calls.is_empty());
        let is_trigger = matches!(&function.returns, Returns::Type(ty) if ty == "trigger");
        // What reads no table of its own tells nothing.
        let reads = words.iter().any(|word| word == "from" || word == "update" || word == "into");
        if reads && !asks && !asking.contains(&*function.name.name) && !is_trigger && !context.untrusted_with(Privilege::Execute, id).is_empty() {
            findings.add(id, format!("`{}` reads with its owner's rights and never asks who is calling", function.signature()));
        }
    }
}

/// The names of functions that ask who is calling, themselves or by what they call.
fn asking<'c>(context: &Context<'c>, words: &[Vec<String>]) -> BTreeSet<&'c str> {
    let mut asking = BTreeSet::new();
    loop {
        let known = asking.len();
        for ((_, function), words) in context.functions.iter().zip(words) {
            let calls = || words.iter().any(|word| asking.contains(word.trim_start_matches('.')));
            if !asking.contains(&*function.name.name) && (words::names_the_caller(words) || calls()) {
                asking.insert(&*function.name.name);
            }
        }
        if asking.len() == known {
            return asking;
        }
    }
}
