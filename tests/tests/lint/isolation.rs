//! What is decided about policies, PostgreSQL must confirm. Random conditions become the only policy of a table. Where isolation is proved, no
//! session sees a row of somebody else among rows of all combinations; where it is refuted, the session of the witness sees its very row.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tokio_postgres::Client;
use trust_schema::catalog::QualifiedName;
use trust_schema::lint::expression::tree;
use trust_schema::lint::isolation::{ColumnFacts, Comparable, Ground, Membership, Value, Verdict, Witness, decide};

use crate::oracle::{self, Case, Tally, confirm};

/// `TRUST_SCHEMA_ISOLATION_CASES` tries more.
const CONDITIONS: usize = 400;

const FIXTURE: &str = "
    create table public.members (tenant_id uuid not null, user_id uuid not null, role text not null, primary key (tenant_id, user_id));
    create table public.rows (row_id integer generated always as identity, tenant_id uuid, owner_id uuid, editor_id uuid, kind text, flag boolean not null);
    alter table public.rows enable row level security;
    create function public.first_tenants() returns setof uuid stable security definer set search_path = ''
      language sql return unnest(string_to_array(nullif(current_setting('test.first', true), ''), ',')::uuid[]);
    create function public.second_tenants() returns setof uuid stable security definer set search_path = ''
      language sql return unnest(string_to_array(nullif(current_setting('test.second', true), ''), ',')::uuid[]);
    grant select on public.rows, public.members to anon, authenticated;
    grant execute on all functions in schema public to anon, authenticated;
    insert into public.rows (tenant_id, owner_id, editor_id, kind, flag)
      select t, o, e, k, f from unnest(array[pg_temp.id(0), pg_temp.id(1), pg_temp.id(2), null]) t, unnest(array[pg_temp.id(5), pg_temp.id(6), null]) o,
        unnest(array[pg_temp.id(5), pg_temp.id(6), null]) e, unnest(array['x', 'y', 'z', null]) k, unnest(array[true, false]) f;";

/// Ids of tenants begin at 0, of users at 5: where both are compared, one sort has all of them.
fn id(number: usize) -> String {
    format!("00000000-0000-0000-0000-0000000000{number:02}")
}

fn condition() -> impl Strategy<Value = String> {
    let words = |words: &'static [&'static str]| prop::sample::select(words);
    let tenant = words(&[
        "tenant_id in (select public.first_tenants())",
        "tenant_id = any (array(select public.first_tenants()))",
        "tenant_id in (select public.second_tenants())",
        "tenant_id in (select m.tenant_id from public.members m where m.user_id = (select auth.uid()))",
        "tenant_id = any (array(select m.tenant_id from public.members m where m.user_id = auth.uid() and m.role = 'admin'))",
        "exists (select from public.members m where m.tenant_id = rows.tenant_id and m.user_id = auth.uid())",
        "exists (select from public.members m where m.user_id = auth.uid() and rows.tenant_id = m.tenant_id and m.role <> 'reader')",
        "exists (select from public.members m where m.tenant_id = tenant_id and m.user_id = auth.uid())",
        "exists (select from public.members m where m.tenant_id = rows.tenant_id)",
        "exists (select count(*) from public.members m where m.tenant_id = rows.tenant_id and m.user_id = auth.uid())",
        "tenant_id not in (select public.first_tenants())",
        "tenant_id = '00000000-0000-0000-0000-000000000000'",
        "tenant_id is null",
    ]);
    let user = words(&[
        "owner_id = (select auth.uid())",
        "owner_id = auth.uid()",
        "(owner_id = auth.uid()) is not false",
        "owner_id is not distinct from auth.uid()",
        "editor_id::text = auth.uid()::text",
        "owner_id = editor_id",
        "owner_id <> auth.uid()",
        "auth.uid() is not null",
        "auth.uid() is null",
        "owner_id is null",
    ]);
    let other = words(&[
        "kind = 'x'",
        "kind <> 'x'",
        "kind in ('x', 'y')",
        "flag",
        "not flag",
        "flag = true",
        "kind like 'x%'",
        "length(kind) > 0",
        "true",
        "false",
    ]);
    prop_oneof![4 => tenant, 3 => user, 2 => other].prop_map(str::to_owned).prop_recursive(3, 12, 3, |inner| {
        let test = prop::sample::select(&["is true", "is not true", "is false", "is not false", "is unknown"][..]);
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            1 => inner.clone().prop_map(|part| format!("(not ({part}))")),
            1 => (inner.clone(), test).prop_map(|(part, test)| format!("(({part}) {test})")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("coalesce(({a}), ({b}))")),
        ]
    })
}

