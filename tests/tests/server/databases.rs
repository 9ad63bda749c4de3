//! Databases: the two regimes of Supabase, roles, and many at once.

use std::collections::BTreeMap;

use tests::postgres;
use tokio_postgres::Client;
use trust_schema::live::server::{API_ROLES, DEPLOYER, Platform, Regime, connect};

/// What each role is granted by an ACL, as the letters PostgreSQL prints; `PUBLIC` is the empty name. `None` where the
/// object has the built-in privileges only.
async fn granted(client: &Client, query: &str) -> Option<BTreeMap<String, String>> {
    let row = client.query_one(query, &[]).await.unwrap();
    let acl: Option<Vec<String>> = row.get(0);
    let entries = acl?.into_iter().map(|item| {
        let (role, rest) = item.split_once('=').unwrap();
        (role.to_owned(), rest.split_once('/').unwrap().0.to_owned())
    });
    Some(entries.collect())
}

/// The privileges of new objects that were measured for both regimes on 13 to 18.
#[tokio::test]
async fn new_objects_have_the_measured_privileges() {
    for &major in postgres::majors() {
        for regime in Regime::ALL {
            let database = postgres::database(major, regime).await;
            let client = database.connect().await.unwrap();
            client
                .batch_execute(
                    "create table public.a (b int); create sequence public.c;
                     create function public.d() returns int language sql return 1",
                )
                .await
                .unwrap();
            // MAINTAIN is a privilege since 17.
            let maintain = if major >= 17 { "m" } else { "" };
            let (table, sequence) = match regime {
                Regime::Legacy => (format!("arwdDxt{maintain}"), "rwU"),
                Regime::Hardened => (format!("Dxt{maintain}"), "w"),
            };
            let of_table = granted(&client, "select relacl::text[] from pg_class where relname = 'a'").await.unwrap();
            let of_sequence = granted(&client, "select relacl::text[] from pg_class where relname = 'c'").await.unwrap();
            let of_function = granted(&client, "select proacl::text[] from pg_proc where proname = 'd'").await;
            for role in API_ROLES {
                assert_eq!(of_table.get(role), Some(&table), "table, {role}, {regime}, {major}");
                assert_eq!(of_sequence.get(role).map(String::as_str), Some(sequence), "sequence, {role}, {regime}, {major}");
                match (regime, &of_function) {
                    (Regime::Legacy, Some(acl)) => {
                        assert_eq!(acl.get(role).map(String::as_str), Some("X"), "function, {role}, {major}");
                        assert_eq!(acl.get("").map(String::as_str), Some("X"), "function, PUBLIC, {major}");
                    }
                    (Regime::Hardened, None) => {}
                    (_, acl) => panic!("function, {regime}, {major}: {acl:?}"),
                }
            }
            assert!(!of_table.contains_key(""), "PUBLIC is granted nothing on tables");

            client.batch_execute("revoke execute on function public.d() from public").await.unwrap();
            let sql = "select has_function_privilege('anon', 'public.d()', 'execute')";
            let still: bool = client.query_one(sql, &[]).await.unwrap().get(0);
            assert_eq!(still, regime == Regime::Legacy, "{major}");
        }
    }
}

#[tokio::test]
async fn a_copy_has_what_the_template_cannot_give() {
    for &major in postgres::majors() {
        let database = postgres::database(major, Regime::Hardened).await;
        let client = database.connect().await.unwrap();
        let row = client
            .query_one(
                "select current_setting('search_path'), has_database_privilege(current_database(), 'create'), \
                 auth.uid() is null, extensions.gen_random_bytes(1) is not null",
                &[],
            )
            .await
            .unwrap();
        assert_eq!(row.get::<_, String>(0), "\"$user\", public, extensions");
        assert!(row.get::<_, bool>(1) && row.get::<_, bool>(2) && row.get::<_, bool>(3));
    }
}

#[tokio::test]
async fn a_session_is_of_the_role_it_was_asked_for_and_of_no_more() {
    for &major in postgres::majors() {
        let database = postgres::database(major, Regime::Legacy).await;
        for (role, session) in [
            (DEPLOYER, DEPLOYER),
            ("anon", "authenticator"),
            ("authenticated", "authenticator"),
            ("service_role", "authenticator"),
            ("authenticator", "authenticator"),
            ("pg_monitor", "pg_monitor"),
            ("postgres", "postgres"),
        ] {
            let client = database.connect_as(role).await.unwrap();
            let row = client.query_one("select current_user::text, session_user::text, current_database()::text", &[]);
            let row = row.await.unwrap();
            assert_eq!((row.get::<_, &str>(0), row.get::<_, &str>(1), row.get::<_, &str>(2)), (role, session, database.name()));
            let escalates = client.batch_execute("set role postgres").await.is_ok();
            assert_eq!(escalates, role == "postgres", "{role} becomes superuser, {major}");
        }
    }
}

#[test]
fn many_databases_at_once_are_made_and_dropped() {
    let cluster = postgres::own_cluster(postgres::any_major());
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let cluster = &cluster;
            scope.spawn(move || {
                runtime().block_on(async {
                    for regime in Regime::ALL {
                        let database = cluster.scratch(Platform::Supabase(regime), &["reporting"]).await.unwrap();
                        let client = database.connect().await.unwrap();
                        client.batch_execute("create table public.mine (id int)").await.unwrap();
                        let plain = cluster.scratch(Platform::Plain, &[]).await.unwrap();
                        plain.connect_as("reporting").await.unwrap();
                        // One way each: said aloud, and by going out of scope with a session still in it.
                        if number % 2 == 0 {
                            plain.close().await.unwrap();
                        }
                    }
                });
            });
        }
    });
    let left = runtime().block_on(async {
        let client = connect(&cluster.config("postgres", "postgres")).await.unwrap();
        let sql = "select coalesce(string_agg(datname, ' ' order by datname), '') from pg_database";
        client.query_one(sql, &[]).await.unwrap().get::<_, String>(0)
    });
    assert_eq!(left, "postgres supabase_hardened supabase_legacy template0 template1");
}

#[tokio::test]
async fn names_are_quoted() {
    let cluster = postgres::own_cluster(postgres::any_major());
    let name = "odd\"; drop database template1; --";
    cluster.create_database(name, Some("template0")).await.unwrap();
    connect(&cluster.config(name, "postgres")).await.unwrap();
    cluster.drop_database(name).await.unwrap();
    let message = connect(&cluster.config(name, "postgres")).await.unwrap_err().to_string();
    assert!(message.contains("does not exist"), "{message}");
    let message = cluster.create_database("b", Some("no such")).await.unwrap_err().to_string();
    assert_eq!(message, "could not create the database `b`: db error: ERROR: template database \"no such\" does not exist");
}
