//! The rights of one principal: what grants, memberships and predefined roles give it, and on which rows.

use std::collections::{BTreeMap, BTreeSet};

use super::indexes::Indexes;
use super::memberships::{Memberships, PUBLIC, Paths};
use super::views::{self, Held, Holds};
use super::{Action, Principal, PrincipalAccess, Right, Rows, Source, Way};
use crate::catalog::{Id, Kind, Object};
use crate::kinds::grant::Privilege;
use crate::kinds::policy::Command;

/// Rights by object and action, as they are gathered.
type Rights = BTreeMap<(Id, Action), Right>;

impl Holds for Rights {
    fn columns(&self, object: &Id, action: Action) -> Held<'_> {
        match self.get(&(object.clone(), action)).map(|right| &right.columns) {
            None => Held::Nothing,
            Some(None) => Held::Everything,
            Some(Some(columns)) => Held::Columns(columns),
        }
    }
}

/// Everything about one principal.
pub fn of(principal: &Principal, indexes: &Indexes<'_>, memberships: &Memberships<'_>, reads: &views::AllReads) -> PrincipalAccess {
    let inherits = memberships.inherited(principal);
    let bypasses_row_security = memberships.bypasses_row_security(principal);
    let rights = match principal {
        Principal::Owner => restricted(&inherits, bypasses_row_security, indexes),
        _ => rights(principal, &inherits, bypasses_row_security, indexes, reads),
    };
    let login = matches!(principal, Principal::Role(name) if memberships.role(name).is_some_and(|role| role.login));
    PrincipalAccess { principal: principal.clone(), login, bypasses_row_security, may_become: memberships.may_become(principal), inherits, rights }
}

fn rights(principal: &Principal, inherits: &Paths, bypasses: bool, indexes: &Indexes<'_>, reads: &views::AllReads) -> Vec<Right> {
    let mut rights = Rights::new();
    for (target, grants) in &indexes.grants {
        for grant in grants {
            let Some(through) = way_to(principal, inherits, &grant.grantee) else { continue };
            let by = if grant.grantee == PUBLIC { Source::Public } else { Source::Grant };
            for privilege in &grant.privileges {
                let right = entry(&mut rights, target, (*privilege).into());
                right.columns = None;
                right.grantable |= grant.grantable.contains(privilege);
                right.ways.insert(Way { by, through: through.clone() });
            }
            for (column, privilege) in
                grant.columns.iter().flat_map(|(column, privileges)| privileges.iter().map(move |privilege| (column, privilege)))
            {
                let known = rights.contains_key(&((*target).clone(), (*privilege).into()));
                let right = entry(&mut rights, target, (*privilege).into());
                // A grant on the whole table covers its columns.
                match &mut right.columns {
                    Some(columns) => {
                        columns.insert(column.clone());
                    }
                    None if !known => right.columns = Some(BTreeSet::from([column.clone()])),
                    None => {}
                }
                right.ways.insert(Way { by: if by == Source::Public { by } else { Source::ColumnGrant }, through: through.clone() });
            }
        }
    }
    predefined(principal, inherits, indexes, &mut rights);
    let by_rows = |right: &Right| rows(principal, inherits, bypasses, &right.object, right.action, indexes);
    let usable: BTreeSet<Id> =
        rights.keys().filter(|(id, action)| id.kind() == Kind::Schema && *action == Action::Usage).map(|(id, _)| id.clone()).collect();
    let found: Vec<(Option<Rows>, bool, BTreeSet<Id>)> = rights
        .values()
        .map(|right| {
            let out_of_reach = indexes.schema_of(&right.object).map(|schema| Id::global(Kind::Schema, schema)).is_some_and(|schema| {
                // Schemas that others own are taken to be within reach, as `public` is.
                indexes.catalog.contains(&schema) && !usable.contains(&schema)
            });
            let is_read = right.object.kind() == Kind::View && right.action == Action::Select;
            let lacks = if is_read { views::lacks(&right.object, reads, indexes, &rights) } else { BTreeSet::new() };
            (by_rows(right), out_of_reach, lacks)
        })
        .collect();
    let completed = rights.into_values().zip(found);
    completed.map(|(right, (rows, out_of_reach, lacks))| Right { rows, out_of_reach, lacks, ..right }).collect()
}

