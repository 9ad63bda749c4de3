//! Whose privileges a role has, and whom it can become.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Principal;
use crate::catalog::{Catalog, Object};
use crate::kinds::role::{Owner, Role};

/// PUBLIC, as grants and policies write it.
pub const PUBLIC: &str = "public";

/// The memberships of all roles.
pub struct Memberships<'c> {
    roles: BTreeMap<&'c str, Option<&'c Role>>,
    owner: &'c Owner,
}

/// The roles to which memberships lead, each with those between and itself at the end.
pub type Paths = BTreeMap<String, Vec<String>>;

impl<'c> Memberships<'c> {
    pub fn new(catalog: &'c Catalog, owner: &'c Owner) -> Memberships<'c> {
        let mut roles: BTreeMap<&str, Option<&Role>> = BTreeMap::new();
        for object in catalog.objects() {
            match object {
                Object::Role(role) => {
                    roles.insert(&role.name, Some(role));
                }
                // A Catalog that was read from a server names roles in grants and policies alone.
                Object::Grant(grant) if grant.grantee != PUBLIC => {
                    roles.entry(&grant.grantee).or_default();
                }
                Object::Policy(policy) => policy.roles.iter().filter(|role| *role != PUBLIC).for_each(|role| {
                    roles.entry(role).or_default();
                }),
                _ => {}
            }
        }
        Memberships { roles, owner }
    }

    /// Everybody, in the order of [`Principal`].
    pub fn principals(&self) -> impl Iterator<Item = Principal> {
        let roles = self.roles.keys().map(|name| Principal::Role((*name).to_owned()));
        [Principal::Public, Principal::Owner].into_iter().chain(roles)
    }

    pub fn role(&self, name: &str) -> Option<&'c Role> {
        self.roles.get(name).copied().flatten()
    }

    pub fn bypasses_row_security(&self, principal: &Principal) -> bool {
        match principal {
            Principal::Public => false,
            Principal::Owner => self.owner.bypasses_row_security,
            Principal::Role(name) => self.role(name).is_some_and(|role| role.bypasses_row_security),
        }
    }

    /// The roles whose privileges the principal has without SET ROLE.
    pub fn inherited(&self, principal: &Principal) -> Paths {
        self.walk(principal, true)
    }

    /// The roles that the principal can become.
    pub fn may_become(&self, principal: &Principal) -> Paths {
        self.walk(principal, false)
    }

    /// The shortest way to each role: what lies on it does not depend on the order of declaration.
    fn walk(&self, principal: &Principal, only_inherited: bool) -> Paths {
        let mut paths = Paths::new();
        let none = BTreeSet::new();
        let first = match principal {
            Principal::Public => &none,
            Principal::Owner => &self.owner.member_of,
            Principal::Role(name) => self.members(name, only_inherited).unwrap_or(&none),
        };
        let mut pending: VecDeque<(&str, Vec<String>)> = first.iter().map(|role| (role.as_str(), vec![role.clone()])).collect();
        while let Some((role, path)) = pending.pop_front() {
            let itself = matches!(principal, Principal::Role(name) if name == role);
            if itself || paths.contains_key(role) {
                continue;
            }
            for next in self.members(role, only_inherited).unwrap_or(&none) {
                pending.push_back((next, path.iter().chain([next]).cloned().collect()));
            }
            paths.insert(role.to_owned(), path);
        }
        paths
    }

    fn members(&self, role: &str, only_inherited: bool) -> Option<&'c BTreeSet<String>> {
        self.role(role).filter(|role| role.inherits || !only_inherited).map(|role| &role.member_of)
    }
}
