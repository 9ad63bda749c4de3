//! Scratch databases on a server behind a URL, which here is a cluster of ours.

use tests::postgres;
use trust_schema::live::server::{Cluster, DEPLOYER, Error, Installing, Platform, Regime, Request, Target, connect};

fn url(cluster: &Cluster, user: &str) -> String {
    let host = cluster.directory().display().to_string().replace('/', "%2F");
    format!("postgresql://{user}@{host}/postgres")
}

async fn open(cluster: &Cluster, user: &str, major: Option<u32>) -> Result<Target, Error> {
    let url = url(cluster, user);
    let request = Request { url: Some(&url), major, installing: Installing::Forbidden, environment: postgres::environment() };
    Target::open(&request, &mut |line| panic!("{line}")).await
}

/// The message, with what differs from run to run named instead.
fn message(error: &Error, cluster: &Cluster) -> String {
    error.to_string().replace(&cluster.directory().display().to_string(), "[socket]").replace(&cluster.server().version, "[version]")
}

async fn databases(cluster: &Cluster) -> i64 {
    let client = connect(&cluster.config("postgres", "postgres")).await.unwrap();
    client.query_one("select count(*) from pg_database", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn roles_of_a_server_are_asked_for_and_never_made() {
    let major = postgres::any_major();
    let cluster = postgres::own_cluster(major);
    let target = open(&cluster, "postgres", Some(major)).await.unwrap();
    assert_eq!((target.major(), target.version()), (major, cluster.server().version.as_str()));

    let error = target.scratch(Platform::Supabase(Regime::Legacy), &["reporting"]).await.unwrap_err();
    let message = message(&error, &cluster);
    insta::assert_snapshot!(message);
    assert_eq!(databases(&cluster).await, 3, "nothing is made before the roles are there");

    // What the message says to type is what helps.
    let administrator = connect(&cluster.config("postgres", "postgres")).await.unwrap();
    let statements: Vec<&str> = message.lines().filter(|line| line.trim().starts_with("CREATE ROLE")).collect();
    administrator.batch_execute(&statements.join("\n")).await.unwrap();
    for regime in Regime::ALL {
        let scratch = target.scratch(Platform::Supabase(regime), &["reporting"]).await.unwrap();
        let client = scratch.connect().await.unwrap();
        let row = client.query_one("select current_user::text, current_setting('search_path')", &[]).await.unwrap();
        assert_eq!(row.get::<_, &str>(0), DEPLOYER);
        assert_eq!(row.get::<_, &str>(1), "\"$user\", public, extensions");
        client.batch_execute("create table public.a (b int)").await.unwrap();
        let anonymous = scratch.connect_as("anon").await.unwrap();
        let may = anonymous.query_one("select has_table_privilege('public.a', 'insert')", &[]).await.unwrap();
        assert_eq!(may.get::<_, bool>(0), regime == Regime::Legacy);
    }
    assert_eq!(databases(&cluster).await, 3, "a scratch database is left");
}

#[tokio::test]
async fn what_the_user_may_not_do_is_said_before_it_is_tried() {
    let cluster = postgres::own_cluster(postgres::any_major());
    let administrator = connect(&cluster.config("postgres", "postgres")).await.unwrap();
    administrator.batch_execute("create role ben login; create role app; grant app to ben").await.unwrap();

    let target = open(&cluster, "ben", None).await.unwrap();
    let error = target.scratch(Platform::Plain, &[]).await.unwrap_err();
    insta::assert_snapshot!("may_not_create_databases", message(&error, &cluster));

    administrator.batch_execute("alter role ben createdb").await.unwrap();
    let target = open(&cluster, "ben", None).await.unwrap();
    let error = target.scratch(Platform::Supabase(Regime::Hardened), &[]).await.unwrap_err();
    insta::assert_snapshot!("not_superuser", message(&error, &cluster));
    let error = open(&cluster, "ben", Some(99)).await.unwrap_err();
    insta::assert_snapshot!("other_major", message(&error, &cluster));

    let scratch = target.scratch(Platform::Plain, &["app"]).await.unwrap();
    let client = scratch.connect_as("app").await.unwrap();
    let row = client.query_one("select current_user::text, session_user::text", &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, &str>(1)), ("app", "ben"));
    scratch.close().await.unwrap();
    assert_eq!(databases(&cluster).await, 3, "a scratch database is left");
}

#[tokio::test]
async fn a_url_that_leads_nowhere_is_named_without_its_password() {
    let request = Request {
        url: Some("host=/nonexistent user=me password=secret dbname=a"),
        major: None,
        installing: Installing::Forbidden,
        environment: postgres::environment(),
    };
    let error = Target::open(&request, &mut |line| panic!("{line}")).await.unwrap_err();
    insta::assert_snapshot!(error);
}
