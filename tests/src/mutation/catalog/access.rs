//! Privileges that the construction revokes, and standing of roles.

use std::collections::{BTreeMap, BTreeSet};

use trust_schema::catalog::{Catalog, Id, Kind, Object};
use trust_schema::kinds::grant::{Grant, Privilege};

use super::Weaker;

/// Every privilege on a kind of object.
fn privileges(kind: Kind) -> &'static [Privilege] {
    use Privilege::{Create, Delete, Execute, Insert, References, Select, Trigger, Truncate, Update, Usage};
    match kind {
        Kind::Table | Kind::View => &[Select, Insert, Update, Delete, Truncate, References, Trigger],
        Kind::Function => &[Execute],
        Kind::Sequence => &[Usage, Select, Update],
        Kind::Schema => &[Usage, Create],
        _ => &[],
    }
}

pub fn weaker(catalog: &Catalog, id: &Id, object: &Object, roles: &[String], mutants: &mut Vec<Weaker>) {
    let mut targets = vec![(id.clone(), id.kind())];
    if let Object::Column(column) = object {
        // The sequence behind an identity column is no object of its own.
        targets = column.identity_sequence.iter().map(|sequence| (Id::of(Kind::Sequence, sequence), Kind::Sequence)).collect();
    }
    for (target, kind) in targets {
        for privilege in privileges(kind) {
            for role in roles.iter().map(String::as_str).chain(["public"]) {
                let grant = Id::grant(&target, role);
                let mut wider = match catalog.get(&grant) {
                    Some(Object::Grant(known)) => known.clone(),
                    _ => Grant {
                        target: target.clone(),
                        grantee: role.to_owned(),
                        privileges: BTreeSet::new(),
                        columns: BTreeMap::new(),
                        grantable: BTreeSet::new(),
                    },
                };
                wider.privileges.insert(*privilege);
                mutants.push(Weaker::changed(granted(role), &grant, Object::Grant(wider)));
            }
        }
    }
    match object {
        Object::Grant(grant) => {
            let mut grantable = grant.clone();
            grantable.grantable = grantable.privileges.clone();
            mutants.push(Weaker::changed("grant option", id, Object::Grant(grantable)));
            if !grant.columns.is_empty() {
                let mut whole = grant.clone();
                let privileges = std::mem::take(&mut whole.columns).into_values().flatten();
                whole.privileges.extend(privileges);
                mutants.push(Weaker::changed("columns made the whole table", id, Object::Grant(whole)));
            }
        }
        Object::Role(role) => {
            let mut bypassing = role.clone();
            bypassing.bypasses_row_security = true;
            mutants.push(Weaker::changed("role past row-level security", id, Object::Role(bypassing)));
            for other in roles.iter().filter(|other| **other != role.name) {
                let mut member = role.clone();
                member.member_of.insert(other.clone());
                mutants.push(Weaker::changed("role made a member of another", id, Object::Role(member)));
            }
        }
        _ => {}
    }
}

/// The operator: one for each role, so that each has a rate of its own.
fn granted(role: &str) -> &'static str {
    match role {
        "public" => "privilege left to PUBLIC",
        "anon" => "privilege left to anon",
        "authenticated" => "privilege left to authenticated",
        "service_role" => "privilege left to service_role",
        _ => "privilege left to a role",
    }
}
