//! `api-reserved-argument`

use crate::lint::rules::shared::*;

rule! {
    "TL0704" "api-reserved-argument" Warn;
    "An argument is named by a key word of a client's language";
    why "Generated clients have to rename it, and each does so in another way.";
    mend "prefix it: `p_type`";
    claims ["arguments_are_passed_by_name"];
    bad Spec r#"[function.count_notes_v1]
summary = "An example."
effect  = "read"
execute = ["authenticated"]
args = [{ name = "type", type = "text" }]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"
"#;
    good Spec r#"[function.count_notes_v1]
summary = "An example."
effect  = "read"
execute = ["authenticated"]
args = [{ name = "p_type", type = "text" }]
returns = "bigint"
body    = "begin return (select count(*) from public.notes n where n.owner_id = (select auth.uid())); end"
"#;
}

/// Key words of Rust and of TypeScript that are likely as names.
const WORDS: &[&str] = &[
    "type", "class", "default", "enum", "export", "extends", "function", "import", "in", "new", "null", "return", "super", "switch", "this", "throw",
    "typeof", "var", "void", "with", "async", "await", "dyn", "impl", "loop", "match", "mod", "move", "ref", "self", "static", "struct", "trait", "use",
    "where", "yield",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.api_functions() {
        if let Some(argument) = function.arguments.iter().find(|argument| WORDS.contains(&argument.name.as_str())) {
            findings.add(id, format!("argument `{}` of `{}` is a key word of a client's language", argument.name, function.signature()));
        }
    }
}
