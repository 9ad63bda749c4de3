//! `prove` on real servers: it holds for what is right, and fails, and says why, for what is not.

mod holds;
mod raw;
mod sabotage;
#[path = "../introspection/support.rs"]
mod support;

use tests::postgres;
use trust_schema::emit::Files;
use trust_schema::live::prove::{Event, Proof, prove, report};
use trust_schema::live::server::Target;
use trust_schema::resolve::Resolution;

/// Puts a verification, a smoke test and operations of one line each beside the generated ones, to be changed by hand.
pub fn complete(mut files: Files) -> Files {
    let verify = "select 'schema' as check, 'schema public' as object, '1' as expected, count(*)::text as actual, count(*) = 1 as passed from pg_catalog.pg_namespace where nspname = 'public';";
    files.insert("verification/verify.sql", verify.to_owned());
    let smoke = "do $$ begin perform 1; end $$;";
    files.insert("verification/smoke/0.sql", smoke.to_owned());
    files.insert("rollback/kill_switch.sql", "select 1;".to_owned());
    files.insert("rollback/partial.sql", "select 1;".to_owned());
    files
}

/// A proof on a server of its own major version.
pub async fn proof(major: u32, resolution: &Resolution, files: &Files) -> Proof {
    let target = Target::Cluster(Box::new(postgres::own_cluster(major)));
    let mut events = 0;
    let proof = prove(&target, resolution, files, &mut |_: Event| events += 1).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(events > 0);
    eprintln!("{}", report::text(&proof));
    proof
}
