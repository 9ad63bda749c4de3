//! A database with many holes, each made on purpose: the attack must find every one.

use tests::postgres;
use trust_schema::live::attack::{Attempt, Options, Verdict, on_applied};
use trust_schema::live::server::{Platform, Regime};

use crate::trust_lite;

/// A hole, and where it must be found.
struct Hole {
    name: &'static str,
    sql: &'static str,
    /// What the object of a leak must contain.
    object: &'static str,
    /// What the form of a leak must contain.
    form: &'static str,
}

const HOLES: [Hole; 17] = [
    Hole {
        name: "a policy that lets everybody read",
        sql: "create policy everybody on public.trust_profiles for select to authenticated using (true)",
        object: "table public.trust_profiles",
        form: "SELECT",
    },
    Hole {
        name: "a policy that anybody without claims passes",
        sql: "create policy inverted on public.delegations for select to authenticated using (auth.uid() is null)",
        object: "table public.delegations",
        form: "SELECT",
    },
    Hole {
        name: "row-level security switched off",
        sql: "alter table public.service_identities disable row level security",
        object: "table public.service_identities",
        form: "count of all rows",
    },
    Hole {
        name: "a grant that shows no rows yet",
        sql: "grant select on public.risk_events to authenticated",
        object: "table public.risk_events",
        form: "SELECT",
    },
    Hole {
        name: "a grant and a policy that let others be deleted",
        sql: "grant delete on public.tenant_members to authenticated; create policy gone on public.tenant_members for delete to authenticated using (true)",
        object: "table public.tenant_members",
        form: "DELETE without WHERE",
    },
    Hole {
        name: "TRUNCATE for the anonymous",
        sql: "grant truncate on public.rate_limit_configs to anon",
        object: "table public.rate_limit_configs",
        form: "TRUNCATE",
    },
    Hole {
        name: "setval for the anonymous",
        sql: "grant update on sequence public.risk_events_event_id_seq to anon",
        object: "sequence public.risk_events_event_id_seq",
        form: "setval",
    },
    Hole {
        name: "a function that tells the tenant of anybody",
        sql: "create or replace function public.get_user_tenant_id_v1(p_user_id uuid default null) returns uuid language plpgsql stable security definer
              set search_path = pg_catalog, pg_temp as $$begin return (select m.tenant_id from public.tenant_members as m where m.user_id = p_user_id limit 1); end$$",
        object: "function public.get_user_tenant_id_v1",
        form: "tenant B",
    },
    Hole {
        name: "a function that writes into any tenant",
        sql: "create or replace function public.create_service_identity_v1(p_tenant_id uuid, p_service_id text) returns void language plpgsql security definer
              set search_path = pg_catalog, pg_temp as $$begin insert into public.service_identities (tenant_id, service_id) values (p_tenant_id, p_service_id); end$$",
        object: "function public.create_service_identity_v1",
        form: "tenant B",
    },
    Hole {
        name: "an error that tells whether a delegation of others exists",
        sql: "create or replace function public.revoke_delegation_v1(p_delegation_id uuid) returns boolean language plpgsql security definer
              set search_path = pg_catalog, pg_temp as $$begin
                if not exists (select from public.delegations as d where d.delegation_id = p_delegation_id) then raise 'no such delegation'; end if;
                if not exists (select from public.delegations as d where d.delegation_id = p_delegation_id and d.user_id = auth.uid()) then raise 'not yours'; end if;
                return true; end$$",
        object: "function public.revoke_delegation_v1",
        form: "tenant B",
    },
    Hole {
        name: "a helper that can be called",
        sql: "grant usage on schema trust_private to authenticated; grant execute on function trust_private.has_tenant_role(uuid, uuid, text) to authenticated",
        object: "function trust_private.has_tenant_role",
        form: "not granted",
    },
    Hole {
        name: "a function that finds the caller's own table first",
        sql: "create or replace function public.get_trust_tier_v1(p_actor_type public.actor_type default 'user', p_actor_id text default null)
              returns public.risk_tier language plpgsql stable security definer set search_path = public as $$begin
                return coalesce((select p.risk_tier::pg_catalog.text from trust_profiles as p where p.actor_id::pg_catalog.text = auth.uid()::pg_catalog.text order by 1 desc limit 1), 'B'); end$$",
        object: "function public.get_trust_tier_v1",
        form: "pg_temp",
    },
    Hole { name: "a role that can become another", sql: "grant service_role to anon", object: "role service_role", form: "SET ROLE" },
    Hole {
        name: "a schema in which anybody creates",
        sql: "grant create on schema public to authenticated",
        object: "schema public",
        form: "function of one's own",
    },
    Hole {
        name: "a reference without the tenant",
        sql: "alter table public.delegation_tokens drop constraint delegation_tokens_delegation_fkey,
                add constraint delegation_tokens_delegation_fkey foreign key (delegation_id) references public.delegations on delete cascade",
        object: "foreign key public.delegation_tokens.delegation_tokens_delegation_fkey",
        form: "reference",
    },
    Hole {
        name: "a cascade into other tenants",
        sql: "create function trust_private.sweep() returns trigger language plpgsql security definer as $$begin delete from public.service_keys; return null; end$$;
              create trigger sweep after delete on public.tenants for each statement execute function trust_private.sweep()",
        object: "table public.tenants",
        form: "DELETE of a row of tenant A",
    },
    Hole {
        name: "an answer that depends on how many rows others have",
        sql: "create or replace function public.validate_scopes_v1(p_scopes text[]) returns void language plpgsql stable security definer
              set search_path = pg_catalog, pg_temp as $$begin raise 'there are % tenants', (select count(*) from public.tenants); end$$",
        object: "noninterference",
        form: "twin run",
    },
];

