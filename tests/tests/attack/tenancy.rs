//! What `[tenancy]` makes holds on a server: keys that carry the tenant refuse rows of others, and each policy of the floor keeps tenants
//! apart by itself.

use std::path::Path;

use tests::compile::{apply, folder};
use tests::mutation::{Bench, Judged, Stage, System};
use tests::postgres::{any_major, cluster, database};
use tokio_postgres::Client;
use trust_schema::catalog::{Catalog, Expression, Object};
use trust_schema::compile::{Compilation, compile};
use trust_schema::kinds::policy::Policy;
use trust_schema::live::server::{Regime, Scratch};
use trust_schema::resolve::resolve;
use trust_schema::source::SourceFile;

fn case() -> Vec<SourceFile> {
    folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/kinds/tenancy"))
}

fn edited(path: &str, was: &str, is: &str) -> Vec<SourceFile> {
    let mut files = case();
    let file = files.iter_mut().find(|file| file.path == path).expect("the case has the file");
    assert!(file.text.contains(was), "{path}: {was}");
    file.text = file.text.replace(was, is);
    files
}

/// The tenants, users and boards of two sides: 1 is the caller's, 2 somebody else's.
fn id(kind: u8, side: u8) -> String {
    format!("00000000-0000-0000-000{kind}-00000000000{side}")
}

async fn applied(files: Vec<SourceFile>) -> Scratch {
    let Compilation { outputs, diagnostics, .. } = compile(files);
    let outputs = outputs.unwrap_or_else(|| panic!("{:?}", diagnostics.iter().map(|told| &told.message).collect::<Vec<_>>()));
    let scratch = database(any_major(), Regime::Hardened).await;
    let deployer = scratch.connect().await.expect("a connection");
    for (path, sql) in outputs.iter().filter(|(path, _)| path.starts_with("migrations/")) {
        apply(&deployer, path, sql).await.unwrap_or_else(|failure| panic!("{failure:?}"));
    }
    let administrator = scratch.connect_as_administrator().await.expect("a connection");
    for side in [1, 2] {
        let (tenant, user, board) = (id(1, side), id(2, side), id(3, side));
        let rows = format!(
            "insert into auth.users (id) values ('{user}'); insert into public.tenants values ('{tenant}');
             insert into public.members (user_id, tenant_id) values ('{user}', '{tenant}');
             insert into public.boards (board_id, tenant_id) values ('{board}', '{tenant}');
             insert into public.cards (card_id, tenant_id, board_id) values ('{}', '{tenant}', '{board}')",
            id(4, side)
        );
        administrator.batch_execute(&rows).await.unwrap_or_else(|error| panic!("{error:?}"));
    }
    scratch
}

/// What the caller, a member of tenant 1, is told: the SQLSTATE where it fails.
async fn attempt(client: &Client, sql: &str) -> Result<u64, String> {
    let claims = format!("{{\"sub\":\"{}\"}}", id(2, 1));
    client.batch_execute(&format!("begin; set local role authenticated; set local \"request.jwt.claims\" = '{claims}'")).await.expect("a session");
    let result = client.execute(sql, &[]).await.map_err(|error| error.code().map(|code| code.code().to_owned()).unwrap_or_default());
    client.batch_execute("rollback").await.expect("the end of a session");
    result
}

#[tokio::test]
async fn a_row_refers_to_no_row_of_another_tenant() {
    let (tenant, card) = (id(1, 1), id(4, 1));
    let insert = |column: &str, value: &str| format!("insert into public.cards (tenant_id, {column}) values ('{tenant}', '{value}')");
    let update = |board: &str| format!("update public.cards set board_id = '{board}' where card_id = '{card}'");
    let scratch = applied(case()).await;
    let client = scratch.connect_as_administrator().await.expect("a connection");
    for (kind, column) in [(3, "board_id"), (4, "parent_id")] {
        assert_eq!(attempt(&client, &insert(column, &id(kind, 1))).await, Ok(1), "{column}: of its own tenant");
        assert_eq!(attempt(&client, &insert(column, &id(kind, 2))).await, Err("23503".to_owned()), "{column}: of another tenant");
    }
    assert_eq!(attempt(&client, &update(&id(3, 1))).await, Ok(1));
    assert_eq!(attempt(&client, &update(&id(3, 2))).await, Err("23503".to_owned()));
    // The tenant itself is no column that clients may change.
    assert_eq!(attempt(&client, &format!("update public.cards set tenant_id = '{tenant}'")).await, Err("42501".to_owned()));
    // A board that goes takes itself from its cards, and nothing else.
    let gone = format!("delete from public.boards where board_id = '{}'", id(3, 1));
    client.batch_execute(&gone).await.expect("the board goes");
    let left = "select count(*) from public.cards where board_id is null and tenant_id is not null";
    assert_eq!(client.query_one(left, &[]).await.expect("a count").get::<_, i64>(0), 1);

    // Without the key of the spec, PostgreSQL takes both. One that cascades would not compile at all.
    let mut files = edited("trust.toml", "composite_keys     = true", "composite_keys     = false");
    files.iter_mut().for_each(|file| file.text = file.text.replace(", on_delete = \"set_null\"", ""));
    let scratch = applied(files).await;
    let client = scratch.connect_as_administrator().await.expect("a connection");
    for (kind, column) in [(3, "board_id"), (4, "parent_id")] {
        assert_eq!(attempt(&client, &insert(column, &id(kind, 2))).await, Ok(1), "{column}: nothing refuses it");
    }
}

