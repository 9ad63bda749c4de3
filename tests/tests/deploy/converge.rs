//! From a database that others changed to the spec, in one run: the second plan is empty.

use tests::postgres;
use trust_schema::live::drift::{Convergence, Expected, converge, goal, look};
use trust_schema::live::server::{Cluster, Regime, Scratch, Target};

use crate::drift::{CHANGES, full_database, subject};
use crate::support::{Tally, connection, is_full, one_of};

async fn plan(cluster: &Cluster, database: &Scratch, expected: &mut Option<Expected>) -> Convergence {
    let subject = subject(false);
    let seen = look(&connection(cluster, database), &subject).await.unwrap_or_else(|stop| panic!("{stop}"));
    if expected.is_none() {
        let target = Target::Cluster(Box::new(postgres::own_cluster(seen.server.major)));
        *expected = Some(goal(&target, &subject).await.unwrap_or_else(|stop| panic!("{stop}")));
    }
    converge(seen, expected.as_ref().expect("built"), &subject).unwrap_or_else(|stop| panic!("{stop}"))
}

/// Runs what is planned, as the role that deploys.
async fn run(database: &Scratch, planned: &Convergence) -> Result<(), String> {
    let administrator = database.connect_as_administrator().await.expect("a session");
    administrator.batch_execute("set role sb_postgres").await.expect("the deployer");
    for part in &planned.evolution.parts {
        if part.transactional {
            administrator.batch_execute("begin").await.expect("a transaction");
        }
        for statement in part.steps.iter().flat_map(|step| &step.statements) {
            administrator.batch_execute(&statement.sql).await.map_err(|error| format!("{}: {error:?}", statement.sql))?;
        }
        if part.transactional {
            administrator.batch_execute("commit").await.map_err(|error| format!("{error:?}"))?;
        }
    }
    Ok(())
}

fn sql(planned: &Convergence) -> String {
    planned.evolution.steps().flat_map(|step| &step.statements).map(|statement| format!("{}\n", statement.sql)).collect()
}

/// Changes as other tools write them.
const BY_OTHERS: &[(&str, &str)] = &[
    (
        "prisma migrate",
        r#"ALTER TABLE "public"."tenants" ADD COLUMN "note" TEXT, ALTER COLUMN "name" DROP NOT NULL;
           CREATE UNIQUE INDEX "tenants_name_key" ON "public"."tenants"("name");
           CREATE INDEX "delegations_status_idx" ON "public"."delegations"("user_id");
           ALTER TABLE "public"."tenant_members" DROP CONSTRAINT "tenant_members_tenant_id_fkey",
             ADD CONSTRAINT "tenant_members_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("tenant_id") ON DELETE SET NULL ON UPDATE CASCADE;"#,
    ),
    (
        "the dashboard of Supabase",
        r#"create policy "Enable read access for all users" on "public"."tenants" as PERMISSIVE for SELECT to public using (true);
           alter table "public"."tenant_members" disable row level security;
           grant all on table "public"."tenants" to "anon";
           alter table "public"."tenants" rename column "name" to "title";"#,
    ),
    (
        "drizzle-kit",
        r#"CREATE TABLE IF NOT EXISTS "trust_private"."widgets" ("id" serial PRIMARY KEY NOT NULL, "name" text DEFAULT 'x', "tenant" uuid REFERENCES "public"."tenants"("tenant_id"));
           CREATE INDEX IF NOT EXISTS "widgets_name_index" ON "trust_private"."widgets" USING btree ("name");
           ALTER TABLE "public"."tenants" ALTER COLUMN "name" SET DATA TYPE varchar(256);
           DROP POLICY "members_read_their_tenants" ON "public"."tenants" CASCADE;"#,
    ),
    (
        "pgAdmin",
        r#"CREATE OR REPLACE VIEW trust_private.all_tenants AS SELECT * FROM public.tenants;
           CREATE OR REPLACE FUNCTION trust_private.count_tenants() RETURNS bigint LANGUAGE sql AS 'select count(*) from trust_private.all_tenants';
           ALTER INDEX public.tenant_members_user_id_idx RENAME TO members_by_user;
           ALTER TABLE IF EXISTS public.delegations DROP COLUMN IF EXISTS user_id CASCADE;"#,
    ),
];

#[tokio::test]
async fn what_others_changed_converges_in_one_run() {
    let cluster = postgres::cluster(postgres::any_major());
    let mut expected = None;
    let mut tally = Tally::new("plan from a database: changes by others, one run, then nothing");
    let every = if is_full() { 1 } else { 9 };
    let by_hand = CHANGES.iter().map(|(sql, ..)| (*sql, *sql)).enumerate().filter(|(number, _)| number % every == 0).map(|(_, change)| change);
    let others: Vec<(&str, &str)> = one_of(BY_OTHERS, 1).map(|(_, change)| *change).collect();
    for (number, (who, change)) in others.into_iter().chain(by_hand).enumerate() {
        let database = full_database(Regime::ALL[number % 2]).await;
        let deployer = database.connect().await.expect("a session");
        deployer.batch_execute(change).await.unwrap_or_else(|error| panic!("{who}: {error:?}"));
        let first = plan(&cluster, &database, &mut expected).await;
        let mut problem = (first.evolution.is_empty() && first.left.is_empty()).then(|| "nothing is planned".to_owned());
        problem = problem.or(run(&database, &first).await.err());
        let second = plan(&cluster, &database, &mut expected).await;
        problem = problem.or((!second.evolution.is_empty()).then(|| format!("planned again:\n{}after\n{}", sql(&second), sql(&first))));
        // What nobody changed in our kinds of objects is left as it was told.
        problem = problem.or((second.left.len() > first.left.len()).then(|| format!("left: {:?}", second.left)));
        tally.add(who, problem);
    }
    tally.finish();
}

#[tokio::test]
async fn nothing_is_planned_for_what_nobody_changed() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = full_database(Regime::Hardened).await;
    let planned = plan(&cluster, &database, &mut None).await;
    assert!(planned.evolution.is_empty() && planned.left.is_empty(), "{}{:?}", sql(&planned), planned.left);
}
