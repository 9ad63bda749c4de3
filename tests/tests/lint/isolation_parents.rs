//! As in `isolation`, of rows that belong to a tenant through others alone: a note hangs on a task, and a task on a project, which has the tenant.
//! The tables between have policies of their own, which hold where a policy asks for their rows.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use tests::compile::folder;
use tokio_postgres::Client;
use trust_schema::catalog::QualifiedName;
use trust_schema::lint::expression::{Tree, tree};
use trust_schema::lint::isolation::{ColumnFacts, Comparable, Ground, Membership, Parent, Shown, Value, Verdict, Witness, decide};
use trust_schema::resolve::resolve;

use crate::oracle::{self, Case, Tally, confirm};

/// `TRUST_SCHEMA_ISOLATION_CASES` tries more.
const CONDITIONS: usize = 300;

const FIXTURE: &str = "
    create table public.members (tenant_id uuid not null, user_id uuid not null, role text not null, primary key (tenant_id, user_id));
    create table public.projects (project_id uuid primary key default gen_random_uuid(), tenant_id uuid, owner_id uuid, open boolean not null);
    create table public.tasks (task_id uuid primary key default gen_random_uuid(), project_id uuid references public.projects, done boolean not null);
    create table public.notes (note_id uuid default gen_random_uuid(), task_id uuid references public.tasks, flag boolean not null);
    alter table public.notes enable row level security;
    create function public.first_tenants() returns setof uuid stable security definer set search_path = ''
      language sql return unnest(string_to_array(nullif(current_setting('test.first', true), ''), ',')::uuid[]);
    insert into public.projects (tenant_id, owner_id, open)
      select t, o, b from unnest(array[pg_temp.id(0), pg_temp.id(1), pg_temp.id(2), null]) t, unnest(array[pg_temp.id(5), pg_temp.id(6), null]) o,
        unnest(array[true, false]) b;
    insert into public.tasks (project_id, done) select p, d from (select project_id from public.projects union all select null) p (p), unnest(array[true, false]) d;
    insert into public.notes (task_id, flag) select t, f from (select task_id from public.tasks union all select null) t (t), unnest(array[true, false]) f;
    create table public.whose as select n.note_id, p.tenant_id, p.owner_id from public.notes n left join public.tasks t using (task_id) left join public.projects p using (project_id);
    grant select on all tables in schema public to anon, authenticated;
    grant execute on all functions in schema public to anon, authenticated;";

fn id(number: usize) -> String {
    format!("00000000-0000-0000-0000-0000000000{number:02}")
}

/// What is asked of a project that is called `p`.
const OF_PROJECT: [&str; 9] = [
    "p.tenant_id in (select public.first_tenants())",
    "p.tenant_id = any (array(select public.first_tenants()))",
    "p.tenant_id in (select m.tenant_id from public.members m where m.user_id = (select auth.uid()))",
    "exists (select from public.members m where m.tenant_id = p.tenant_id and m.user_id = auth.uid() and m.role = 'admin')",
    "p.owner_id = (select auth.uid())",
    "p.owner_id is not distinct from auth.uid()",
    "p.tenant_id is null",
    "p.open",
    "true",
];

fn of_project() -> impl Strategy<Value = String> {
    let one = || prop::sample::select(&OF_PROJECT[..]);
    prop_oneof![3 => one().prop_map(str::to_owned), 1 => (one(), one()).prop_map(|(a, b)| format!("({a} and {b})")), 1 => (one(), one()).prop_map(|(a, b)| format!("({a} or {b})"))]
}

