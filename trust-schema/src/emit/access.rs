//! `access/`: who may do what, for people and for programs.

use std::collections::{BTreeMap, BTreeSet};

use super::Files;
use super::documents::markdown::{code, escaped};
use super::sql::Surroundings;
use crate::access::text::{self, SEPARATOR};
use crate::access::{self, Access, Action, Principal, Right};
use crate::catalog::{Id, Kind};

/// `access/matrix.md` and `access/access.json`.
pub fn emit(surroundings: &Surroundings<'_>, files: &mut Files) {
    let resolution = surroundings.resolution;
    let access = access::access(&resolution.catalog, &resolution.project.owner);
    files.insert("access/matrix.md", markdown(&access, &resolution.project.name));
    // Texts and lists: nothing that JSON cannot hold.
    let Ok(text) = access.json() else { return };
    files.insert("access/access.json", text);
}

/// The document for a review: who may do what, object by object.
fn markdown(access: &Access, project: &str) -> String {
    let mut text = format!(
        "# Who may do what in {}\n\nComputed from the spec alone. A right counts together with what lies behind it: see *Doors*. `access.json` says why each right is there.\n",
        escaped(project)
    );
    text.push_str("\n## Roles\n\n");
    for known in &access.principals {
        let owner = if known.principal == Principal::Owner { ": owns every object, and may do everything" } else { "" };
        text.push_str(&format!("- **{}**{}{owner}\n", escaped(&known.principal.to_string()), text::standing(known, code)));
    }
    let mut by_object: BTreeMap<&Id, Vec<(&Principal, &Right)>> = BTreeMap::new();
    for known in &access.principals {
        for right in &known.rights {
            by_object.entry(&right.object).or_default().push((&known.principal, right));
        }
    }
    for (title, kinds) in [
        ("Schemas", &[Kind::Schema][..]),
        ("Tables", &[Kind::Table]),
        ("Views", &[Kind::View]),
        ("Sequences", &[Kind::Sequence]),
        ("Functions", &[Kind::Function]),
        ("Types", &[Kind::Enum, Kind::Domain, Kind::Composite]),
    ] {
        let objects: Vec<_> = by_object.iter().filter(|(id, _)| kinds.contains(&id.kind())).collect();
        if objects.is_empty() {
            continue;
        }
        text.push_str(&format!("\n## {title}\n\n| object | who | may | how far |\n|---|---|---|---|\n"));
        for (id, rights) in objects {
            for ((action, scope), who) in grouped(rights) {
                text.push_str(&format!("| {} | {} | {} | {} |\n", code(id.name()), who, action.word(), scope));
            }
        }
    }
    let nobody =
        "\n## Doors\n\nWhat a right leads to beyond its object, with the owner's rights.\n\n| use of | who can | leads to |\n|---|---|---|\n";
    text.push_str(nobody);
    for door in &access.doors {
        let who: Vec<String> = access
            .principals
            .iter()
            .filter(|known| known.right(&door.object, door.action).is_some_and(|right| !right.out_of_reach))
            .map(|known| escaped(&known.principal.to_string()))
            .collect();
        let who = if who.is_empty() { "the owner alone".to_owned() } else { who.join(SEPARATOR) };
        text.push_str(&format!("| {} {} | {} | {} |\n", door.action.word(), code(door.object.name()), who, text::reaches(&door.reaches, code)));
    }
    if !access.raw.is_empty() {
        text.push_str("\n## Not covered\n\nRaw SQL may do anything; what it grants is not in this document.\n\n");
        access.raw.iter().for_each(|id| text.push_str(&format!("- {}\n", code(id.name()))));
    }
    text
}

/// The rights on one object: principals with the same right and scope together.
fn grouped(rights: &[(&Principal, &Right)]) -> BTreeMap<(Action, String), String> {
    let mut grouped: BTreeMap<(Action, String), BTreeSet<&Principal>> = BTreeMap::new();
    for (principal, right) in rights {
        grouped.entry((right.action, text::scope(right, code))).or_default().insert(principal);
    }
    let joined =
        |principals: BTreeSet<&Principal>| principals.iter().map(|principal| escaped(&principal.to_string())).collect::<Vec<_>>().join(SEPARATOR);
    grouped.into_iter().map(|(key, principals)| (key, joined(principals))).collect()
}
