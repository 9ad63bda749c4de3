//! The life before the attack: every function is called by those who may call it, until each has succeeded for them. What succeeds is the positive
//! control of later refusals, and what it makes is what attackers are after.

use std::collections::BTreeMap;

use super::calls::{Call, Dictionary};
use super::{Side, World};
use crate::catalog::{Catalog, Id, Object};
use crate::kinds::function::{Function, Returns};
use crate::kinds::grant::Privilege;
use crate::live::Error;
use crate::live::attack::identity::Identity;
use crate::live::attack::session::{Outcome, Session};
use crate::live::attack::tables::Tables;
use crate::resolve::Resolution;

/// A call that succeeded, by side, function and role, and who made it.
pub type Controls = BTreeMap<(Side, Id, String), (Identity, Call)>;

/// Two rounds: what a function of the first needs may come from one behind it.
const ROUNDS: usize = 2;

/// The functions that a role can call through the API.
pub fn callable<'r>(resolution: &'r Resolution, role: &'r str) -> impl Iterator<Item = &'r Function> {
    resolution.catalog.objects().filter_map(move |object| match object {
        Object::Function(function)
            if is_granted(&resolution.catalog, &object.id(), role) && resolution.may_use_schema(&function.name.schema, role) =>
        {
            Some(function)
        }
        _ => None,
    })
}

fn is_granted(catalog: &Catalog, function: &Id, role: &str) -> bool {
    [role, "public"].into_iter().any(
        |grantee| matches!(catalog.get(&Id::grant(function, grantee)), Some(Object::Grant(grant)) if grant.privileges.contains(&Privilege::Execute)),
    )
}

/// Calls everything as everybody of each side, keeps what adds rows, and finds the controls in the state that is left.
pub async fn live(
    session: &Session,
    tables: &Tables,
    world: &mut World,
    resolution: &Resolution,
    people: &dyn Fn(&World, Side) -> Vec<Identity>,
) -> Result<Controls, Error> {
    for _ in 0..ROUNDS {
        for side in Side::ALL {
            let identities = people(world, side);
            for (role, identities) in by_role(&identities) {
                for function in callable(resolution, role) {
                    grow(session, tables, world, side, function, identities).await?;
                }
            }
        }
    }
    let mut controls = Controls::new();
    for side in Side::ALL {
        let identities = people(world, side);
        for (role, identities) in by_role(&identities) {
            for function in callable(resolution, role) {
                let dictionary = Dictionary { tables, world, side, caller: side };
                for identity in identities {
                    if let Some((call, _)) = find_call(session, &dictionary, function, identity, &Keep::Nothing).await? {
                        let id = call.function.clone();
                        controls.insert((side, id, role.to_owned()), (identity.clone(), call));
                        break;
                    }
                }
            }
        }
    }
    Ok(controls)
}

fn by_role(identities: &[Identity]) -> Vec<(&str, &[Identity])> {
    identities.chunk_by(|a, b| a.role == b.role).filter_map(|chunk| Some((chunk.first()?.role.as_str(), chunk))).collect()
}

/// What remains of a call that succeeded.
#[derive(Debug, PartialEq, Eq)]
pub enum Keep {
    Nothing,
    /// Everything, if it inserted rows. What only updates or deletes would end the life that attackers are after.
    Growth,
}

async fn grow(session: &Session, tables: &Tables, world: &mut World, side: Side, function: &Function, identities: &[Identity]) -> Result<(), Error> {
    for identity in identities {
        let found = {
            let dictionary = Dictionary { tables, world, side, caller: side };
            find_call(session, &dictionary, function, identity, &Keep::Growth).await?
        };
        if let Some((_, outcome)) = found {
            harvest(world, side, function, &outcome);
            world.note_new_tenants(session, tables, side).await?;
            world.learn(session, tables).await?;
            return Ok(());
        }
    }
    Ok(())
}

/// The first call that succeeds.
pub async fn find_call(
    session: &Session,
    dictionary: &Dictionary<'_>,
    function: &Function,
    identity: &Identity,
    keep: &Keep,
) -> Result<Option<(Call, Outcome)>, Error> {
    for call in dictionary.calls(function) {
        session.begin(&Identity::administrator()).await?;
        let before = inserted(session).await?;
        session.take_on(identity).await?;
        let outcome = session.run(&call.sql()).await?;
        if !outcome.succeeded() {
            session.end().await?;
            continue;
        }
        session.as_administrator().await?;
        if *keep == Keep::Growth && inserted(session).await? != before {
            session.keep().await?;
        } else {
            session.end().await?;
        }
        return Ok(Some((call, outcome)));
    }
    Ok(None)
}

/// Rows inserted in this session that the server has not yet counted elsewhere: only a difference says something.
async fn inserted(session: &Session) -> Result<Vec<Vec<Option<String>>>, Error> {
    session.query("select sum(n_tup_ins)::text from pg_stat_xact_user_tables", "count new rows").await
}

/// Keeps what the call returned, under the names of its columns and of the function.
fn harvest(world: &mut World, side: Side, function: &Function, outcome: &Outcome) {
    let names: Vec<String> = match &function.returns {
        Returns::Table(columns) => columns.iter().map(|(name, _)| name.clone()).collect(),
        Returns::Type(_) | Returns::SetOf(_) => vec![function.name.name.to_string()],
    };
    for row in &outcome.rows {
        for (name, value) in names.iter().zip(row) {
            if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                world.harvest.entry(name.clone()).or_default().push((side, value.clone()));
            }
        }
    }
}
