//! `invisible-character-in-name`

use crate::lint::rules::shared::*;

rule! {
    "TL0802" "invisible-character-in-name" Error;
    "A name holds a character that cannot be seen";
    why "A newline in a name ends a comment of a dump, and what follows runs when it is restored (CVE-2025-8715); characters without width, or that turn the direction of writing, hide what a reviewer reads.";
    mend "rename the object";
    claims ["names_may_hold_newlines"];
    bad Sql r#"create table public."items
; drop table x" (item_id uuid primary key);"#;
    good Sql r#"create table public.items (item_id uuid primary key);"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, _) in context.catalog.iter().filter(|(id, _)| !matches!(id.kind(), Kind::Comment | Kind::Grant)) {
        if id.name().chars().any(is_invisible) {
            findings.add(id, format!("the name of {} holds a character that cannot be seen", crate::spec::printable(&id.to_string())));
        }
    }
}

fn is_invisible(character: char) -> bool {
    character.is_control() || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}