fn verdict(text: &str) -> Verdict {
    let facts = |comparable, not_null| ColumnFacts { comparable: Some(comparable), not_null };
    let columns: BTreeMap<&str, ColumnFacts> = [
        ("tenant_id", facts(Comparable::Uuid, false)),
        ("owner_id", facts(Comparable::Uuid, false)),
        ("editor_id", facts(Comparable::Uuid, false)),
        ("kind", facts(Comparable::Text, false)),
        ("flag", facts(Comparable::Boolean, true)),
    ]
    .into_iter()
    .collect();
    let context = [QualifiedName::new("public", "first_tenants"), QualifiedName::new("public", "second_tenants")];
    let members = QualifiedName::new("public", "members");
    let memberships = [Membership { table: &members, tenant: "tenant_id", user: "user_id" }];
    let ground = Ground {
        tenant: Some("tenant_id"),
        users: vec!["owner_id", "editor_id"],
        columns,
        context: &context,
        memberships: &memberships,
        checks: &[],
        parents: &[],
    };
    decide(&tree(text, "rows").unwrap_or_else(|| panic!("`{text}` is not read")), &ground)
}

/// Who asks: the user, and the tenants that the functions return. Memberships are those of the table.
struct Session {
    caller: Option<String>,
    first: Vec<String>,
    second: Vec<String>,
}

impl Session {
    fn begin(&self) -> String {
        let claims = self.caller.as_ref().map_or_else(|| "{}".to_owned(), |caller| format!("{{\"sub\":\"{caller}\"}}"));
        let role = if self.caller.is_some() { "authenticated" } else { "anon" };
        format!(
            "set local \"request.jwt.claims\" = '{claims}'; set local test.first = '{}'; set local test.second = '{}'; set local role {role};",
            self.first.join(","),
            self.second.join(",")
        )
    }
}

/// Everybody who sees something of others, by the test's own words.
async fn leaks(client: &Client) -> Vec<String> {
    let tenants = |numbers: &[usize]| numbers.iter().map(|number| id(*number)).collect::<Vec<_>>();
    let mut leaks = Vec::new();
    for caller in [None, Some(5), Some(6)] {
        for memberships in [&[][..], &[(0, "admin")], &[(1, "reader")], &[(0, "reader"), (1, "admin")]] {
            for (first, second) in [(&[][..], &[][..]), (&[0], &[]), (&[1], &[0]), (&[0, 1], &[1])] {
                // Where nobody is signed in, there is nobody who could be a member.
                let Some(number) = caller.or(memberships.is_empty().then_some(5)) else { continue };
                let session = Session { caller: caller.map(id), first: tenants(first), second: tenants(second) };
                let rows: Vec<String> = memberships.iter().map(|(tenant, role)| format!("('{}', '{}', '{role}')", id(*tenant), id(number))).collect();
                let insert = if rows.is_empty() { String::new() } else { format!("insert into public.members values {};", rows.join(", ")) };
                let own: Vec<String> = memberships.iter().map(|(tenant, _)| id(*tenant)).chain(tenants(first)).chain(tenants(second)).collect();
                client.batch_execute(&format!("savepoint s; delete from public.members; {insert} {}", session.begin())).await.expect("a session");
                let sql = "select count(*) from public.rows where num_nonnulls(tenant_id, owner_id, editor_id) > 0
                             and (tenant_id = any ($1::text[]::uuid[])) is not true and (owner_id = $2::text::uuid) is not true and (editor_id = $2::text::uuid) is not true";
                let count: i64 = client.query_one(sql, &[&own, &session.caller]).await.expect("a count").get(0);
                client.batch_execute("rollback to savepoint s").await.expect("the end of a session");
                if count > 0 {
                    leaks.push(format!("{caller:?} {memberships:?} {first:?} {second:?}: {count} rows"));
                }
            }
        }
    }
    leaks
}

