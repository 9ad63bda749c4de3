//! The ground on which attacks take place: rows, names and calls that succeed, made once. A copy of its database is the same ground.

use std::collections::BTreeSet;

use super::field::{self, Field};
use super::forms;
use super::identity::{self, Identity};
use super::session::Session;
use super::tables::Tables;
use super::world::{self, Controls, Side, World};
use crate::catalog::Id;
use crate::live::Error;
use crate::live::server::{Platform, Scratch};
use crate::operations::Tenancy;
use crate::resolve::Resolution;

/// What of a system is attacked.
#[derive(Debug, Clone, Default)]
pub struct Focus {
    only: Option<BTreeSet<Id>>,
    without_shadows: bool,
}

impl Focus {
    pub fn everything() -> Focus {
        Focus::default()
    }

    /// These tables, views and functions alone, by a few identities.
    pub fn on(objects: BTreeSet<Id>) -> Focus {
        Focus { only: Some(objects), without_shadows: false }
    }

    /// Without objects of the attackers' in `pg_temp`: they cost most, and show nothing where no function has another search path than before.
    pub fn without_shadows(self) -> Focus {
        Focus { without_shadows: true, ..self }
    }

    pub fn has_shadows(&self) -> bool {
        !self.without_shadows
    }

    pub fn has(&self, object: &Id) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(object))
    }

    pub fn is_everything(&self) -> bool {
        self.only.is_none()
    }
}

/// A database's world, and what is known of it.
#[derive(Debug)]
pub struct Ground {
    pub(super) platform: Platform,
    pub(super) tables: Tables,
    pub(super) world: World,
    pub(super) controls: Controls,
    sequences: String,
    /// What could not be attacked, and why.
    pub unreliable: Vec<String>,
}

/// Who attacks.
pub(super) struct Identities {
    /// Every claim and every role.
    pub every: Vec<Identity>,
    /// One of each role: privileges do not depend on claims.
    pub one_each: Vec<Identity>,
    /// Users of tenant A.
    pub users: Vec<Identity>,
}

/// Those of the matrix who attack where the focus is narrow.
const FEW: [&str; 4] = ["user 1 of tenant A", "user 3 of tenant A", "no claims", "a user of no tenant"];

impl Ground {
    /// Fills a database to which the migrations have been applied with rows, and lets everybody live in it.
    ///
    /// # Errors
    /// Where the database cannot be reached or read.
    pub async fn prepare(platform: Platform, scratch: &Scratch, resolution: &Resolution, tenancy: &Tenancy) -> Result<Ground, Error> {
        let session = Session::open(scratch).await?;
        let tables = Tables::new(&resolution.catalog, tenancy);
        let mut unreliable = Vec::new();
        let mut world = World::make(&session, &tables, &mut unreliable).await?;
        let user_role = identity::user_role(resolution, platform);
        let trusted = |role: &&String| identity::is_trusted(role);
        let trusted: Vec<Identity> =
            resolution.project.api_roles.iter().filter(trusted).map(|role| Identity::role(role, platform, &Side::ALL)).collect();
        let people = |world: &World, side: Side| -> Vec<Identity> {
            let users = &world.side(side).users;
            let users = user_role.iter().flat_map(|role| users.iter().map(move |user| Identity::user(role, "a user", user, &[side])));
            users.chain(trusted.iter().cloned()).collect()
        };
        let controls = world::live(&session, &tables, &mut world, resolution, &people).await?;
        world.learn(&session, &tables).await?;
        // Statistics are what some leaks are made of.
        session.execute("analyze", "gather statistics").await?;
        let sequences = session.query(field::SEQUENCES, "read the sequences").await?.into_iter().flatten().flatten().collect::<Vec<_>>().join(";");
        let without = forms::functions::without_control(resolution, &controls, &people(&world, Side::Own));
        unreliable.extend(without.into_iter().map(|function| format!("{function}: no call succeeded")));
        Ok(Ground { platform, tables, world, controls, sequences, unreliable })
    }

    pub(super) async fn field<'g>(&'g self, scratch: &'g Scratch, resolution: &'g Resolution, focus: &'g Focus) -> Result<Field<'g>, Error> {
        Ok(Field {
            scratch,
            platform: self.platform,
            session: Session::open(scratch).await?,
            tables: &self.tables,
            world: &self.world,
            resolution,
            controls: &self.controls,
            operator: Identity::operator(self.platform),
            sequences: &self.sequences,
            focus,
        })
    }

    pub(super) fn identities(&self, resolution: &Resolution, focus: &Focus) -> Identities {
        let user_role = identity::user_role(resolution, self.platform);
        let mut matrix: Vec<Identity> = user_role.iter().flat_map(|role| identity::matrix(role, &self.world)).collect();
        if !focus.is_everything() {
            matrix.retain(|identity| FEW.contains(&identity.name.as_str()));
        }
        // Under a role that users do not have, nobody in particular comes.
        let others = resolution.project.api_roles.iter().filter(|role| user_role.as_ref().is_none_or(|user| user.role != **role));
        let others: Vec<Identity> =
            others.map(|role| Identity::role(role, self.platform, if identity::is_trusted(role) { &Side::ALL } else { &[] })).collect();
        Identities {
            every: matrix.iter().chain(&others).cloned().collect(),
            one_each: matrix.first().into_iter().chain(&others).cloned().collect(),
            users: matrix.iter().filter(|identity| identity.name.starts_with("user ")).cloned().collect(),
        }
    }
}