#[tokio::test]
async fn the_attack_finds_every_hole() {
    let compilation = trust_lite();
    let (Some(resolution), Some(files)) = (&compilation.resolution, &compilation.outputs) else { panic!("Trust-lite compiles") };
    let tenancy = resolution.operations.tenancy.as_ref().expect("Trust-lite says what a tenant is");
    // Of its own: one hole is in the roles, which belong to a whole cluster.
    let cluster = postgres::own_cluster(postgres::any_major());
    let platform = Platform::Supabase(Regime::Hardened);
    let database = cluster.scratch(platform, &[]).await.unwrap_or_else(|error| panic!("{error}"));
    let deployer = database.connect().await.unwrap_or_else(|error| panic!("{error}"));
    for (path, sql) in files.iter().filter(|(path, _)| path.starts_with("migrations/")) {
        tests::compile::apply(&deployer, path, sql).await.unwrap_or_else(|failure| panic!("{failure:?}"));
    }
    let administrator = database.connect_as_administrator().await.unwrap_or_else(|error| panic!("{error}"));
    for hole in &HOLES {
        administrator.batch_execute(hole.sql).await.unwrap_or_else(|error| panic!("{}: {error:?}", hole.name));
    }
    let options = Options { regime: None, sequences: 30, seed: 1 };
    let attacked = on_applied(platform, &database, resolution, tenancy, options).await.unwrap_or_else(|error| panic!("{error}"));
    let leaks: Vec<&Attempt> = attacked.attempts.iter().filter(|attempt| matches!(attempt.verdict, Verdict::Leak(_))).collect();
    let missed: Vec<&str> = HOLES
        .iter()
        .filter(|hole| !leaks.iter().any(|leak| leak.object.starts_with(hole.object) && leak.form.contains(hole.form)))
        .map(|hole| hole.name)
        .collect();
    let shown: std::collections::BTreeSet<String> = leaks.iter().map(|leak| format!("{} by {}", leak.object, leak.form)).collect();
    assert!(missed.is_empty(), "not found: {missed:#?}\nfound: {shown:#?}");
    // What was not broken does not leak.
    let innocent = ["table public.service_keys", "table public.encryption_keys", "function public.get_service_key_v1"];
    assert!(leaks.iter().all(|leak| !innocent.iter().any(|object| leak.object.starts_with(object))), "{shown:#?}");
}
