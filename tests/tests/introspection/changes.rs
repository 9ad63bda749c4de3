//! What is changed by hand is found, and named.

use tests::postgres;
use trust_schema::live::compare::{Difference, Expressions, compare};
use trust_schema::live::introspect::{introspect, read};
use trust_schema::live::server::Regime;

use crate::support;

/// A statement, and the differences that it makes: `-` missing, `+` extra, `~` changed, with the attribute.
const CHANGES: &[(&str, &[&str])] = &[
    ("grant insert on public.tenants to authenticated", &["~ grant table public.tenants to authenticated: privileges"]),
    ("grant select on public.tenants to public", &["+ grant table public.tenants to public"]),
    ("grant update (name) on public.tenants to authenticated", &["~ grant table public.tenants to authenticated: columns"]),
    ("grant select on public.tenants to authenticated with grant option", &["~ grant table public.tenants to authenticated: grantable"]),
    ("revoke select on public.tenants from authenticated", &["- grant table public.tenants to authenticated"]),
    ("grant usage on sequence public.risk_events_event_id_seq to anon", &["+ grant sequence public.risk_events_event_id_seq to anon"]),
    ("grant execute on function trust_private.my_tenant_ids() to public", &["+ grant function trust_private.my_tenant_ids() to public"]),
    ("grant usage on schema trust_private to anon", &["+ grant schema trust_private to anon"]),
    ("grant usage on type public.risk_tier to anon", &["+ grant enum public.risk_tier to anon"]),
    (
        "do $$ begin execute (select format('drop policy %I on public.tenants', polname) from pg_policy where polrelid = 'public.tenants'::regclass limit 1); end $$",
        &["- policy public.tenants."],
    ),
    ("create policy open on public.tenants using (true)", &["+ policy public.tenants.open"]),
    ("alter table public.tenants disable row level security", &["~ table public.tenants: row_level_security"]),
    ("alter table public.tenants force row level security", &["~ table public.tenants: force_row_level_security"]),
    ("alter table trust_private.encryption_keys set unlogged", &["~ table trust_private.encryption_keys: unlogged"]),
    ("alter table public.tenants alter column status set default 'suspended'", &["~ column public.tenants.status: default"]),
    ("alter table public.tenants alter column status drop default", &["~ column public.tenants.status: default"]),
    ("alter table public.tenants alter column name drop not null", &["~ column public.tenants.name: not_null"]),
    (
        "alter table public.tenants alter column name type varchar(200)",
        &["~ column public.tenants.name: data_type", "~ check constraint public.tenants.tenants_name_check: expression"],
    ),
    ("alter table public.tenants add column extra int", &["+ column public.tenants.extra"]),
    (
        "alter table public.tenants add column gone int; alter table public.tenants drop column gone; alter table public.tenants add column extra int",
        &["+ column public.tenants.extra"],
    ),
    ("create index extra on public.tenants (lower(name))", &["+ index public.extra"]),
    (
        "create trigger extra before update on public.tenants for each row execute function trust_private.touch_updated_at()",
        &["+ trigger public.tenants.extra"],
    ),
    ("comment on column public.tenants.name is 'x'", &["~ comment column public.tenants.name: text"]),
    ("comment on constraint tenants_pkey on public.tenants is 'x'", &["+ comment primary key public.tenants.tenants_pkey"]),
    ("comment on schema trust_private is null", &["- comment schema trust_private"]),
    ("alter table public.tenants drop constraint tenants_name_check", &["- check constraint public.tenants.tenants_name_check"]),
    ("alter table public.tenants add constraint extra check (name <> '')", &["+ check constraint public.tenants.extra"]),
    ("alter table public.tenants add constraint extra unique nulls not distinct (name)", &["+ unique constraint public.tenants.extra"]),
    (
        "alter table public.tenants add column parent uuid; alter table public.tenants add constraint parent foreign key (parent) references public.tenants on delete set null",
        &["+ column public.tenants.parent", "+ foreign key public.tenants.parent"],
    ),
    ("alter type public.risk_tier add value 'E'", &["~ enum public.risk_tier: values"]),
    ("alter function trust_private.my_tenant_ids() security invoker", &["~ function trust_private.my_tenant_ids(): security"]),
    ("alter function trust_private.my_tenant_ids() set search_path = public", &["~ function trust_private.my_tenant_ids(): settings"]),
    ("alter function trust_private.my_tenant_ids() volatile", &["~ function trust_private.my_tenant_ids(): volatility"]),
    ("create function public.extra() returns int language sql return 1", &["+ function public.extra()", "+ grant function public.extra() to public"]),
    (
        "create view public.extra with (security_invoker) as select 1 as one; revoke all on public.extra from anon, authenticated, service_role",
        &["+ view public.extra"],
    ),
    ("create schema extra", &["+ schema extra"]),
    ("create sequence trust_private.extra", &["+ sequence trust_private.extra"]),
    ("create domain public.extra as int check (value > 0); revoke all on domain public.extra from public", &["+ domain public.extra"]),
    ("create type public.extra as (a int)", &["+ composite type public.extra", "+ grant composite type public.extra to public"]),
];

