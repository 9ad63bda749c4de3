//! What is told of the functions of the case `functions_of_many_shapes` is so: of those that are told, a user who has no right to it changes
//! something that is not his; of the others, none.

use std::collections::BTreeSet;

use tests::postgres::{any_major, database};
use tokio_postgres::Client;
use trust_schema::diagnostic::Severity;
use trust_schema::live::server::Regime;

use super::{checked, project, root, runtime, target};

const VICTIM: &str = "00000000-0000-0000-0000-00000000000a";
const CALLER: &str = "00000000-0000-0000-0000-00000000000b";
const ORG: &str = "00000000-0000-0000-0000-0000000000ff";

/// Each function with arguments by which the caller would do harm.
fn calls() -> Vec<(&'static str, String)> {
    vec![
        ("good.delete_account", String::new()),
        ("good.is_admin", String::new()),
        ("good.rename_org", format!("'{ORG}', 'taken'")),
        ("good.rename_my_org", "'taken'".to_owned()),
        ("good.save_profile", "'mine'".to_owned()),
        ("good.archive_cart", String::new()),
        ("good.set_role", format!("'{ORG}', '{VICTIM}', 'member'")),
        ("good.leave", format!("'{ORG}'")),
        ("good.put_into_cart", "'thing'".to_owned()),
        ("bad.rename_org", format!("'{ORG}', 'taken'")),
        ("bad.close_org", format!("'{ORG}'")),
        ("bad.empty_cart", format!("'{VICTIM}'")),
        ("bad.make_admin", format!("'{CALLER}'")),
        ("bad.run", "'delete from public.carts'".to_owned()),
        ("bad.reset", format!("'{ORG}'")),
        ("bad.wipe", format!("'{ORG}'")),
    ]
}

/// Everything that is not the caller's to change: the rows of others, and what he may do.
async fn state(client: &Client) -> String {
    let sql = format!(
        "select jsonb_build_array(
           (select jsonb_agg(to_jsonb(p) order by p.id) from public.profiles p where p.id <> '{CALLER}'),
           (select jsonb_agg(p.is_admin) from public.profiles p where p.id = '{CALLER}' and p.is_admin),
           (select jsonb_agg(to_jsonb(o)) from public.orgs o), (select jsonb_agg(to_jsonb(m)) from public.memberships m),
           (select jsonb_agg(to_jsonb(c)) from public.carts c where c.user_id <> '{CALLER}'))::text"
    );
    client.query_one(&sql, &[]).await.expect("the state is read").get(0)
}

#[test]
fn functions_that_are_told_of_do_harm_and_the_others_do_not() {
    let (project, _) = project(&root().join("tests/cases/sql/functions_of_many_shapes/migrations"));
    runtime().block_on(async {
        let found = checked(&target(any_major()), &project, &Regime::ALL).await;
        let told: BTreeSet<String> = found
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error && diagnostic.code.id.starts_with("TS07"))
            .filter_map(|diagnostic| diagnostic.message.split('`').nth(1).map(str::to_owned))
            .collect();
        let scratch = database(any_major(), Regime::Hardened).await;
        let client = scratch.connect().await.expect("the deployer connects");
        for (_, file) in project.sources.iter() {
            client.batch_execute(&file.text).await.unwrap_or_else(|error| panic!("{error:?}"));
        }
        let rows = format!(
            "insert into auth.users (id) values ('{VICTIM}'), ('{CALLER}');
             insert into public.profiles values ('{VICTIM}', 'victim', true), ('{CALLER}', 'caller', false);
             insert into public.orgs values ('{ORG}', 'theirs');
             insert into public.memberships values ('{ORG}', '{VICTIM}', 'owner');
             insert into public.carts (user_id, item) values ('{VICTIM}', 'thing'), ('{CALLER}', 'thing')"
        );
        client.batch_execute(&rows).await.unwrap_or_else(|error| panic!("{error:?}"));
        let mut harmful = BTreeSet::new();
        for (function, arguments) in calls() {
            client.batch_execute("begin").await.expect("a transaction begins");
            let before = state(&client).await;
            let claims = format!("{{\"sub\": \"{CALLER}\", \"role\": \"authenticated\"}}");
            let call = format!(
                "set local role authenticated; select set_config('request.jwt.claims', '{claims}', true); savepoint call; select {function}({arguments})"
            );
            if client.batch_execute(&call).await.is_err() {
                client.batch_execute("rollback to call").await.expect("the call is undone");
            }
            client.batch_execute("reset role").await.expect("the deployer again");
            if state(&client).await != before {
                harmful.insert(function.to_owned());
            }
            client.batch_execute("rollback").await.expect("the transaction ends");
        }
        assert_eq!(harmful, told);
        assert_eq!(harmful.len(), 6);
    });
}
