//! The schedules under pg_cron itself, and without it.

use std::time::{Duration, Instant};

use tests::postgres;
use tokio_postgres::Client;
use trust_schema::live::server::{Cluster, Regime};

use crate::people;
use crate::support::{file, migrate, migrations, psql, run_file};

/// The one database that pg_cron serves.
const DATABASE: &str = "scheduled";

/// The jobs that the session's role sees: its own.
async fn jobs(client: &Client) -> Vec<(i64, String, String, String, String)> {
    let sql = "select jobid, jobname::text, schedule, command, username from cron.job order by jobname";
    let rows = client.query(sql, &[]).await.expect("jobs");
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))).collect()
}

/// A cluster that loads pg_cron, where the extension is installed for its server.
async fn cluster() -> Option<Cluster> {
    let major = postgres::any_major();
    let database = postgres::plain_database(major).await;
    let client = database.connect().await.expect("a session");
    let available = "select exists (select from pg_available_extensions where name = 'pg_cron')";
    if !client.query_one(available, &[]).await.expect("an answer").get::<_, bool>(0) {
        eprintln!("not run: the schedules under pg_cron, which is not installed for PostgreSQL {major} (Debian: postgresql-{major}-cron)");
        return None;
    }
    let database = format!("cron.database_name={DATABASE}");
    let settings = ["shared_preload_libraries=pg_cron", &database, "cron.use_background_workers=on", "cron.timezone=UTC"];
    Some(Cluster::start_with(&postgres::server(major), postgres::environment(), &settings).unwrap_or_else(|error| panic!("{error}")))
}

#[tokio::test]
async fn jobs_run_as_their_owner_and_purge() {
    let Some(cluster) = cluster().await else { return };
    let database = cluster.supabase_database(Regime::Hardened, DATABASE).await.expect("a database");
    let administrator = database.connect_as_administrator().await.expect("a session");
    // As the platform does it.
    administrator.batch_execute("create extension pg_cron; grant usage on schema cron to sb_postgres").await.expect("pg_cron");
    let users = people::users(&administrator).await;
    let deployer = database.connect().await.expect("a session");
    migrate(&deployer).await;
    let scheduled = jobs(&deployer).await;
    let told: Vec<_> = scheduled.iter().map(|job| (job.1.as_str(), job.2.as_str(), job.4.as_str())).collect();
    assert_eq!(told, [("phase1_retention", "0 2 * * *", "sb_postgres"), ("phase1_upkeep", "*/5 * * * *", "sb_postgres")]);
    deployer.batch_execute(&file("verification/assert.sql")).await.expect("verified with its schedules");
    run_file(&deployer, "operations/schedules.sql").await;
    assert_eq!(jobs(&deployer).await, scheduled, "run again, it changes nothing");

    people::populate(&database, &deployer, users).await;
    // What has outlived its retention, and what has not.
    administrator
        .batch_execute(
            "update public.delegation_tokens set issued_at = now() - interval '40 days', expires_at = now() - interval '31 days'
               where token_id in (select token_id from public.delegation_tokens limit 3);
             update trust_private.rate_limit_counters set idle_from = now() - interval '400 days'",
        )
        .await
        .expect("old rows");
    let count = async |table: &str| administrator.query_one(&format!("select count(*) from {table}"), &[]).await.expect("a count").get::<_, i64>(0);
    let (tokens, samples) = (count("public.delegation_tokens").await, count("trust_private.transaction_samples").await);
    assert!(count("trust_private.rate_limit_counters").await > 0);
    // The same commands, within the next minute.
    for job in &scheduled {
        let name = format!("{} now", job.1);
        deployer.execute("select cron.schedule($1, '* * * * *', $2)", &[&name, &job.3]).await.expect("a copy of the job");
    }
    let begun = Instant::now();
    let details =
        "select command, status, return_message, username from cron.job_run_details where status in ('succeeded', 'failed') order by command";
    let runs = loop {
        let runs = deployer.query(details, &[]).await.expect("what ran");
        if runs.len() >= 2 {
            break runs;
        }
        assert!(begun.elapsed() < Duration::from_secs(150), "no job ran");
        tokio::time::sleep(Duration::from_millis(250)).await;
    };
    for run in &runs {
        let (command, status, message): (&str, &str, Option<&str>) = (run.get(0), run.get(1), run.get(2));
        assert_eq!(status, "succeeded", "{command}: {message:?}");
        assert_eq!(run.get::<_, &str>(3), "sb_postgres", "{command}");
    }
    assert_eq!(count("public.delegation_tokens").await, tokens - 3);
    assert_eq!(count("trust_private.rate_limit_counters").await, 0);
    assert!(count("trust_private.transaction_samples").await > samples, "upkeep took a sample");

    for job in &scheduled {
        deployer.execute("select cron.unschedule($1)", &[&format!("{} now", job.1)]).await.expect("unscheduled");
    }
    let retention = migrations().into_iter().find(|name| name.contains("retention")).expect("a migration");
    let last = migrations().pop().expect("a migration");
    run_file(&deployer, &format!("rollback/{last}")).await;
    run_file(&deployer, &format!("rollback/{retention}")).await;
    assert_eq!(jobs(&deployer).await, []);
    run_file(&deployer, &format!("migrations/{retention}")).await;
    run_file(&deployer, &format!("migrations/{last}")).await;
    assert_eq!(jobs(&deployer).await.len(), 2);
    run_file(&deployer, "rollback/full.sql").await;
    assert_eq!(jobs(&deployer).await, []);
    administrator.batch_execute("drop extension pg_cron").await.expect("without it");
    migrate(&deployer).await;
    run_file(&deployer, "rollback/full.sql").await;
}

#[tokio::test]
async fn without_pg_cron_a_notice_names_each_job() {
    let database = postgres::database(postgres::any_major(), Regime::Legacy).await;
    let deployer = database.connect().await.expect("a session");
    migrate(&deployer).await;
    let config = postgres::cluster(postgres::any_major());
    let output = psql(&config, &database, "operations/schedules.sql");
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr);
    for job in ["phase1_retention", "phase1_upkeep"] {
        assert!(
            told.contains(&format!("NOTICE:  pg_cron is not installed: job {job} is not scheduled; run operations/schedules.sql once it is")),
            "{told}"
        );
    }
}