fn described(difference: &Difference) -> String {
    match difference {
        Difference::Missing { object } => format!("- {object}"),
        Difference::Extra { object } => format!("+ {object}"),
        Difference::Changed { object, attribute, .. } => format!("~ {object}: {attribute}"),
    }
}

#[tokio::test]
async fn changes_by_hand_are_found() {
    let (_, files) = support::trust_lite();
    for &major in postgres::majors() {
        // Functions of the hardened regime get no grants of their own, besides that to PUBLIC.
        let database = postgres::database(major, Regime::Hardened).await;
        let client = database.connect().await.unwrap();
        for text in support::migrations(&files) {
            client.batch_execute(text).await.unwrap();
        }
        let before = introspect(&client, None).await.unwrap();
        let mut wrong = Vec::new();
        for (statement, expected) in CHANGES {
            client.batch_execute("begin").await.unwrap();
            if let Err(error) = client.batch_execute(statement).await {
                wrong.push(format!("{statement}: {:?}", error.as_db_error()));
                client.batch_execute("rollback").await.unwrap();
                continue;
            }
            client.batch_execute("set local search_path = pg_catalog; set local timezone = 'UTC'").await.unwrap();
            let after = read(&client, None).await.unwrap();
            client.batch_execute("rollback").await.unwrap();
            let found: Vec<String> = compare(&before, &after, Expressions::Compared).iter().map(described).collect();
            let fits = found.len() == expected.len()
                && expected.iter().all(|wanted| found.iter().any(|found| found == wanted || (wanted.ends_with('.') && found.starts_with(wanted))));
            if !fits {
                wrong.push(format!("{statement}\n  expected {expected:?}\n  found    {found:?}"));
            }
        }
        let again = introspect(&client, None).await.unwrap();
        assert_eq!(compare(&before, &again, Expressions::Compared), []);
        assert!(wrong.is_empty(), "PostgreSQL {major}:\n{}", wrong.join("\n"));
    }
}

/// The schemas asked for, and no other.
#[tokio::test]
async fn schemas_can_be_chosen() {
    let (_, files) = support::trust_lite();
    let database = postgres::database(postgres::any_major(), Regime::Legacy).await;
    let client = database.connect().await.unwrap();
    for text in support::migrations(&files) {
        client.batch_execute(text).await.unwrap();
    }
    let chosen = introspect(&client, Some(&["trust_private".to_owned()])).await.unwrap();
    let foreign: Vec<String> =
        chosen.iter().map(|(id, _)| id.to_string()).filter(|id| !id.contains("trust_private") && !id.starts_with("extension ")).collect();
    assert_eq!(foreign, Vec::<String>::new());
    let all = introspect(&client, None).await.unwrap();
    // An argument of a type in `public` makes no function an object of `public`.
    let first = |id: &str| id.find("trust_private").is_some_and(|own| id.find("public.").is_none_or(|other| own < other));
    let expected = all.iter().filter(|(id, _)| first(&id.to_string())).count();
    assert_eq!(chosen.iter().filter(|(id, _)| !id.to_string().starts_with("extension ")).count(), expected);
    assert!(expected > 50);
}
