//! Identities that callers supply: every shape has its verdict, and PostgreSQL agrees: whoever calls a clean one gets at nothing of others.

use serde::Deserialize;
use tests::postgres::{any_major, database};
use tokio_postgres::{Client, SimpleQueryMessage};
use trust_schema::live::server::Regime;
use trust_schema::plpgsql::{Identities, Language, Subject, Unchecked, analyse};

use super::oracle::world_on;
use super::random::Source;
use super::shapes::{Function, World};

#[derive(Deserialize)]
struct Shapes {
    shape: Vec<Shape>,
}

#[derive(Deserialize)]
struct Shape {
    name: String,
    verdict: String,
    /// Why nobody gets at anything, though it is unchecked.
    reason: Option<String>,
    #[serde(default = "plpgsql")]
    language: String,
    body: String,
}

fn plpgsql() -> String {
    "plpgsql".to_owned()
}

const TEXT: &str = include_str!("identities.toml");
const TENANTS: [&str; 3] = ["null", "'00000000-0000-0000-0000-0000000000a1'", "'00000000-0000-0000-0000-0000000000a2'"];
const USERS: [&str; 3] = ["null", "'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"];
/// Who calls, and what of the world is not theirs: a member of the first tenant, a member of none, and nobody.
const CALLERS: [(&str, &str, &str); 3] = [
    (r#"{"sub": "00000000-0000-0000-0000-000000000001", "role": "authenticated"}"#, "two", "2"),
    (r#"{"sub": "00000000-0000-0000-0000-000000000003", "role": "authenticated"}"#, "", ""),
    (r#"{"role": "anon"}"#, "", ""),
];

fn shapes() -> Vec<Shape> {
    toml::from_str::<Shapes>(TEXT).expect("the shapes are TOML").shape
}

fn function(shape: &Shape) -> Function {
    Function {
        name: "shape".to_owned(),
        arguments: vec!["p_tenant".to_owned(), "p_user".to_owned()],
        assert: false,
        strict: false,
        returns: "setof text".to_owned(),
        language: shape.language.clone(),
        body: shape.body.clone(),
    }
}

/// The columns that say to whom a row belongs, told in the three ways that there are.
fn identities() -> Identities {
    let mut identities = Identities::default();
    identities.identity("app", "tenants", "id");
    identities.trust("service_role");
    identities.reference(["app", "items", "tenant_id"], ["app", "members", "tenant_id"]);
    identities.reference(["app", "members", "tenant_id"], ["app", "tenants", "id"]);
    identities.policy("app", "items", "owner = (select auth.uid())");
    identities.policy("app", "members", "auth.uid() = members.user_id");
    identities
}

fn unchecked(world: &World, shape: &Shape) -> Vec<Unchecked> {
    let function = function(shape);
    let own = Subject { is_exposed: true, language: Language::of(&shape.language), ..function.subject() };
    let subjects: Vec<Subject<'_>> = world.function.iter().map(Function::subject).chain([own]).collect();
    analyse(&subjects, &identities()).pop().expect("a report for each function").unchecked
}

#[test]
fn every_shape_has_its_verdict() {
    let world: World = toml::from_str(TEXT).expect("the world is TOML");
    let shapes = shapes();
    assert!(shapes.len() >= 80, "{} shapes", shapes.len());
    let mut wrong = Vec::new();
    for shape in &shapes {
        let found = unchecked(&world, shape);
        let verdict = if found.is_empty() { "clean" } else { "unchecked" };
        if verdict != shape.verdict {
            wrong.push(format!("{}: expected {}, found {found:?}", shape.name, shape.verdict));
        }
        for one in &found {
            assert!(shape.body.get(one.bytes.clone()).is_some_and(|used| !used.is_empty()), "{}: {one:?}", shape.name);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rows of the world that do not belong to a caller: those of the second tenant and user, or all.
async fn rows(client: &Client, number: &str) -> String {
    let sql = format!(
        "select string_agg(r, ',' order by r) from (
           select 'item ' || i::text from app.items as i where i.tenant_id::text like '%a{number}%' or i.owner::text like '%{number}'
           union all
           select 'member ' || m::text from app.members as m where m.tenant_id::text like '%a{number}%' or m.user_id::text like '%{number}'
         ) as x (r)"
    );
    texts(client, &sql).await.expect("the rows are read")
}

async fn texts(client: &Client, sql: &str) -> Result<String, tokio_postgres::Error> {
    let rows = client.simple_query(sql).await?;
    let text = rows.iter().filter_map(|message| if let SimpleQueryMessage::Row(row) = message { row.get(0) } else { None });
    Ok(text.collect::<Vec<_>>().join("\n"))
}

/// The calls by which somebody gets at something of others.
async fn leaks(client: &Client, shape: &Shape) -> Vec<String> {
    let mut leaks = Vec::new();
    let run = async |sql: &str| client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{}: {error:?}", shape.name));
    run(&format!("begin; {} savepoint created", function(shape).create())).await;
    for (claims, secret, number) in CALLERS {
        for (tenant, user) in TENANTS.iter().flat_map(|tenant| USERS.map(|user| (tenant, user))) {
            run(&format!("set local request.jwt.claims = '{claims}'; savepoint call")).await;
            let before = rows(client, number).await;
            let call = format!("select * from app.shape({tenant}, {user})");
            run("set local role authenticated").await;
            let called = texts(client, &call).await;
            run(if called.is_ok() { "reset role" } else { "rollback to savepoint call" }).await;
            let tells = called.is_ok_and(|text| text.contains(&format!("secret {secret}")));
            if tells || rows(client, number).await != before {
                leaks.push(format!("{call} with {claims}"));
            }
            run("rollback to savepoint created").await;
        }
    }
    run("rollback").await;
    leaks
}

#[tokio::test]
async fn postgresql_agrees_with_every_verdict() {
    let world: World = toml::from_str(TEXT).expect("the world is TOML");
    let scratch = database(any_major(), Regime::Hardened).await;
    let client = scratch.connect().await.expect("a connection");
    world_on(&client, &world).await;
    client.batch_execute("alter default privileges in schema app grant execute on functions to authenticated").await.expect("the grant");
    let (mut wrong, mut clean, mut leaking) = (Vec::new(), 0, 0);
    for shape in shapes() {
        let leaks = leaks(&client, &shape).await;
        match (shape.verdict.as_str(), &shape.reason, leaks.first()) {
            ("clean", _, Some(leak)) => wrong.push(format!("{}: clean, but {leak} gets at rows of others", shape.name)),
            ("clean", _, None) => clean += 1,
            (_, None, None) => wrong.push(format!("{}: unchecked, but nobody gets at rows of others", shape.name)),
            (_, Some(reason), Some(leak)) => wrong.push(format!("{}: {leak} leaks, so {reason:?} is not so", shape.name)),
            _ => leaking += 1,
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(clean >= 30 && leaking >= 40, "{clean} clean, {leaking} leaking");
}

/// Random bodies: how many of them.
const BODIES: u64 = 500;

const CONDITIONS: &[&str] = &[
    "p_tenant is null",
    "p_user is null",
    "p_user is distinct from auth.uid()",
    "p_user <> auth.uid()",
    "p_user = auth.uid()",
    "(p_user = auth.uid()) is not true",
    "p_user is not null and p_user is distinct from auth.uid()",
    "app.is_member(p_tenant)",
    "app.is_member(p_tenant) is not true",
    "not app.is_member(p_tenant)",
    "not app.is_member_in_sql(v)",
    "app.is_member_in_sql(v) is not true or p_tenant is distinct from v",
    "app.is_member_somewhere(p_tenant)",
    "p_tenant = any (array(select app.my_tenants()))",
    "(p_tenant = any (array(select app.my_tenants()))) is not true",
    "(p_tenant = (select m.tenant_id from app.members as m where m.user_id = auth.uid())) is not true",
    "exists (select from app.members as m where m.tenant_id = p_tenant and m.user_id = auth.uid())",
    "not exists (select from app.members as m where m.tenant_id = p_tenant and m.user_id = auth.uid())",
    "not exists (select from app.members as m where m.tenant_id = p_tenant and m.user_id = p_user)",
    "auth.role() = 'service_role'",
    "auth.role() is distinct from 'service_role'",
    "ok",
    "not ok",
    "ok is not true",
    "w is null",
    "found",
    "not found",
    "v is null",
];

const SIMPLE: &[&str] = &[
    "return query select i.body from app.items as i where i.tenant_id = p_tenant;",
    "return query select i.body from app.items as i where i.tenant_id = v;",
    "return query select i.body from app.items as i where i.owner = p_user;",
    "return query select i.body from app.items as i where i.tenant_id = p_tenant and i.owner = p_user;",
    "return query select app.read_items(p_tenant);",
    "return query select app.read_items_of(p_tenant, p_user);",
    "update app.items as i set body = 'changed' where i.tenant_id = v;",
    "insert into app.items (tenant_id, owner, body) values (p_tenant, auth.uid(), 'new');",
    "perform app.assert_member(p_tenant);",
    "perform app.assert_member(p_tenant);",
    "perform app.assert_member(v);",
    "perform app.assert_by_role(p_tenant);",
    "perform app.assert_member_or_service(p_tenant);",
    "perform app.assert_strictly(p_tenant, p_user);",
    "perform app.assert_member(p_tenant) where p_user is not null;",
    "v := p_tenant;",
    "v := coalesce(v, p_tenant);",
    "v := null;",
    "p_tenant := coalesce(p_user, p_tenant);",
    "ok := app.is_member(p_tenant);",
    "ok := app.is_member(p_tenant) and p_user is not null;",
    "select m.role into w from app.members as m where m.tenant_id = p_tenant and m.user_id = auth.uid();",
    "select m.tenant_id into v from app.members as m where m.user_id = auth.uid();",
    "perform from app.members as m where m.tenant_id = p_tenant and m.user_id = auth.uid();",
    "return;",
    "raise exception 'x';",
];

#[tokio::test]
async fn clean_bodies_get_at_nothing_of_others() {
    let world: World = toml::from_str(TEXT).expect("the world is TOML");
    let scratch = database(any_major(), Regime::Hardened).await;
    let client = scratch.connect().await.expect("a connection");
    world_on(&client, &world).await;
    client.batch_execute("alter default privileges in schema app grant execute on functions to authenticated").await.expect("the grant");
    let (mut clean, mut unchecked_ones, mut leaking) = (0, 0, 0);
    for seed in 1..=BODIES {
        let statements = Source::new(seed, CONDITIONS, SIMPLE).statements(3, false);
        let body = format!("declare v uuid; w text; ok boolean; begin\n{statements}end");
        let shape = Shape { name: format!("body {seed}"), verdict: String::new(), reason: None, language: plpgsql(), body };
        let is_clean = unchecked(&world, &shape).is_empty();
        // Of those that are not clean a part is tried too, so that the test is known to see leaks.
        if !is_clean && seed % 4 != 0 {
            continue;
        }
        let leaks = leaks(&client, &shape).await;
        assert!(!is_clean || leaks.is_empty(), "clean, but {}:\n{}", leaks[0], shape.body);
        clean += usize::from(is_clean);
        unchecked_ones += usize::from(!is_clean);
        leaking += usize::from(!leaks.is_empty());
    }
    println!("{clean} clean, none of which leaks; of {unchecked_ones} others {leaking} leak");
    assert!(clean > 50 && leaking > 20, "{clean} clean, {leaking} leaking");
}