/// What is asked of a task that is called `k`.
fn of_task() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => of_project().prop_map(|p| format!("exists (select from public.projects p where p.project_id = k.project_id and {p})")),
        2 => of_project().prop_map(|p| format!("k.project_id in (select p.project_id from public.projects p where {p})")),
        1 => of_project().prop_map(|p| format!("not exists (select from public.projects p where p.project_id = k.project_id and {p})")),
        1 => prop::sample::select(&["k.done", "k.project_id is not null", "true"][..]).prop_map(str::to_owned),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => of_task().prop_map(|k| format!("exists (select from public.tasks k where k.task_id = notes.task_id and {k})")),
        2 => of_task().prop_map(|k| format!("task_id in (select k.task_id from public.tasks k where {k})")),
        3 => of_project().prop_map(|p| format!("exists (select 1 from public.tasks k join public.projects p on p.project_id = k.project_id where notes.task_id = k.task_id and {p})")),
        2 => of_project().prop_map(|p| format!("exists (select from public.tasks k, public.projects p, public.members m where k.task_id = notes.task_id and p.project_id = k.project_id
                                                and m.tenant_id = p.tenant_id and m.user_id = auth.uid() and {p} limit 1)")),
        // None of these asks what it seems to.
        1 => of_project().prop_map(|p| format!("exists (select from public.tasks k left join public.projects p on p.project_id = k.project_id and {p} where k.task_id = notes.task_id)")),
        1 => of_project().prop_map(|p| format!("exists (select count(*) from public.tasks k join public.projects p on p.project_id = k.project_id where k.task_id = notes.task_id and {p})")),
        1 => of_task().prop_map(|k| format!("exists (select from public.tasks k where k.task_id = task_id and {k})")),
        1 => of_project().prop_map(|p| format!("exists (select from public.projects p where {p})")),
        2 => prop::sample::select(&["flag", "task_id is null", "task_id is not null", "auth.uid() is not null", "true"][..]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        let test = prop::sample::select(&["is true", "is not true", "is false", "is unknown"][..]);
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 2..3).prop_map(|parts| format!("({})", parts.join(" and "))),
            3 => prop::collection::vec(inner.clone(), 2..3).prop_map(|parts| format!("({})", parts.join(" or "))),
            1 => inner.clone().prop_map(|part| format!("(not ({part}))")),
            1 => (inner, test).prop_map(|(part, test)| format!("(({part}) {test})")),
        ]
    })
}

/// A policy of the tables between, or none: row-level security is off.
#[derive(Debug, Clone)]
struct Between {
    projects: Option<String>,
    tasks: Option<String>,
}

fn between() -> impl Strategy<Value = Between> {
    let projects = prop_oneof![2 => Just(None), 3 => of_project().prop_map(|p| Some(p.replace("p.", "projects.")))];
    let tasks = prop_oneof![3 => Just(None), 2 => of_task().prop_map(|k| Some(k.replace("k.", "tasks.")))];
    (projects, tasks).prop_map(|(projects, tasks)| Between { projects, tasks })
}

fn shown<'a>(policy: Option<&'a Tree>, is_on: bool) -> Shown<'a> {
    if is_on { Shown::Policies { permissive: vec![policy], restrictive: Vec::new() } } else { Shown::All }
}

fn verdict(text: &str, between: &Between) -> Verdict {
    let facts = |comparable, not_null| ColumnFacts { comparable: Some(comparable), not_null };
    let (uuid, key, boolean) = (facts(Comparable::Uuid, false), facts(Comparable::Uuid, true), facts(Comparable::Boolean, true));
    let context = [QualifiedName::new("public", "first_tenants")];
    let [members, projects, tasks] = ["members", "projects", "tasks"].map(|name| QualifiedName::new("public", name));
    let memberships = [Membership { table: &members, tenant: "tenant_id", user: "user_id" }];
    let read = |text: &str, table: &str| tree(text, table).unwrap_or_else(|| panic!("`{text}` is not read"));
    let of_projects = between.projects.as_ref().map(|text| read(text, "projects"));
    let of_tasks = between.tasks.as_ref().map(|text| read(text, "tasks"));
    let project = Parent {
        table: &projects,
        key: vec![("project_id", "project_id")],
        tenant: Some("tenant_id"),
        users: vec!["owner_id"],
        shared: false,
        columns: BTreeMap::from([("project_id", key), ("tenant_id", uuid), ("owner_id", uuid), ("open", boolean)]),
        checks: Vec::new(),
        shown: shown(of_projects.as_ref(), of_projects.is_some()),
        parents: Vec::new(),
    };
    let task = Parent {
        table: &tasks,
        key: vec![("task_id", "task_id")],
        tenant: None,
        users: Vec::new(),
        shared: false,
        columns: BTreeMap::from([("task_id", key), ("project_id", uuid), ("done", boolean)]),
        checks: Vec::new(),
        shown: shown(of_tasks.as_ref(), of_tasks.is_some()),
        parents: vec![project],
    };
    let parents = [task];
    let columns = BTreeMap::from([("task_id", uuid), ("flag", boolean)]);
    let ground = Ground { tenant: None, users: Vec::new(), columns, context: &context, memberships: &memberships, checks: &[], parents: &parents };
    decide(&read(text, "notes"), &ground)
}

