//! Each way to spoil a database gives a failed row that names the object.

use trust_schema::live::server::Regime;

use crate::support::{deployed, failed, file, verify};

/// What is done, the object that a failed row must name, and the check that must fail.
const SABOTAGES: &[(&str, &str, &str)] = &[
    ("drop table public.risk_events cascade", "table public.risk_events", "table exists"),
    ("drop table public.rate_limit_configs cascade", "seed rate_limit_configs in public.rate_limit_configs", "number of seeded rows"),
    ("alter table public.tenants disable row level security", "table public.tenants", "row-level security"),
    ("alter table public.tenants force row level security", "table public.tenants", "row-level security"),
    ("grant insert on public.tenants to authenticated", "table public.tenants", "INSERT for authenticated"),
    ("grant select on public.service_keys to public", "table public.service_keys", "SELECT for PUBLIC"),
    ("grant update (name) on public.tenants to anon", "table public.tenants", "UPDATE on any column for anon"),
    ("grant select on public.tenants to authenticated with grant option", "table public.tenants", "SELECT for authenticated"),
    ("revoke select on public.tenants from authenticated", "table public.tenants", "SELECT for authenticated"),
    (
        "revoke execute on function public.get_user_tenant_id_v1(uuid) from authenticated",
        "function public.get_user_tenant_id_v1(uuid)",
        "EXECUTE for authenticated",
    ),
    (
        "grant execute on function trust_private.encryption_secret(text) to public",
        "function trust_private.encryption_secret(text)",
        "EXECUTE for anon",
    ),
    (
        "grant usage on sequence public.risk_events_event_id_seq to authenticated",
        "sequence public.risk_events_event_id_seq",
        "USAGE for authenticated",
    ),
    ("grant usage on schema trust_private to anon", "schema trust_private", "USAGE for anon"),
    ("alter default privileges in schema trust_private grant execute on functions to anon", "schema trust_private", "default privileges"),
    ("grant usage on type public.risk_tier to public", "enum public.risk_tier", "USAGE for PUBLIC"),
    ("alter policy members_read_their_tenants on public.tenants to anon", "policy public.tenants.members_read_their_tenants", "policy roles"),
    ("drop policy members_read_their_tenants on public.tenants", "policy public.tenants.members_read_their_tenants", "policy command"),
    ("create policy backdoor on public.service_keys using (true)", "table public.service_keys", "no other policies"),
    (
        "alter function public.get_trust_tier_v1(public.actor_type, text) security invoker",
        "function public.get_trust_tier_v1(public.actor_type, text)",
        "function security",
    ),
    (
        "alter function public.get_trust_tier_v1(public.actor_type, text) volatile",
        "function public.get_trust_tier_v1(public.actor_type, text)",
        "function volatility",
    ),
    (
        "alter function public.get_trust_tier_v1(public.actor_type, text) reset search_path",
        "function public.get_trust_tier_v1(public.actor_type, text)",
        "function settings",
    ),
    (
        "create or replace function trust_private.role_rank(p_role text) returns integer language sql immutable security definer set search_path = pg_catalog, pg_temp return 9",
        "function trust_private.role_rank(text)",
        "function body (SHA-256)",
    ),
    ("create function public.get_user_tenant_id_v1(p int) returns int language sql return 1", "schema public", "22 functions *_v1 in public"),
    ("drop function public.validate_scopes_v1(text[])", "function public.validate_scopes_v1(text[])", "function exists"),
    ("alter type public.risk_tier add value 'E'", "enum public.risk_tier", "enum labels"),
    ("alter type public.risk_tier rename value 'A' to 'Z'", "enum public.risk_tier", "enum labels"),
    (
        "update public.rate_limit_configs set limit_value = 999 where tier = 'A' and action = 'dm:create'",
        "seed rate_limit_configs in public.rate_limit_configs ('actor'::text, 'A'::public.risk_tier, 'dm:create'::text)",
        "seeded row",
    ),
    ("delete from public.scope_definitions where scope = 'dm:read'", "seed scope_definitions in public.scope_definitions", "number of seeded rows"),
    ("alter table public.tenants disable trigger touch_updated_at", "trigger public.tenants.touch_updated_at", "trigger enabled"),
    ("drop trigger append_only on public.risk_events", "trigger public.risk_events.append_only", "trigger"),
    ("drop index public.delegations_one_active_idx", "index public.delegations_one_active_idx", "index"),
    (
        "drop index public.delegations_user_id_idx; create index delegations_user_id_idx on public.delegations (user_id desc)",
        "index public.delegations_user_id_idx",
        "index",
    ),
    ("alter table public.scope_definitions alter column risk_level type varchar(20)", "column public.scope_definitions.risk_level", "column"),
    ("alter table public.tenants alter column name drop not null", "column public.tenants.name", "column"),
    ("alter table public.tenants alter column status drop default", "column public.tenants.status", "column"),
    ("alter table public.tenants add column extra int", "table public.tenants", "no other columns"),
    ("alter table public.tenants rename column name to title", "column public.tenants.name", "column"),
    ("alter table public.tenants drop constraint tenants_name_check", "check constraint public.tenants.tenants_name_check", "check constraint"),
    (
        "alter table public.tenants drop constraint tenants_name_check; alter table public.tenants add constraint tenants_name_check check (name <> '') not valid",
        "check constraint public.tenants.tenants_name_check",
        "check constraint",
    ),
    (
        "alter table public.tenant_members drop constraint tenant_members_tenant_id_fkey; alter table public.tenant_members add constraint tenant_members_tenant_id_fkey foreign key (tenant_id) references public.tenants (tenant_id)",
        "foreign key public.tenant_members.tenant_members_tenant_id_fkey",
        "foreign key",
    ),
    ("alter view trust_private.monitor_retention_lag set (security_barrier = false)", "view trust_private.monitor_retention_lag", "view"),
    ("create table trust_private.stray (a int)", "schema trust_private", "nothing that the spec does not declare"),
    ("alter table trust_private.transaction_samples set logged", "table trust_private.transaction_samples", "persistence"),
    ("comment on table public.tenants is 'something else'", "table public.tenants", "comment"),
    ("create rule quiet as on delete to public.tenants do instead nothing", "table public.tenants", "no other rules"),
    ("drop schema trust_private cascade", "schema trust_private", "schema exists"),
];