/// Whether the witness's session sees its row.
async fn is_seen(client: &Client, witness: &Witness) -> bool {
    let mut others: BTreeMap<Value, String> = BTreeMap::new();
    let mut concrete = |value: &Value| match value {
        Value::Null => None,
        Value::Boolean(value) => Some(value.to_string()),
        Value::Constant(text) => Some(text.clone()),
        other => {
            let next = id(20 + others.len());
            Some(others.entry(other.clone()).or_insert(next).clone())
        }
    };
    let literal = |value: Option<String>| value.map_or_else(|| "null".to_owned(), |value| format!("'{value}'"));
    let caller = witness.caller.as_ref().and_then(&mut concrete);
    let mut values = vec![("flag".to_owned(), "true".to_owned())];
    for (column, value) in &witness.row {
        values.retain(|(known, _)| known != column);
        values.push((column.clone(), literal(concrete(value))));
    }
    let mut returned = |name: &str| -> Vec<String> {
        witness.tenants.iter().filter(|(call, _)| call.name == name).filter_map(|(_, value)| concrete(value)).collect()
    };
    let (first, second) = (returned("first_tenants"), returned("second_tenants"));
    let (columns, literals): (Vec<String>, Vec<String>) = values.into_iter().unzip();
    let session = Session { caller, first, second };
    let sql = format!(
        "savepoint s; delete from public.members; delete from public.rows; insert into public.rows ({}) values ({}); {}",
        columns.join(", "),
        literals.join(", "),
        session.begin()
    );
    client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
    let count: i64 = client.query_one("select count(*) from public.rows", &[]).await.expect("a count").get(0);
    client.batch_execute("rollback to savepoint s").await.expect("the end of a session");
    count == 1
}

#[test]
fn postgresql_confirms_what_is_decided() {
    let cases = oracle::cases(CONDITIONS);
    let case =
        |text: String| Case { setup: format!("create policy p on public.rows using ({text})"), verdict: verdict(&text), shown: format!("`{text}`") };
    let Tally { proved, refuted, undecided } = confirm(11, cases, FIXTURE, &condition(), case, leaks, is_seen);
    assert!(proved > cases / 20 && refuted > cases / 5, "{proved} proved, {refuted} refuted, {undecided} undecided");
}

#[test]
fn the_forms_that_people_write_are_decided() {
    let proved = [
        "tenant_id in (select public.first_tenants())",
        "tenant_id = any (array(select public.first_tenants())) and flag",
        "owner_id = (select auth.uid()) or exists (select from public.members m where m.tenant_id = rows.tenant_id and m.user_id = (select auth.uid()))",
        "tenant_id in (select m.tenant_id from public.members m where m.user_id = auth.uid() and m.role in ('owner', 'admin')) and kind like 'x%'",
        "coalesce(owner_id = auth.uid(), false)",
    ];
    for text in proved {
        assert_eq!(verdict(text), Verdict::Proved, "{text}");
    }
    let refuted = [
        "flag or owner_id = auth.uid()",
        "owner_id is not distinct from auth.uid() or kind = 'x'",
        "(owner_id = auth.uid()) is not false",
        "kind = 'x'",
        "auth.uid() is not null",
        "owner_id = editor_id",
    ];
    for text in refuted {
        assert!(matches!(verdict(text), Verdict::Refuted(_)), "{text}: {:?}", verdict(text));
    }
    // The column of the sub-query is compared with itself; a pattern could be anything; a cast could make two texts one.
    let undecided = [
        "exists (select from public.members m where m.tenant_id = tenant_id and m.user_id = auth.uid())",
        "kind like 'x%'",
        "kind::uuid = auth.uid()",
    ];
    for text in undecided {
        assert_eq!(verdict(text), Verdict::Undecided, "{text}");
    }
}
