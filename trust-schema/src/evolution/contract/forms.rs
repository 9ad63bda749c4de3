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
    /// Whether it refuses NULL: a domain that does, or that stands on one.
    refuses_null: bool,
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
        forms.insert(id.name(), Form { kind: id.kind(), inner, refuses_null: false });
    }
    for (name, refuses_null) in refusals(&forms) {
        if let Some(form) = forms.get_mut(name) {
            form.refuses_null = refuses_null;
        }
    }
    forms
}

fn row<'c>() -> Form<'c> {
    Form { kind: Kind::Table, inner: Inner::Members(Vec::new()), refuses_null: false }
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

/// Whether a value of this type is refused where it is NULL.
pub fn refuses_null(data_type: &str, forms: &Forms<'_>) -> bool {
    forms.get(data_type).is_some_and(|form| form.refuses_null)
}

/// Of each domain, whether it or one beneath it refuses NULL.
fn refusals<'c>(forms: &Forms<'c>) -> FxHashMap<&'c str, bool> {
    let mut known: FxHashMap<&str, bool> = FxHashMap::default();
    for (name, form) in forms {
        let mut chain = Vec::new();
        let (mut name, mut inner) = (*name, &form.inner);
        let refuses = loop {
            if let Some(known) = known.get(name) {
                break *known;
            }
            let Inner::Domain(domain) = inner else { break false };
            chain.push(name);
            if domain.not_null || chain.len() > forms.len() {
                break domain.not_null;
            }
            let Some(beneath) = forms.get(domain.base.as_str()) else { break false };
            (name, inner) = (&domain.base, &beneath.inner);
        };
        known.extend(chain.into_iter().map(|name| (name, refuses)));
    }
    known
}
