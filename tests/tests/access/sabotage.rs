//! The comparison can fail: a database that somebody changed by hand, and a computation that is wrong, are both told.

use tests::compile::folder;
use tests::postgres::{any_major, database};
use trust_schema::access::{Action, Principal, Rows};
use trust_schema::live::server::{DEPLOYER, Regime};

use crate::attempts;
use crate::oracle::Compared;
use crate::specs::{compiled, migrate, of, root};

const SABOTAGE: &[(&str, &str)] = &[
    ("a grant by hand", "grant select on public.tenants to anon"),
    ("a grant to PUBLIC", "grant insert on public.tenants to public"),
    ("a column", "grant update (name) on public.tenants to authenticated"),
    ("a grant option", "grant select on public.tenants to authenticated with grant option"),
    ("a revoke by hand", "revoke select on public.tenants from authenticated"),
    ("a function", "grant execute on function public.create_tenant_v1(text) to anon"),
    ("a function taken away", "revoke execute on function public.create_tenant_v1(text) from authenticated"),
    ("a schema", "grant usage on schema trust_private to authenticated"),
    ("a type", "grant usage on type public.actor_type to anon"),
    ("a membership", "grant service_role to authenticated"),
    ("a role that passes all policies", "alter role authenticated bypassrls"),
    ("row-level security switched off", "alter table public.tenants disable row level security"),
    ("a policy for others", "create policy open on public.tenants for select to authenticated using (true)"),
    ("a policy dropped", "drop policy members_read_their_tenants on public.tenants"),
    ("a policy without USING", "create policy narrow on public.tenants as restrictive to authenticated using (false)"),
];

#[tokio::test]
async fn what_somebody_changed_by_hand_is_told() {
    let (resolution, sql) = compiled(folder(&root().join("spec")));
    let scratch = database(any_major(), Regime::Hardened).await;
    migrate(&scratch.connect().await.unwrap(), &sql).await;
    let client = scratch.connect_as_administrator().await.unwrap();
    let access = of(&resolution);
    let compared = Compared { catalog: &resolution.catalog, access: &access, owner: Some(DEPLOYER), major: any_major() };
    for (what, statement) in SABOTAGE {
        client.batch_execute(&format!("begin; {statement}")).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let (_, wrong) = compared.disagreements(&client).await;
        client.batch_execute("rollback").await.unwrap();
        assert!(!wrong.is_empty(), "{what} is not told");
    }
    // So are attempts: what is granted by hand goes through.
    client.batch_execute("begin; grant select on public.tenants to anon").await.unwrap();
    attempts::prepare(&client).await;
    let (_, wrong) = compared.failed_attempts(&client).await;
    client.batch_execute("rollback").await.unwrap();
    assert!(wrong.iter().any(|line| line.contains("anon: explain select 1 from public.tenants")), "{wrong:#?}");
}

#[tokio::test]
async fn what_is_computed_wrongly_is_told() {
    let (resolution, sql) = compiled(folder(&root().join("spec")));
    let scratch = database(any_major(), Regime::Hardened).await;
    migrate(&scratch.connect().await.unwrap(), &sql).await;
    let client = scratch.connect_as_administrator().await.unwrap();
    let right = of(&resolution);
    let mut tried = 0;
    let user = Principal::Role("authenticated".to_owned());
    let place = right.principals.iter().position(|known| known.principal == user).unwrap();
    // Each right left out, its rows opened, and made one that can be passed on.
    for index in 0..right.principals[place].rights.len() {
        for mutation in 0..3 {
            let mut access = right.clone();
            let rights = &mut access.principals[place].rights;
            match mutation {
                0 => drop(rights.remove(index)),
                1 if rights[index].action == Action::Select => rights[index].rows = Some(Rows::All),
                2 => rights[index].grantable = true,
                _ => continue,
            }
            let compared = Compared { catalog: &resolution.catalog, access: &access, owner: Some(DEPLOYER), major: any_major() };
            let (_, wrong) = compared.disagreements(&client).await;
            assert!(!wrong.is_empty(), "mutation {mutation} of {:?} is not told", right.principals[place].rights[index]);
            tried += 1;
        }
    }
    assert!(tried > 40, "only {tried} mutations");
}