/// What only the platform's administrator could do. Roles belong to the cluster: all of it is rolled back.
const SABOTAGES_OF_ROLES: &[(&str, &str, &str)] = &[
    ("alter role anon bypassrls", "role anon", "role attributes"),
    ("alter role authenticated login", "role authenticated", "role attributes"),
    ("alter role service_role nobypassrls", "role service_role", "role attributes"),
    ("grant service_role to authenticated", "role authenticated", "role attributes"),
    ("alter role anon superuser", "role anon", "role attributes"),
    ("alter role authenticated createrole", "role authenticated", "role attributes"),
];

#[tokio::test]
async fn every_sabotage_is_named() {
    let (_database, client) = deployed(Regime::Hardened).await;
    are_named(&client, SABOTAGES).await;
}

#[tokio::test]
async fn every_sabotage_of_roles_is_named() {
    let (database, _client) = deployed(Regime::Hardened).await;
    are_named(&database.connect_as_administrator().await.unwrap(), SABOTAGES_OF_ROLES).await;
}

async fn are_named(client: &tokio_postgres::Client, sabotages: &[(&str, &str, &str)]) {
    let mut unnoticed = Vec::new();
    for (sabotage, object, check) in sabotages {
        client.batch_execute("begin").await.unwrap();
        if let Err(error) = client.batch_execute(sabotage).await {
            unnoticed.push(format!("{sabotage}: {error:?}"));
            client.batch_execute("rollback").await.unwrap();
            continue;
        }
        let checks = verify(client, file("verification/verify.sql")).await;
        let failures = failed(&checks);
        if !failures.iter().any(|failure| failure.object == *object && failure.check == *check) {
            let found: Vec<String> = failures
                .iter()
                .map(|failure| format!("{} of {}: {} instead of {}", failure.check, failure.object, failure.actual, failure.expected))
                .collect();
            unnoticed.push(format!("{sabotage}: {found:?}"));
        }
        assert!(!checks[0].passed, "{sabotage}: failed checks come first");
        client.batch_execute("rollback").await.unwrap();
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
    assert!(failed(&verify(client, file("verification/verify.sql")).await).is_empty(), "the sabotages were undone");
}

/// An index that a failed CREATE INDEX CONCURRENTLY left behind; only a superuser can make one at will.
#[tokio::test]
async fn an_invalid_index_is_named() {
    let (database, client) = deployed(Regime::Hardened).await;
    let administrator = database.connect_as_administrator().await.unwrap();
    administrator
        .batch_execute("update pg_index set indisvalid = false where indexrelid = 'public.delegations_user_id_idx'::regclass")
        .await
        .unwrap();
    let checks = verify(&client, file("verification/verify.sql")).await;
    let failures = failed(&checks);
    assert_eq!(failures.len(), 1, "{failures:#?}");
    assert_eq!(failures[0].object, "index public.delegations_user_id_idx");
    assert!(failures[0].actual.ends_with("INVALID") && failures[0].expected.starts_with("btree"), "{failures:#?}");
}
