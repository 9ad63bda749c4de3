//! Whatever a database or a role has set, an untouched database is verified without a difference: by the file, and by `verify --db`.

use tests::postgres;
use tokio_postgres::SimpleQueryMessage;
use trust_schema::live::drift::{build, compare, look};
use trust_schema::live::server::{DEPLOYER, Regime, Target};

use crate::drift::{full_database, subject};
use crate::support::{Tally, connect_to, one_of, system, url};

/// Settings that change what the server prints, how it reads, or where new objects go.
const SETTINGS: &[(&str, &str)] = &[
    ("quote_all_identifiers", "on"),
    ("search_path", "auth, trust_private, public, pg_catalog"),
    ("search_path", "''"),
    ("datestyle", "'German, DMY'"),
    ("intervalstyle", "iso_8601"),
    ("bytea_output", "escape"),
    ("extra_float_digits", "-15"),
    ("standard_conforming_strings", "off"),
    ("backslash_quote", "off"),
    ("escape_string_warning", "on"),
    ("lc_monetary", "'C.UTF-8'"),
    ("lc_numeric", "'C.UTF-8'"),
    ("lc_time", "'C.UTF-8'"),
    ("lc_messages", "'C.UTF-8'"),
    ("timezone", "'Asia/Kathmandu'"),
    ("timezone_abbreviations", "'Australia'"),
    ("xmlbinary", "hex"),
    ("xmloption", "document"),
    ("default_tablespace", "''"),
    ("temp_tablespaces", "''"),
    ("default_table_access_method", "heap"),
    ("default_toast_compression", "pglz"),
    ("default_statistics_target", "1"),
    ("default_text_search_config", "simple"),
    ("default_transaction_isolation", "serializable"),
    ("default_transaction_read_only", "on"),
    ("default_transaction_deferrable", "on"),
    ("row_security", "off"),
    ("check_function_bodies", "off"),
    ("array_nulls", "off"),
    ("transform_null_equals", "on"),
    ("client_encoding", "latin1"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("constraint_exclusion", "on"),
    ("plan_cache_mode", "force_generic_plan"),
    ("force_parallel_mode", "on"),
    ("debug_parallel_query", "on"),
    ("jit_above_cost", "0"),
    ("session_replication_role", "replica"),
    ("synchronize_seqscans", "off"),
    ("lo_compat_privileges", "on"),
    ("plpgsql.variable_conflict", "use_variable"),
    ("work_mem", "'64kB'"),
];

#[tokio::test]
async fn settings_make_no_difference() {
    let cluster = postgres::cluster(postgres::any_major());
    let subject = subject(false);
    let database = full_database(Regime::Hardened).await;
    let administrator = database.connect_as_administrator().await.expect("a session");
    let quoted = format!("\"{}\"", database.name());
    let mut tally = Tally::new("settings under which nothing has drifted");
    let mut expected = None;
    let query = &system().verification.as_ref().expect("a verification").text;
    for (number, (name, value)) in one_of(SETTINGS, 4) {
        // Settings of the database, and of a role in it.
        let owner = if number % 2 == 0 { format!("database {quoted}") } else { format!("role {DEPLOYER} in database {quoted}") };
        if let Err(error) = administrator.batch_execute(&format!("alter {owner} set {name} = {value}")).await {
            // Versions differ in what can be set.
            assert!(error.code().is_some_and(|code| code.code() == "42704"), "{name}: {error:?}");
            continue;
        }
        let mut problems = Vec::new();
        let deployer = database.connect().await.expect("a session");
        match deployer.simple_query(query).await {
            Ok(messages) => {
                let rows: Vec<_> =
                    messages.iter().filter_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None }).collect();
                assert!(rows.len() > 1000, "{name}: only {} checks", rows.len());
                let failed = rows.iter().filter(|row| row.get("passed") != Some("t"));
                problems.extend(failed.map(|row| (0..5).map(|place| row.get(place).unwrap_or("null").to_owned()).collect::<Vec<_>>().join(" | ")));
            }
            Err(error) => problems.push(format!("the file: {error:?}")),
        }
        match look(&connect_to(&url(&cluster, &database)), &subject).await {
            Ok(seen) => {
                if expected.is_none() {
                    let target = Target::Cluster(Box::new(postgres::own_cluster(seen.server.major)));
                    expected = Some(build(&seen, &target, &subject).await.unwrap_or_else(|stop| panic!("{stop}")));
                }
                let verdict = compare(seen, expected.as_ref().expect("built"), &subject);
                if !verdict.is_fine() {
                    problems.push(format!("{:?} {:?} {:?}", verdict.drifts.first(), verdict.verification.failures.first(), verdict.history));
                }
            }
            Err(stop) => problems.push(stop.to_string()),
        }
        problems.truncate(4);
        tally.add(format!("{name} = {value}"), (!problems.is_empty()).then(|| problems.join("\n    ")));
        administrator.batch_execute(&format!("alter {owner} reset {name}")).await.expect("a reset");
    }
    tally.finish();
}