fn session(caller: Option<&String>, tenants: &[String]) -> String {
    let claims = caller.map_or_else(|| "{}".to_owned(), |caller| format!("{{\"sub\":\"{caller}\"}}"));
    let role = if caller.is_some() { "authenticated" } else { "anon" };
    format!("set local \"request.jwt.claims\" = '{claims}'; set local test.first = '{}'; set local role {role};", tenants.join(","))
}

/// Everybody who sees something of others, by the test's own words.
async fn leaks(client: &Client) -> Vec<String> {
    let mut leaks = Vec::new();
    for caller in [None, Some(5), Some(6)] {
        for memberships in [&[][..], &[(0, "admin")], &[(1, "reader")], &[(0, "reader"), (1, "admin")]] {
            for first in [&[][..], &[0], &[0, 1]] {
                let Some(number) = caller.or(memberships.is_empty().then_some(5)) else { continue };
                let tenants: Vec<String> = first.iter().map(|number| id(*number)).collect();
                let rows: Vec<String> = memberships.iter().map(|(tenant, role)| format!("('{}', '{}', '{role}')", id(*tenant), id(number))).collect();
                let insert = if rows.is_empty() { String::new() } else { format!("insert into public.members values {};", rows.join(", ")) };
                let own: Vec<String> = memberships.iter().map(|(tenant, _)| id(*tenant)).chain(tenants.clone()).collect();
                let caller = caller.map(id);
                let begin = session(caller.as_ref(), &tenants);
                client.batch_execute(&format!("savepoint s; delete from public.members; {insert} {begin}")).await.expect("a session");
                let sql = "select count(*) from public.notes join public.whose using (note_id) where num_nonnulls(tenant_id, owner_id) > 0
                             and (tenant_id = any ($1::text[]::uuid[])) is not true and (owner_id = $2::text::uuid) is not true";
                let count: i64 = client.query_one(sql, &[&own, &caller]).await.expect("a count").get(0);
                client.batch_execute("rollback to savepoint s").await.expect("the end of a session");
                if count > 0 {
                    leaks.push(format!("{caller:?} {memberships:?} {first:?}: {count} rows"));
                }
            }
        }
    }
    leaks
}

/// Whether the witness's session sees its row, hung on the witness's other rows.
async fn is_seen(client: &Client, witness: &Witness) -> bool {
    let mut others: BTreeMap<Value, String> = BTreeMap::new();
    let mut literal = |value: &Value| match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::Constant(text) => format!("'{text}'"),
        other => {
            let next = id(20 + others.len());
            format!("'{}'", others.entry(other.clone()).or_insert(next))
        }
    };
    let mut script =
        String::from("savepoint s; delete from public.members; delete from public.notes; delete from public.tasks; delete from public.projects;");
    let own = (QualifiedName::new("public", "notes"), witness.row.clone());
    for (table, row) in witness.parents.iter().map(|parent| (parent.table.clone(), parent.row.clone())).chain([own]) {
        let filled = match &*table.name {
            "projects" => "open",
            "tasks" => "done",
            _ => "flag",
        };
        let mut values = vec![(filled.to_owned(), "true".to_owned())];
        for (column, value) in &row {
            values.retain(|(known, _)| known != column);
            values.push((column.clone(), literal(value)));
        }
        let (columns, literals): (Vec<String>, Vec<String>) = values.into_iter().unzip();
        script.push_str(&format!("insert into {table} ({}) values ({});", columns.join(", "), literals.join(", ")));
    }
    let unquoted = |text: String| text.trim_matches('\'').to_owned();
    let caller = witness.caller.as_ref().filter(|caller| **caller != Value::Null).map(|caller| unquoted(literal(caller)));
    let tenants: Vec<String> = witness.tenants.iter().map(|(_, value)| unquoted(literal(value))).collect();
    script.push_str(&session(caller.as_ref(), &tenants));
    client.batch_execute(&script).await.unwrap_or_else(|error| panic!("{error:?}\n{script}"));
    let count: i64 = client.query_one("select count(*) from public.notes", &[]).await.expect("a count").get(0);
    client.batch_execute("rollback to savepoint s").await.expect("the end of a session");
    count == 1
}

