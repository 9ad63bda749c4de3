//! The rules: their examples, the facts of PostgreSQL on which they rest, and that they are silent where nothing is wrong.

mod claims;
mod config;
mod examples;
mod fixes;
mod formats;
mod isolation;
mod isolation_parents;
mod oracle;
mod silence;
mod truth;

use trust_schema::live::server::{DEPLOYER, Scratch};

/// What only the platform can make, and rules are about: a wrapper of foreign data, and a table of files.
async fn platform(scratch: &Scratch) {
    let sql = format!(
        "create foreign data wrapper elsewhere; grant usage on foreign data wrapper elsewhere to {DEPLOYER};
         create schema storage; grant all on schema storage to {DEPLOYER};
         create table storage.objects (id uuid primary key, bucket_id text, owner uuid); alter table storage.objects enable row level security;
         alter table storage.objects owner to {DEPLOYER};"
    );
    let administrator = scratch.connect_as_administrator().await.expect("the administrator connects");
    administrator.batch_execute(&sql).await.expect("the platform has what rules are about");
}
