//! `redundant-prefix-index`

use crate::lint::rules::shared::*;

rule! {
    "TL0504" "redundant-prefix-index" Warn;
    "An index is the beginning of another one";
    why "The longer one serves what the shorter one does; every write keeps both.";
    mend "remove the shorter one", fixed;
    claims ["a_longer_index_serves_its_beginning"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = "text"
b = "text"

[table.items.index.items_a_idx]
columns = ["a"]

[table.items.index.items_b_idx]
columns = ["a", "b"]
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = "text"
b = "text"

[table.items.index.items_a_idx]
columns = ["b"]

[table.items.index.items_b_idx]
columns = ["a", "b"]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for (id, index) in view.indexes.iter().filter(|(_, index)| is_plain(index)) {
            let longer = view.indexes.iter().find(|(_, other)| is_plain(other) && other.elements.len() > index.elements.len() && other.elements.starts_with(&index.elements));
            if let Some((_, longer)) = longer {
                findings.mendable(id, format!("index `{}` of `{}` is the beginning of `{}`", index.name, view.table.name, longer.name), [Edit::Remove { object: (*id).clone() }]);
            }
        }
    }
}

fn is_plain(index: &crate::kinds::index::Index) -> bool {
    index.method == crate::kinds::index::Method::Btree && index.predicate.is_none() && !index.unique && index.include.is_empty()
}
