//! What types are made of, as far as JSON shows it: the attributes of composite types, the columns of rows, the values of enums.

use rustc_hash::FxHashMap;

use crate::catalog::{Catalog, Id, Kind, Object};
use crate::kinds::domain::Domain;
use crate::sql::identifier::quote;

/// All types of a Catalog by their names as data types are written, `schema.name`.
pub type Forms<'c> = FxHashMap<&'c str, Form<'c>>;

/// What a type is made of, and which kind of type it is.
pub struct Form<'c> {
    pub kind: Kind,
    pub inner: Inner<'c>,
}

pub enum Inner<'c> {
    /// The values of an enum.
    Values(&'c [String]),
    Domain(&'c Domain),
    /// The attributes of a composite type, the columns of a table or view.
    Members(Vec<Member<'c>>),
}

/// An attribute or a column.
#[derive(Clone, Copy)]
pub struct Member<'c> {
    pub name: &'c str,
    pub data_type: &'c str,
    pub not_null: bool,
}

pub fn forms(catalog: &Catalog) -> Forms<'_> {
    let mut forms = Forms::default();
    for (id, entry) in catalog.iter() {
        let inner = match &entry.object {
            Object::Enum(one) => Inner::Values(&one.values),
            Object::Domain(domain) => Inner::Domain(domain),
            Object::Composite(composite) => Inner::Members(nullable(&composite.attributes)),
            Object::View(view) => Inner::Members(nullable(&view.columns)),
            Object::Column(column) => {
                let member = Member { name: &column.name, data_type: &column.data_type, not_null: column.not_null };
                if let Some(table) = table(id, &column.name)
                    && let Inner::Members(members) = &mut forms.entry(table).or_insert_with(row).inner
                {
                    members.push(member);
                }
                continue;
            }
            _ => continue,
        };
        forms.insert(id.name(), Form { kind: id.kind(), inner });
    }
    forms
}

fn row<'c>() -> Form<'c> {
    Form { kind: Kind::Table, inner: Inner::Members(Vec::new()) }
}

/// Attributes of composite types and columns of views, which may all be NULL.
fn nullable(members: &[(String, String)]) -> Vec<Member<'_>> {
    members.iter().map(|(name, data_type)| Member { name, data_type, not_null: false }).collect()
}

/// The name of the table of a column, as data types are written.
fn table<'c>(column: &'c Id, name: &str) -> Option<&'c str> {
    column.name().strip_suffix(&*quote(name))?.strip_suffix('.')
}

/// A data type without its brackets, and whether it has some.
pub fn element(data_type: &str) -> (&str, bool) {
    data_type.strip_suffix("[]").map_or((data_type, false), |element| (element, true))
}

/// Whether a type refuses NULL: a domain that does, or that stands on one.
pub fn refuses_null(data_type: &str, forms: &Forms<'_>) -> bool {
    let mut data_type = data_type;
    // As many rounds as there can be domains on each other.
    for _ in 0..=forms.len() {
        match forms.get(data_type).map(|form| &form.inner) {
            Some(Inner::Domain(domain)) if domain.not_null => return true,
            Some(Inner::Domain(domain)) => data_type = &domain.base,
            _ => return false,
        }
    }
    false
}
