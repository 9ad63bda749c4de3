//! Objects of the Catalog that are weakened, behind what a spec can say.

mod access;
mod functions;
mod tables;

use std::collections::BTreeSet;

use trust_schema::catalog::{Catalog, Expression, Id, Object};
use trust_schema::kinds::grant::Privilege;

/// A weaker form of one object; none where it is dropped.
#[derive(Clone)]
pub struct Weaker {
    pub operator: &'static str,
    /// The object in whose place it comes; what has another identity is added.
    pub id: Id,
    pub object: Option<Object>,
}

impl Weaker {
    fn changed(operator: &'static str, id: &Id, object: Object) -> Weaker {
        Weaker { operator, id: id.clone(), object: Some(object) }
    }

    fn dropped(operator: &'static str, id: &Id) -> Weaker {
        Weaker { operator, id: id.clone(), object: None }
    }

    /// What became of the object, where the operator leaves several ways.
    pub fn how(&self, original: &Catalog) -> String {
        match (&self.object, original.get(&self.id)) {
            (Some(Object::ForeignKey(key)), _) => format!(" on delete {:?}", key.on_delete).to_lowercase(),
            (Some(Object::Grant(grant)), Some(Object::Grant(before))) => listed(grant.privileges.difference(&before.privileges)),
            (Some(Object::Grant(grant)), None) => listed(grant.privileges.iter()),
            (Some(Object::Role(role)), _) => role.member_of.iter().map(|other| format!(" of {other}")).collect(),
            _ => String::new(),
        }
    }

    /// The whole Catalog with it.
    pub fn catalog(&self, original: &Catalog) -> Catalog {
        let mut changed = Catalog::default();
        let mut insert = |object: &Object, needs: BTreeSet<Id>| {
            changed.insert(object.clone(), needs).unwrap_or_else(|id| panic!("{id} is there twice"));
        };
        for (id, entry) in original.iter() {
            match (&self.object, *id == self.id) {
                (None, true) => {}
                (Some(object), true) if object.id() == *id => insert(object, entry.needs.clone()),
                (_, _) => insert(&entry.object, entry.needs.clone()),
            }
        }
        if let Some(object) = self.object.as_ref().filter(|object| !original.contains(&object.id())) {
            insert(object, BTreeSet::new());
        }
        changed
    }
}

fn listed<'p>(privileges: impl Iterator<Item = &'p Privilege>) -> String {
    privileges.map(|privilege| format!(" {}", privilege.keyword())).collect()
}

/// An expression from text.
fn expression(text: &str) -> Option<Expression> {
    serde_json::from_value(serde_json::json!(text)).ok()
}

/// Every weakened object; `roles` are those of the API.
pub fn mutants(catalog: &Catalog, roles: &[String]) -> Vec<Weaker> {
    let mut mutants = Vec::new();
    for (id, entry) in catalog.iter() {
        functions::weaker(id, &entry.object, &mut mutants);
        tables::weaker(catalog, id, &entry.object, &mut mutants);
        access::weaker(catalog, id, &entry.object, roles, &mut mutants);
    }
    // A weaker form that is the object itself is no mutant.
    mutants.retain(|weaker| weaker.object.as_ref() != catalog.get(&weaker.id));
    mutants
}
