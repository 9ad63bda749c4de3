//! Data in every table, made through the generated client by the roles that users have.

use tokio_postgres::{Client, Transaction};
use trust_lite::enums::{ActorType, EnforcementLevel};
use trust_lite::functions::{
    AddTenantMemberV1, CalculateTrustScoreV1, CreateServiceIdentityV1, CreateTenantV1, EnforceRateLimitV1, IssueDelegationTokenV1, RecordRiskEventV1,
    RevokeDelegationV1, RotateServiceKeyV1, SetEnforcementLevelV1, ValidateDelegationTokenV1,
};
use trust_schema::live::server::Scratch;
use uuid::Uuid;

/// A service in every tenant.
pub const SERVICE: &str = "mailer";

/// Who and what there is.
#[derive(Debug, Clone)]
pub struct People {
    pub users: Vec<Uuid>,
    /// The tenant of each user, who owns it.
    pub tenants: Vec<Uuid>,
    /// A valid token of each user but the first.
    pub tokens: Vec<String>,
}

/// Users of the platform.
pub async fn users(administrator: &Client) -> Vec<Uuid> {
    let users: Vec<Uuid> = (1..=8).map(|_| Uuid::new_v4()).collect();
    administrator.execute("insert into auth.users (id) select unnest($1::uuid[])", &[&users]).await.expect("users");
    users
}

/// A transaction with the claims of a user, as PostgREST opens it.
pub async fn signed_in(client: &mut Client, user: Uuid) -> Result<Transaction<'_>, tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    let claims = format!("{{\"sub\": \"{user}\", \"role\": \"authenticated\"}}");
    transaction.execute("select set_config('request.jwt.claims', $1, true)", &[&claims]).await?;
    Ok(transaction)
}

/// Fills every table.
pub async fn populate(database: &Scratch, deployer: &Client, users: Vec<Uuid>) -> People {
    deployer.execute("insert into trust_private.encryption_keys (secret) values (repeat('s', 40))", &[]).await.expect("a secret");
    let mut authenticated = database.connect_as("authenticated").await.expect("a session");
    let service = database.connect_as("service_role").await.expect("a session");
    let (mut tenants, mut tokens) = (Vec::new(), Vec::new());
    for (number, &user) in users.iter().enumerate() {
        let transaction = signed_in(&mut authenticated, user).await.expect("a transaction");
        let tenant = CreateTenantV1::new(format!("tenant {number}")).call(&transaction).await.expect("a tenant");
        let other = users[(number + 1) % users.len()];
        AddTenantMemberV1::new(tenant, other).call(&transaction).await.expect("a member");
        CreateServiceIdentityV1::new(tenant, SERVICE).call(&transaction).await.expect("a service");
        RotateServiceKeyV1::new(tenant, SERVICE).call(&transaction).await.expect("a key");
        let call = IssueDelegationTokenV1::new(SERVICE, vec!["dm:read".to_owned()]).with_tenant_id(tenant);
        let issued = call.call(&transaction).await.expect("a token").remove(0);
        if number == 0 {
            RevokeDelegationV1::new(issued.delegation_id).call(&transaction).await.expect("revoked");
        } else {
            tokens.push(issued.token);
        }
        transaction.commit().await.expect("committed");
        tenants.push(tenant);

        let actor = user.to_string();
        RecordRiskEventV1::new(ActorType::User, &actor, "failed_login").with_weight((-5).into()).call(&service).await.expect("an event");
        CalculateTrustScoreV1::new(ActorType::User, &actor).call(&service).await.expect("a score");
        EnforceRateLimitV1::new("dm:create", ActorType::User, &actor).call(&service).await.expect("a limit");
        if number % 2 == 1 {
            let level = if number == 1 { EnforcementLevel::E4 } else { EnforcementLevel::E1 };
            SetEnforcementLevelV1::new(ActorType::User, &actor, level, "abuse").call(&service).await.expect("a level");
        }
    }
    for token in &tokens {
        ValidateDelegationTokenV1::new(token).call(&service).await.expect("a valid token");
    }
    deployer.execute("select trust_private.run_upkeep()", &[]).await.expect("upkeep");
    People { users, tenants, tokens }
}
