//! Weakenings of the Catalog, behind what no spec can say.

use std::collections::BTreeSet;

use trust_schema::catalog::{Catalog, Expression, Object};
use trust_schema::kinds::function::Security;
use trust_schema::kinds::grant::Privilege;

/// A Catalog in which one object is weaker.
pub struct Weakened {
    pub operator: &'static str,
    pub object: String,
    pub catalog: Catalog,
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

/// Every weakened Catalog; a grant that another role has already is no mutant.
pub fn mutants(catalog: &Catalog) -> Vec<Weakened> {
    let mut mutants = Vec::new();
    for (id, entry) in catalog.iter() {
        for (operator, object) in weaker(&entry.object) {
            let mut changed = Catalog::default();
            let mut whole = true;
            for (other, entry) in catalog.iter() {
                // The grants of a changed grantee are added to those that stay.
                let object_of = if other == id { object.clone() } else { entry.object.clone() };
                whole &= changed.insert(object_of, entry.needs.clone()).is_ok();
            }
            if operator == "granted to another role" && whole {
                whole = changed.insert(entry.object.clone(), BTreeSet::new()).is_ok();
            }
            if whole {
                mutants.push(Weakened { operator, object: id.to_string(), catalog: changed });
            }
        }
    }
    mutants
}