#[test]
fn a_grant_that_moves_rows_to_another_tenant_is_refused() {
    let files = edited("case.toml", "update = [\"board_id\"]", "update = [\"board_id\", \"tenant_id\"]");
    let codes: Vec<&str> = compile(files).diagnostics.iter().map(|told| told.code.name).collect();
    assert!(codes.contains(&"tenant-column-mutable"), "{codes:?}");
}

#[test]
fn a_tenant_that_may_be_null_makes_no_key() {
    let was = "tenant_id = { type = \"uuid\", references = \"tenants\" }\nboard_id";
    let files = edited("case.toml", was, "tenant_id = { type = \"uuid\", nullable = true, references = \"tenants\" }\nboard_id");
    let told: Vec<String> = resolve(files).diagnostics.iter().map(|told| format!("{}: {}", told.code.name, told.message)).collect();
    assert!(
        told.iter().any(|line| line.starts_with("bad-foreign-key: `composite_keys` of `[tenancy]`: `tenant_id` of `public.cards` may be NULL")),
        "{told:?}"
    );
}

fn floors(catalog: &Catalog) -> Vec<Policy> {
    let policies = catalog.objects().filter_map(|object| if let Object::Policy(policy) = object { Some(policy.clone()) } else { None });
    policies.filter(|policy| policy.name == "tenant_floor").collect()
}

/// The Catalog with permissive policies on the floor's table that open everything, with or without the floor.
fn opened(catalog: &Catalog, floor: &Policy, stands: bool) -> Catalog {
    let mut opened = Catalog::default();
    let floor_id = Object::Policy(floor.clone()).id();
    for (id, entry) in catalog.iter().filter(|(id, _)| stands || **id != floor_id) {
        let mut object = entry.object.clone();
        if let Object::Policy(policy) = &mut object
            && policy.permissive
            && policy.table == floor.table
        {
            policy.using = Some(serde_json::from_value::<Expression>("true".into()).expect("an expression is a text"));
        }
        assert_eq!(opened.insert(object, entry.needs.clone()).as_ref(), Ok(id));
    }
    opened
}

/// Each policy of the floor is taken away, one at a time: that is told without a server. And each is what holds where a permissive policy opens
/// everything: the attack finds nothing while it stands, and the rows of others once it is gone.
#[tokio::test]
async fn each_policy_of_the_floor_keeps_tenants_apart() {
    let system = System::new("case tenancy", case());
    let catalog = &system.resolution.catalog;
    let floors = floors(catalog);
    assert!(floors.len() >= 4, "{floors:?}");
    let mutants = system.mutants();
    let bench = Bench::new(&system, cluster(any_major())).await.expect("the system is made").expect("it has tables");
    for floor in &floors {
        let id = Object::Policy(floor.clone()).id();
        let dropped = mutants.iter().find(|mutant| mutant.operator == "dropped restrictive policy" && mutant.place.contains(&id.to_string()));
        let dropped = dropped.unwrap_or_else(|| panic!("{id} is never taken away"));
        assert!(matches!(system.judge(dropped), Judged::Told(..)), "{id}: nobody tells that it is gone");
        let (stage, by) = bench.try_out(&opened(catalog, floor, true)).await.unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_ne!(stage, Stage::Attack, "{id} stands, and rows of others are seen: {by:?}");
        let (stage, by) = bench.try_out(&opened(catalog, floor, false)).await.unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(stage, Stage::Attack, "{id} is gone, and nothing leaks: {by:?}");
    }
}
