//! Weakenings of the Catalog, behind what no spec can say.

use std::collections::BTreeSet;

use trust_schema::catalog::{Catalog, Expression, Id, Object};
use trust_schema::kinds::function::Security;
use trust_schema::kinds::grant::Privilege;

/// An object of a Catalog, and a weaker form of it.
pub struct Weakened {
    pub operator: &'static str,
    pub id: Id,
    object: Object,
}

/// The weaker forms of an object.
fn weaker(object: &Object) -> Vec<(&'static str, Object)> {
    let mut all = Vec::new();
    let always: Option<Expression> = serde_json::from_value(serde_json::json!("true")).ok();
    match object {
        Object::Function(function) if function.security == Security::Definer => {
            let mut unpinned = function.clone();
            unpinned.settings.clear();
            all.push(("unpinned search_path", Object::Function(unpinned)));
            let mut writable = function.clone();
            writable.settings.insert("search_path".to_owned(), "public, pg_temp".to_owned());
            all.push(("search_path led by schema public", Object::Function(writable)));
        }
        Object::Table(table) => {
            let mut disabled = table.clone();
            disabled.row_level_security = false;
            all.push(("row-level security disabled", Object::Table(disabled)));
            let mut unforced = table.clone();
            unforced.force_row_level_security = false;
            all.push(("row-level security not forced", Object::Table(unforced)));
        }
        Object::Policy(policy) => {
            let mut open = policy.clone();
            open.using = open.using.and(always.clone());
            open.check = open.check.and(always);
            all.push(("policy always true", Object::Policy(open)));
            let mut wide = policy.clone();
            wide.roles = vec!["public".to_owned()];
            all.push(("policy for PUBLIC", Object::Policy(wide)));
        }
        Object::Grant(grant) => {
            for role in ["public", "anon", "authenticated"].into_iter().filter(|role| *role != grant.grantee) {
                let mut wider = grant.clone();
                wider.grantee = role.to_owned();
                all.push(("granted to another role", Object::Grant(wider)));
            }
            if grant.privileges.contains(&Privilege::Select) {
                for privilege in [Privilege::Insert, Privilege::Update, Privilege::Delete, Privilege::Truncate, Privilege::Trigger] {
                    let mut wider = grant.clone();
                    wider.privileges.insert(privilege);
                    all.push(("privilege added", Object::Grant(wider)));
                }
            }
            let mut grantable = grant.clone();
            grantable.grantable = grantable.privileges.clone();
            all.push(("grant option", Object::Grant(grantable)));
        }
        _ => {}
    }
    all.retain(|(_, other)| other != object);
    all
}

/// Every weakened object; a grant that another role has already is no mutant.
pub fn mutants(catalog: &Catalog) -> Vec<Weakened> {
    let mut mutants = Vec::new();
    for (id, entry) in catalog.iter() {
        for (operator, object) in weaker(&entry.object) {
            let weakened = object.id();
            if weakened == *id || !catalog.contains(&weakened) {
                mutants.push(Weakened { operator, id: id.clone(), object });
            }
        }
    }
    mutants
}

impl Weakened {
    /// The whole Catalog with the weaker object in the place of the original. A grant to somebody else is added to the original.
    pub fn catalog(&self, original: &Catalog) -> Catalog {
        let mut changed = Catalog::default();
        let mut insert = |object: &Object, needs: BTreeSet<Id>| {
            changed.insert(object.clone(), needs).unwrap_or_else(|id| panic!("{id} is there twice"));
        };
        for (id, entry) in original.iter() {
            insert(if *id == self.id { &self.object } else { &entry.object }, entry.needs.clone());
            if *id == self.id && self.object.id() != self.id {
                insert(&entry.object, BTreeSet::new());
            }
        }
        changed
    }
}
