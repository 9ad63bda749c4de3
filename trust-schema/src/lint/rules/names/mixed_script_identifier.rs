//! `mixed-script-identifier`

use crate::lint::rules::shared::*;

rule! {
    "TL0801" "mixed-script-identifier" Error;
    "A name mixes letters of several scripts";
    why "A Cyrillic `а` looks like a Latin one: two names that look the same are two objects, and a reviewer sees one.";
    mend "write the name in one script";
    claims ["names_that_look_the_same_are_two"];
    bad Spec r#"[table."p\u0430yments"]
primary_key = ["payment_id"]
columns = { payment_id = "uuid" }
"#;
    good Spec r#"[table.payments]
primary_key = ["payment_id"]
columns = { payment_id = "uuid" }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, _) in context.catalog.iter().filter(|(id, _)| !matches!(id.kind(), Kind::Comment | Kind::Grant)) {
        if is_mixed(id.name()) {
            findings.add(id, format!("the name of {id} mixes scripts"));
        }
    }
}

/// Whether a word of the name has letters of more than one of the scripts that look alike.
fn is_mixed(name: &str) -> bool {
    name.split(|character: char| !character.is_alphanumeric()).any(|word| {
        let mut scripts: Vec<u8> = word.chars().filter_map(script).collect();
        scripts.sort_unstable();
        scripts.dedup();
        scripts.len() > 1
    })
}

fn script(character: char) -> Option<u8> {
    match character {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => Some(0),
        '\u{370}'..='\u{3ff}' => Some(1),
        '\u{400}'..='\u{52f}' => Some(2),
        '\u{530}'..='\u{58f}' => Some(3),
        _ => None,
    }
}
