//! The generated calls and rows behind one trait each, so that a session can send any of them and note it.

use std::future::Future;

use tokio_postgres::{Client, Row};
use trust_lite::Error;
use trust_lite::functions::*;
use trust_lite::support::Query;
use trust_lite::tables::*;

/// A call as a statement.
pub trait Statement: Send + Sync {
    /// The statement that the generated client sends.
    fn statement(&self) -> Query<'_>;

    /// The name of the function, read from the statement itself.
    fn function(&self) -> String {
        let text = self.statement().text;
        let called = text.split('(').next().unwrap_or_default();
        let name = called.rsplit(['.', ' ']).next().unwrap_or_default();
        name.trim_matches('"').to_owned()
    }
}

/// A call with its result.
pub trait Request: Statement {
    /// What the function returns.
    type Output: Send;

    /// Sends the call with the generated client.
    fn send(&self, client: &Client) -> impl Future<Output = Result<Self::Output, Error>> + Send;
}

macro_rules! requests {
    ($($call:ident => $output:ty;)+) => {$(
        impl Statement for $call {
            fn statement(&self) -> Query<'_> {
                self.query()
            }
        }

        impl Request for $call {
            type Output = $output;

            async fn send(&self, client: &Client) -> Result<$output, Error> {
                self.call(client).await
            }
        }
    )+};
}

requests! {
    AssertTenantMemberV1 => ();
    GetUserTenantIdV1 => Option<uuid::Uuid>;
    CreateTenantV1 => uuid::Uuid;
    AddTenantMemberV1 => ();
    ValidateScopesV1 => ();
    PurgeServiceKeysV1 => i64;
    AssertServiceActiveV1 => ();
    CreateServiceIdentityV1 => ();
    RotateServiceKeyV1 => String;
    GetServiceKeyV1 => Vec<GetServiceKeyV1Row>;
    PurgeDelegationTokensV1 => i64;
    PurgeRiskEventsV1 => i64;
    RecordRiskEventV1 => i64;
    CalculateTrustScoreV1 => rust_decimal::Decimal;
    GetTrustTierV1 => trust_lite::enums::RiskTier;
    SetEnforcementLevelV1 => ();
    EnforceRateLimitV1 => bool;
    IssueDelegationTokenV1 => Vec<IssueDelegationTokenV1Row>;
    ValidateDelegationTokenV1 => Vec<ValidateDelegationTokenV1Row>;
    RevokeDelegationV1 => bool;
    CleanupPhase1RetentionV1 => CleanupPhase1RetentionV1Row;
}

/// A generated row type.
pub trait Table: Sized {
    /// Its table, qualified.
    const NAME: &'static str;
    /// The columns to select.
    const COLUMNS: &'static str;

    /// Reads a row.
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error>;
}

macro_rules! tables {
    ($($row:ident => $name:literal;)+) => {$(
        impl Table for $row {
            const NAME: &'static str = $name;
            const COLUMNS: &'static str = $row::SELECT_LIST;

            fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
                $row::try_from(row)
            }
        }
    )+};
}

tables! {
    Tenants => "public.tenants";
    TenantMembers => "public.tenant_members";
    ScopeDefinitions => "public.scope_definitions";
    ServiceIdentities => "public.service_identities";
    ServiceKeys => "public.service_keys";
    Delegations => "public.delegations";
    DelegationTokens => "public.delegation_tokens";
    TrustProfiles => "public.trust_profiles";
    RiskEvents => "public.risk_events";
    RateLimitConfigs => "public.rate_limit_configs";
    RateLimitCounters => "trust_private.rate_limit_counters";
}