/// What policies take from the owner: on tables that force them on him.
fn restricted(inherits: &Paths, bypasses: bool, indexes: &Indexes<'_>) -> Vec<Right> {
    let mut rights = Rights::new();
    for (id, _) in indexes.tables.iter().filter(|(_, table)| table.row_level_security && table.force_row_level_security && !bypasses) {
        for action in [Action::Select, Action::Insert, Action::Update, Action::Delete] {
            let right = entry(&mut rights, id, action);
            right.rows = rows(&Principal::Owner, inherits, bypasses, id, action, indexes);
            right.ways.insert(Way { by: Source::Owner, through: Vec::new() });
        }
    }
    rights.into_values().collect()
}

fn entry<'r>(rights: &'r mut Rights, target: &Id, action: Action) -> &'r mut Right {
    rights.entry((target.clone(), action)).or_insert_with(|| Right {
        object: target.clone(),
        action,
        columns: None,
        rows: None,
        grantable: false,
        out_of_reach: false,
        lacks: BTreeSet::new(),
        ways: BTreeSet::new(),
    })
}

/// The roles between a principal and a grantee whose privileges it has.
fn way_to(principal: &Principal, inherits: &Paths, grantee: &str) -> Option<Vec<String>> {
    let itself = matches!(principal, Principal::Role(name) if name == grantee);
    if itself || grantee == PUBLIC { Some(Vec::new()) } else { inherits.get(grantee).cloned() }
}

/// What `pg_read_all_data`, `pg_write_all_data` and `pg_maintain` give on everything.
fn predefined(principal: &Principal, inherits: &Paths, indexes: &Indexes<'_>, rights: &mut Rights) {
    const WRITES: &[Privilege] = &[Privilege::Insert, Privilege::Update, Privilege::Delete];
    for (role, privileges, uses_schemas) in
        [("pg_read_all_data", &[Privilege::Select][..], true), ("pg_write_all_data", WRITES, true), ("pg_maintain", &[Privilege::Maintain], false)]
    {
        let Some(through) = way_to(principal, inherits, role) else { continue };
        let relations = indexes.relations.iter().flat_map(|id| privileges.iter().map(move |privilege| (id, *privilege)));
        // Of these, a sequence knows SELECT and UPDATE.
        let relations = relations.filter(|(id, privilege)| id.kind() != Kind::Sequence || matches!(privilege, Privilege::Select | Privilege::Update));
        let schemas = indexes.schemas.iter().filter(|_| uses_schemas).map(|id| (id, Privilege::Usage));
        for (id, privilege) in relations.chain(schemas) {
            let right = entry(rights, id, privilege.into());
            right.columns = None;
            right.ways.insert(Way { by: Source::Predefined, through: through.clone() });
        }
    }
}

/// The rows that an action of a principal can touch; none for what has no rows.
pub fn rows(principal: &Principal, inherits: &Paths, bypasses: bool, object: &Id, action: Action, indexes: &Indexes<'_>) -> Option<Rows> {
    let command = match action {
        Action::Select => Command::Select,
        Action::Insert => Command::Insert,
        Action::Update => Command::Update,
        Action::Delete => Command::Delete,
        // Policies say nothing of it.
        Action::Truncate if object.kind() == Kind::Table => return Some(Rows::All),
        _ => return None,
    };
    let table = match indexes.catalog.get(object)? {
        Object::View(_) => return Some(Rows::View),
        Object::Table(table) => table,
        _ => return None,
    };
    let owns = *principal == Principal::Owner;
    if !table.row_level_security || bypasses || (owns && !table.force_row_level_security) {
        return Some(Rows::All);
    }
    let (mut permissive, mut restrictive) = (BTreeSet::new(), BTreeSet::new());
    for policy in indexes.policies.get(&table.name).into_iter().flatten() {
        let applies = policy.roles.iter().any(|role| way_to(principal, inherits, role).is_some());
        if applies && (policy.command == Command::All || policy.command == command) {
            if policy.permissive { &mut permissive } else { &mut restrictive }.insert(policy.name.clone());
        }
    }
    Some(if permissive.is_empty() { Rows::None } else { Rows::Policies { permissive, restrictive } })
}
