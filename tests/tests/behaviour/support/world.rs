//! A database with the migrations applied, and the people and services that act in it.

use std::path::Path;
use std::sync::LazyLock;

use tests::postgres;
use trust_lite::functions::{
    AddTenantMemberV1, CreateServiceIdentityV1, CreateTenantV1, IssueDelegationTokenV1, IssueDelegationTokenV1Row, RotateServiceKeyV1,
};
use trust_schema::emit::{Files, sql};
use trust_schema::live::server::Scratch;
use uuid::Uuid;

use super::{Cell, Session};

/// The owner of the tenant of a [`Team`].
pub const OWNER: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0001);
/// An admin of it.
pub const ADMIN: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0002);
/// A member of it.
pub const MEMBER: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0003);
/// A guest of it.
pub const GUEST: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0004);
/// A user who has nothing to do with it.
pub const STRANGER: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0005);
/// A user whose account is gone, though the token of the gateway is still good.
pub const GHOST: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0006);

/// The service of a [`Team`].
pub const SERVICE: &str = "mailer";

/// The migrations of Trust-lite, in the order of their names.
static MIGRATIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let compiled = tests::compile::compile(tests::compile::folder(&spec));
    let resolution = compiled.0.resolution.as_ref().unwrap_or_else(|| panic!("the spec has errors:\n{}", compiled.full()));
    let mut files = Files::default();
    sql::migration::emit(&sql::Surroundings::new(resolution, &compiled.0.sources), &mut files);
    files.0.into_values().collect()
});

/// A database of one case.
pub struct World {
    database: Scratch,
    cell: Cell,
    /// Whoever deployed: owns the objects, and is no superuser.
    pub operator: Session,
    /// The service role.
    pub service: Session,
}

/// A tenant with a member of every role, an active service and its HS256 key.
pub struct Team {
    pub tenant: Uuid,
    pub key: String,
    pub owner: Session,
    pub admin: Session,
    pub member: Session,
    pub guest: Session,
    pub stranger: Session,
}

impl World {
    /// A copy of the template of a cell.
    pub async fn open(cell: Cell) -> Self {
        let database = postgres::copy_of_template(cell.major, cell.regime, "behaviour", prepare).await;
        let operator = Session::new(database.connect().await.expect("the operator connects"), cell);
        let service = Session::new(database.connect_as("service_role").await.expect("the service connects"), cell);
        Self { database, cell, operator, service }
    }

    /// Another session of a role, without claims.
    pub async fn session(&self, role: &str) -> Session {
        Session::new(self.database.connect_as(role).await.expect("a role connects"), self.cell)
    }

    /// A session of a user who is signed in.
    pub async fn user(&self, user: Uuid) -> Session {
        self.session("authenticated").await.with_claims(format!("{{\"sub\": \"{user}\", \"role\": \"authenticated\"}}"))
    }

    /// Another session of the operator.
    pub async fn another_operator(&self) -> Session {
        Session::new(self.database.connect().await.expect("the operator connects"), self.cell)
    }

    /// Runs what the operator would type.
    pub async fn operate(&self, sql: &str) {
        self.operator.client().batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// A tenant and its people.
    pub async fn team(&self) -> Team {
        let team = self.team_without_key().await;
        let key = team.owner.call(RotateServiceKeyV1::new(team.tenant, SERVICE)).await;
        Team { key, ..team }
    }

    /// As [`World::team`]; the service has no key yet.
    pub async fn team_without_key(&self) -> Team {
        let owner = self.user(OWNER).await;
        let tenant = owner.call(CreateTenantV1::new("Team")).await;
        for (user, role) in [(ADMIN, "admin"), (MEMBER, "member"), (GUEST, "guest")] {
            owner.call(AddTenantMemberV1::new(tenant, user).with_role(role)).await;
        }
        owner.call(CreateServiceIdentityV1::new(tenant, SERVICE)).await;
        Team {
            tenant,
            key: String::new(),
            owner,
            admin: self.user(ADMIN).await,
            member: self.user(MEMBER).await,
            guest: self.user(GUEST).await,
            stranger: self.user(STRANGER).await,
        }
    }
}

impl Team {
    /// A call that issues a token of the team's service, with one scope.
    pub fn issuing(&self) -> IssueDelegationTokenV1 {
        IssueDelegationTokenV1::new(SERVICE, vec!["dm:read".to_owned()]).with_tenant_id(self.tenant)
    }

    /// A token for the member.
    pub async fn token(&self) -> IssueDelegationTokenV1Row {
        only(self.member.call(self.issuing()).await)
    }
}

/// The only row of a result.
pub fn only<T>(mut rows: Vec<T>) -> T {
    assert_eq!(rows.len(), 1, "the function returns one row");
    rows.remove(0)
}

/// Deploys, makes the accounts as the platform does, and puts the encryption secret in as the operator does.
async fn prepare(database: &Scratch) {
    let deployer = database.connect().await.expect("the deployer connects");
    for migration in MIGRATIONS.iter() {
        deployer.batch_execute(&format!("begin;\n{migration}\ncommit;")).await.unwrap_or_else(|error| panic!("{error:?}"));
    }
    let secret = "insert into trust_private.encryption_keys (secret) values (gen_random_uuid()::text || gen_random_uuid()::text)";
    deployer.batch_execute(secret).await.expect("the secret is put in");
    let platform = database.connect_as_administrator().await.expect("the platform connects");
    for user in [OWNER, ADMIN, MEMBER, GUEST, STRANGER] {
        platform.execute("insert into auth.users (id) values ($1)", &[&user]).await.expect("the account is made");
    }
}
