//! `duplicate-index`

use crate::lint::rules::shared::*;

rule! {
    "TL0503" "duplicate-index" Warn;
    "Two indexes are the same";
    why "Every write keeps both, and reads use one. A unique constraint and a primary key are indexes, too.";
    mend "remove one of them", fixed;
    claims ["a_constraint_is_an_index"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = "text"
b = "text"

[table.items.index.items_a_idx]
columns = ["a"]

[table.items.index.items_b_idx]
columns = ["a"]
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = "text"
b = "text"

[table.items.index.items_a_idx]
columns = ["a"]

[table.items.index.items_b_idx]
columns = ["b"]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for (place, (id, index)) in view.indexes.iter().enumerate() {
            let same = |other: &crate::kinds::index::Index| crate::kinds::index::Index { name: index.name.clone(), ..other.clone() } == **index;
            if let Some((_, first)) = view.indexes.iter().take(place).find(|(_, other)| same(other)) {
                findings.mendable(id, format!("index `{}` of `{}` is the same as `{}`", index.name, view.table.name, first.name), [Edit::Remove { object: (*id).clone() }]);
            } else if let Some(key) = constraint_of(view, index) {
                findings.mendable(id, format!("index `{}` of `{}` is what constraint `{key}` brings", index.name, view.table.name), [Edit::Remove { object: (*id).clone() }]);
            }
        }
    }
}

/// The constraint whose index would be the same.
fn constraint_of<'v>(view: &'v TableView<'_>, index: &crate::kinds::index::Index) -> Option<&'v str> {
    use crate::kinds::index::{Key, Method};
    let plain = index.method == Method::Btree && index.predicate.is_none() && index.include.is_empty();
    let columns: Option<Vec<&String>> = index
        .elements
        .iter()
        .map(|element| match &element.key {
            Key::Column(column) if !element.descending && element.nulls.is_none() && element.operator_class.is_none() => Some(column),
            _ => None,
        })
        .collect();
    let columns = columns.filter(|_| plain)?;
    let same = |key: &[String]| key.iter().eq(columns.iter().copied());
    let primary = view.primary_key.iter().filter(|key| same(&key.columns)).map(|key| key.name.as_str());
    primary.chain(view.unique.iter().filter(|key| same(&key.columns)).map(|key| key.name.as_str())).next()
}
