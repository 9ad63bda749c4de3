//! Privileges: which of them `access` can say, and which it refuses to.

use std::collections::{BTreeMap, BTreeSet};

use super::inventory::{Inventory, Key, Privilege};
use crate::catalog::Kind;
use crate::kinds::grant::Privilege as Word;
use crate::spec::toml::{key, string, strings};
use crate::sql::identifier::quote;

/// The privileges on one object.
#[derive(Debug, Default)]
pub struct Split {
    /// Role, privilege, and the columns where it is not the whole object.
    pub said: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// What the spec cannot say.
    pub refused: Vec<Privilege>,
}

/// Divides the privileges on an object. `roles_may` tells whether a spec may let roles in at all.
pub fn split(inventory: &Inventory, object: &Key, kind: Kind, roles_may: bool) -> Split {
    let mut split = Split::default();
    let all = inventory.privileges.get(object).map(Vec::as_slice).unwrap_or_default();
    let words: Vec<&str> = Word::grantable_on(kind).iter().map(|word| word.keyword()).collect();
    let on_columns: Vec<&str> = Word::ON_COLUMNS.iter().map(|word| word.keyword()).collect();
    // PUBLIC is no role, and a spec lets nobody pass on what he may do.
    let sayable = |one: &Privilege| {
        roles_may
            && one.by_owner
            && !one.grantable
            && !one.grantee.is_empty()
            && words.contains(&one.word.as_str())
            && (one.column.is_empty() || on_columns.contains(&one.word.as_str()))
    };
    for one in all {
        let whole =
            |word: &str| all.iter().any(|other| other.grantee == one.grantee && other.column.is_empty() && other.word == word && sayable(other));
        if !sayable(one) || (!one.column.is_empty() && whole(&one.word)) {
            split.refused.push(one.clone());
            continue;
        }
        let columns = split.said.entry(one.grantee.clone()).or_default().entry(one.word.to_lowercase()).or_default();
        if !one.column.is_empty() {
            columns.insert(one.column.clone());
        }
    }
    split.refused.sort();
    split
}

impl Split {
    /// The value of `access`; none where nobody may do anything.
    pub fn access(&self) -> Option<String> {
        let roles = self.said.iter().map(|(role, privileges)| {
            let value = if privileges.values().all(BTreeSet::is_empty) {
                strings(privileges.keys())
            } else {
                let items = privileges.iter().map(|(word, columns)| {
                    let columns = if columns.is_empty() { "true".to_owned() } else { strings(columns) };
                    format!("{word} = {columns}")
                });
                format!("{{ {} }}", items.collect::<Vec<_>>().join(", "))
            };
            format!("{} = {value}", key(role))
        });
        let roles: Vec<String> = roles.collect();
        (!roles.is_empty()).then(|| format!("{{ {} }}", roles.join(", ")))
    }

    /// The value of `execute`.
    pub fn execute(&self) -> Option<String> {
        (!self.said.is_empty()).then(|| strings(self.said.keys()))
    }
}

/// The role of an entry as SQL.
pub fn grantee(one: &Privilege) -> String {
    if one.grantee.is_empty() { "PUBLIC".to_owned() } else { quote(&one.grantee).into_owned() }
}

/// Statements that grant, one for each role, and those that take it back.
pub fn statements(privileges: &[Privilege]) -> (Vec<String>, Vec<String>) {
    let mut groups: BTreeMap<(String, String, bool), Vec<String>> = BTreeMap::new();
    for one in privileges {
        let word = if one.column.is_empty() { one.word.clone() } else { format!("{} ({})", one.word, quote(&one.column)) };
        groups.entry((one.target.clone(), grantee(one), one.grantable)).or_default().push(word);
    }
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for ((target, grantee, grantable), words) in groups {
        let words = words.join(", ");
        up.push(format!("GRANT {words} ON {target} TO {grantee}{}", if grantable { " WITH GRANT OPTION" } else { "" }));
        down.push(format!("REVOKE {words} ON {target} FROM {grantee}"));
    }
    (up, down)
}

/// Default privileges: what is granted on objects that are yet to come.
pub fn defaults(privileges: &[Privilege], owner: &str, user: &str) -> (Vec<String>, Vec<String>) {
    let of = if owner == user { String::new() } else { format!(" FOR ROLE {}", quote(owner)) };
    let statement = |one: &Privilege, verb: &str, way: &str| {
        format!("ALTER DEFAULT PRIVILEGES{of}{} {verb} {} ON {} {way} {}", one.column, one.word, one.target, grantee(one))
    };
    let up = privileges.iter().map(|one| format!("{}{}", statement(one, "GRANT", "TO"), if one.grantable { " WITH GRANT OPTION" } else { "" }));
    (up.collect(), privileges.iter().map(|one| statement(one, "REVOKE", "FROM")).collect())
}

/// A role by its name, as TOML shows it.
pub fn role_list(roles: &[String]) -> String {
    if let [one] = roles { format!("[{}]", string(one)) } else { strings(roles) }
}