#[test]
fn postgresql_confirms_what_is_decided_through_other_rows() {
    let cases = oracle::cases(CONDITIONS);
    let case = |(text, between): (String, Between)| {
        let verdict = verdict(&text, &between);
        let mut setup = format!("create policy p on public.notes using ({text});");
        for (table, policy) in [("projects", &between.projects), ("tasks", &between.tasks)] {
            if let Some(policy) = policy {
                setup.push_str(&format!("alter table public.{table} enable row level security; create policy p on public.{table} using ({policy});"));
            }
        }
        Case { setup, verdict, shown: format!("`{text}` with {between:?}") }
    };
    let Tally { proved, refuted, undecided } = confirm(12, cases, FIXTURE, &(condition(), between()), case, leaks, is_seen);
    assert!(proved > cases / 8 && refuted > cases / 8, "{proved} proved, {refuted} refuted, {undecided} undecided");
}

#[test]
fn what_people_write_of_other_rows_is_decided() {
    let open = Between { projects: None, tasks: None };
    let of_tenant = Between { projects: Some("projects.tenant_id in (select public.first_tenants())".to_owned()), tasks: None };
    let through = "exists (select from public.tasks k join public.projects p on p.project_id = k.project_id where k.task_id = notes.task_id)";
    assert_eq!(verdict(through, &of_tenant), Verdict::Proved, "what the project's own policy shows is of the caller");
    let Verdict::Refuted(witness) = verdict(through, &open) else { panic!("nothing restricts the projects") };
    let shown = witness.to_string();
    assert!(shown.contains("of `public.tasks` (task_id = ") && shown.contains("of `public.projects` (project_id = "), "{shown}");
    let nested = "task_id in (select k.task_id from public.tasks k where exists (select from public.projects p where p.project_id = k.project_id and p.tenant_id in (select public.first_tenants())))";
    assert_eq!(verdict(nested, &open), Verdict::Proved);
    // The key is not compared with the row; and one row more of an outer join is a row.
    assert_eq!(verdict("exists (select from public.tasks k where k.task_id = task_id)", &of_tenant), Verdict::Undecided);
    assert_ne!(
        verdict(
            "exists (select from public.tasks k left join public.projects p on p.project_id = k.project_id where k.task_id = notes.task_id)",
            &of_tenant
        ),
        Verdict::Proved
    );
}

/// The rules, over a spec: a table that hangs on one of tenants is one of tenants.
#[test]
fn the_rules_tell_of_tables_that_hang_on_others() {
    let with = |policy: &str| {
        let mut files = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/kinds/tenancy"));
        let case = files.iter_mut().find(|file| file.path == "case.toml").expect("the case has a file");
        case.text.push_str(&format!(
            "\n[table.asides]\nprimary_key = [\"aside_id\"]\ncolumns = {{ aside_id = \"uuid\", card_id = {{ type = \"uuid\", references = \"cards\" }}, open = \"boolean\" }}\naccess = {{ authenticated = [\"select\"] }}\n[table.asides.index.asides_card_idx]\ncolumns = [\"card_id\"]\n[table.asides.policy.own]\ncommand = \"select\"\nto = [\"authenticated\"]\nusing = \"{policy}\"\n"
        ));
        let resolved = resolve(files);
        let resolution =
            resolved.resolution.unwrap_or_else(|| panic!("{:?}", resolved.diagnostics.iter().map(|told| &told.message).collect::<Vec<_>>()));
        let told = trust_schema::lint::lint(&trust_schema::lint::Subject::of(&resolution));
        told.iter().filter(|told| told.code.name.starts_with("tenant-isolation")).map(|told| told.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(with("exists (select from public.cards as c where c.card_id = asides.card_id)"), Vec::<String>::new());
    let refuted = with("open or exists (select from public.cards as c where c.card_id = asides.card_id)");
    assert!(
        refuted
            .iter()
            .any(|line| line.starts_with("policy `own` of `public.asides` opens the row (") && line.contains("of `public.cards` (card_id = ")),
        "{refuted:?}"
    );
    let undecided = with("length(asides.card_id::text) > 3");
    assert_eq!(undecided, ["it is not decided whether policy `own` of `public.asides` keeps tenants apart"]);
}
