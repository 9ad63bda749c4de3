//! The program as people and machines run it: what it asks, what it prints, what it writes, and that no password is in any of it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tests::postgres;
use trust_schema::live::server::{Cluster, DEPLOYER, Regime, Scratch};

use crate::support::{difference, reference, state};

const PASSWORD: &str = "s3cret-p4ss:w\\ord";

/// A copy of the project in a folder of its own.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new() -> Project {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for part in ["spec", "generated"] {
            let status = Command::new("cp").arg("-r").arg(root.join(part)).arg(folder.path()).status().expect("cp");
            assert!(status.success());
        }
        Project { folder }
    }

    fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trust-schema-under-test"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(variables.iter().copied()).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let ran = Ran::of(self.command(arguments, variables).output().expect("the program runs"));
        assert!(!ran.out.contains("s3cret") && !ran.err.contains("s3cret"), "a password is in the output: {ran:?}");
        ran
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(path)).expect(path)
    }
}

#[derive(Debug)]
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

fn url(cluster: &Cluster, database: &Scratch) -> String {
    let password = PASSWORD.replace(':', "%3A").replace('\\', "%5C");
    format!("postgresql://{DEPLOYER}:{password}@/{}?host={}", database.name(), cluster.directory().display())
}

/// The way that a team goes: look, be asked, apply, go on, roll back.
#[tokio::test]
async fn a_deployment_from_the_first_look_to_the_rollback() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = crate::support::database(&cluster, Regime::Hardened).await;
    let reference = reference(postgres::any_major(), Regime::Hardened).await;
    let project = Project::new();
    let url = url(&cluster, &database);
    let db = ["--db", url.as_str()];

    let looked = project.run(&["apply", "--dry-run", "--format", "json", db[0], db[1]], &[]);
    assert_eq!(looked.status, 0, "{looked:?}");
    let fingerprint = looked.json()["plan"]["fingerprint"].as_str().expect("a fingerprint").to_owned();
    assert_eq!(looked.json()["plan"]["pending"].as_array().map(Vec::len), Some(8));
    assert_eq!(reference.step(&database).await, Ok(0), "a look changes nothing");
    assert!(!project.folder.path().join("deployments.jsonl").exists());

    let unasked = project.run(&["apply", db[0], db[1]], &[]);
    assert!(unasked.status == 2 && unasked.err.contains("[not-confirmed]"), "{unasked:?}");
    let other = project.run(&["apply", "--yes", "--expect", "0123", db[0], db[1]], &[]);
    assert!(other.status == 2 && other.err.contains("[changed-since-plan]"), "{other:?}");
    assert_eq!(reference.step(&database).await, Ok(0), "nothing was confirmed");

    let first = project
        .run(&["apply", "--yes", "--no-backup", "nothing is there yet", "--to", "20260224020003", "--expect", &fingerprint, db[0], db[1]], &[]);
    assert_eq!(first.status, 0, "{first:?}");
    assert_eq!(reference.step(&database).await, Ok(3));
    let rest = project.run(&["apply", "--yes", "--no-backup", "a test", "--format", "json", db[0], db[1]], &[]);
    assert_eq!(rest.status, 0, "{rest:?}");
    let document = rest.json();
    assert_eq!(document["report"]["applied"].as_array().map(Vec::len), Some(5));
    assert_eq!(document["report"]["verification"]["failures"], serde_json::json!([]));
    assert_eq!(document["backup"]["reason"], "a test");
    assert_eq!(difference(reference.last(), &state(&database).await), None);

    let settled = project.run(&["plan", "--detailed-exitcode", db[0], db[1]], &[]);
    assert!(settled.status == 0 && settled.out.contains("no changes since"), "{settled:?}");
    let administrator = database.connect_as_administrator().await.expect("a session");
    let by_hand =
        "set role sb_postgres; grant insert on public.tenants to authenticated; alter index public.tenant_members_user_id_idx rename to theirs";
    administrator.batch_execute(by_hand).await.expect("a change by hand");
    let planned = project.run(&["plan", "--detailed-exitcode", "--sql", db[0], db[1]], &[]);
    let sql =
        "-- part 1\nALTER INDEX public.theirs RENAME TO tenant_members_user_id_idx;\nREVOKE INSERT ON TABLE public.tenants FROM authenticated;\n";
    assert!(planned.status == 1 && planned.out == sql, "{planned:?}");
    administrator.batch_execute(&planned.out).await.expect("what was planned");
    let again = project.run(&["plan", "--detailed-exitcode", "--format", "json", db[0], db[1]], &[]);
    assert!(again.status == 0 && again.json()["migrations"] == serde_json::json!([]), "{again:?}");

    let refused = project.run(&["rollback", "--full", "--yes", "--no-backup", "a test", "--format", "json", db[0], db[1]], &[]);
    assert!(refused.status == 2 && refused.out.contains("\"data-loss\""), "{refused:?}");
    let switched = project.run(&["rollback", "--kill-switch", "rate_limiting", "--yes", db[0], db[1]], &[]);
    assert_eq!(switched.status, 0, "{switched:?}");
    let back = project.run(&["rollback", "--full", "--yes", "--no-backup", "a test", "--allow", "data-loss", db[0], db[1]], &[]);
    assert_eq!(back.status, 0, "{back:?}");
    assert_eq!(reference.step(&database).await, Ok(0));

    let log = project.read("deployments.jsonl");
    let events: Vec<(String, String)> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"))
        .map(|line| (line["verb"].as_str().unwrap_or_default().to_owned(), line["event"].as_str().unwrap_or_default().to_owned()))
        .collect();
    let expected = ["apply", "apply", "rollback", "rollback"]
        .into_iter()
        .flat_map(|verb| [(verb.to_owned(), "begun".to_owned()), (verb.to_owned(), "done".to_owned())]);
    assert_eq!(events, expected.collect::<Vec<_>>());
    assert!(!log.contains("s3cret"), "a password is in the log");
}

#[tokio::test]
async fn where_to_connect_comes_from_many_places() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = crate::support::database(&cluster, Regime::Legacy).await;
    let project = Project::new();
    let (name, socket) = (database.name().to_owned(), cluster.directory().display().to_string());
    let file = |path: &str, text: String| {
        std::fs::write(project.folder.path().join(path), text).expect("written");
        project.folder.path().join(path).display().to_string()
    };
    let look = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut all = vec!["apply", "--dry-run", "--format", "json"];
        all.extend(arguments);
        project.run(&all, variables)
    };
    let nothing = look(&[], &[]);
    assert!(nothing.status == 2 && nothing.json()["error"]["code"] == "no-database", "{nothing:?}");
    let there = |ran: &Ran| ran.status == 0 && ran.json()["plan"]["server"]["database"] == name.as_str();
    let variables = look(&[], &[("PGHOST", &socket), ("PGDATABASE", &name), ("PGUSER", DEPLOYER), ("PGPASSWORD", PASSWORD)]);
    assert!(there(&variables), "{variables:?}");
    let list = look(&["--db", &format!("host={socket} dbname={name} user={DEPLOYER} password='{}'", PASSWORD.replace('\\', "\\\\"))], &[]);
    assert!(there(&list), "{list:?}");
    let services = file("services.conf", format!("[shop]\nhost={socket}\ndbname={name}\nuser={DEPLOYER}\npassword=s3cret\n"));
    let service = look(&["--db", "service=shop"], &[("PGSERVICEFILE", &services)]);
    assert!(there(&service), "{service:?}");
    file(".env", format!("OTHER=1\n# a comment\nDATABASE_URL=\"{}\"\n", url(&cluster, &database)));
    let environment = look(&[], &[]);
    assert!(there(&environment), "{environment:?}");
    // What the process says wins over the file.
    let over = look(&[], &[("DATABASE_URL", "postgresql://nobody:s3cret@127.0.0.1:1/none")]);
    assert!(over.status == 2 && over.json()["error"]["code"] == "no-connection", "{over:?}");
    file(".env", "DATABASE_URL='s3cret\n".to_owned());
    let odd = look(&[], &[]);
    assert!(odd.status == 2 && odd.json()["error"]["code"] == "connection-string", "{odd:?}");
    for text in ["postgresql://u:s3cret%zz@h/d", "postgresql://u:s3cret@h/d?sslmode=s3cret", "host=h password=s3cret nonsense"] {
        let odd = look(&["--db", text], &[]);
        assert!(odd.status == 2 && odd.json()["error"]["code"] == "connection-string", "{odd:?}");
    }
}

/// A single changed byte of any file that would be run, and nothing is even connected to.
#[test]
fn outputs_that_were_changed_are_refused_before_connecting() {
    let project = Project::new();
    let path = "generated/migrations/20260224020004_phase1_delegations.sql";
    let original = project.read(path);
    // Nobody listens there: whoever tries fails otherwise.
    let db = ["--db", "postgresql://u:s3cret@127.0.0.1:1/d"];
    for changed in [original.replacen("-- ", "--  ", 1), original.replace('\n', "\r\n"), format!("\u{feff}{original}"), String::new()] {
        std::fs::write(project.folder.path().join(path), changed).expect("written");
        let ran = project.run(&["apply", "--yes", "--no-backup", "a test", db[0], db[1]], &[]);
        assert!(ran.status == 2 && ran.err.contains("[stale-outputs]"), "{ran:?}");
    }
    std::fs::write(project.folder.path().join(path), original).expect("written");
    std::fs::write(project.folder.path().join("generated/migrations/20260224020009_more.sql"), "select 1;").expect("written");
    let ran = project.run(&["apply", "--yes", "--no-backup", "a test", db[0], db[1]], &[]);
    assert!(ran.status == 2 && ran.err.contains("[stale-outputs]") && ran.err.contains("20260224020009_more.sql"), "{ran:?}");
}

/// Databases of a fleet, applied and verified as a file names them: each has its own verdict, and one that cannot be reached hides no other.
#[tokio::test]
async fn a_fleet_is_applied_and_verified_by_its_file() {
    let cluster = postgres::cluster(postgres::any_major());
    let project = Project::new();
    let one = crate::support::database(&cluster, Regime::Hardened).await;
    let other = crate::support::database(&cluster, Regime::Legacy).await;
    let write = |text: String| std::fs::write(project.folder.path().join("fleet.toml"), text).expect("written");
    let entry = |name: &str, key: &str, value: &str| format!("[[database]]\nname = \"{name}\"\n{key} = '{value}'\n");
    let both = entry("one", "url", &url(&cluster, &one)) + &entry("other", "url_variable", "OTHER_DATABASE") + "wave = 2\n";
    let variables = [("OTHER_DATABASE", url(&cluster, &other))];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    write(both.clone());
    let applied = project.run(&["apply", "--fleet", "fleet.toml", "--yes", "--no-backup", "a test"], &variables);
    assert_eq!(applied.status, 0, "{applied:?}");
    let verify = |format: &str| project.run(&["verify", "--fleet", "fleet.toml", "--no-install", "--format", format], &variables);
    let fine = verify("json");
    assert_eq!(fine.status, 0, "{fine:?}");

    let hand = other.connect().await.expect("a session");
    hand.batch_execute("alter table public.tenants disable row level security").await.expect("drift");
    write(both.clone());
    let drifted = verify("json");
    let fleet = drifted.json()["fleet"].clone();
    let names = |place: usize| fleet[place]["name"].as_str().map(str::to_owned);
    assert!(drifted.status == 1 && names(0).as_deref() == Some("one") && names(1).as_deref() == Some("other"), "{drifted:?}");
    assert_eq!(fleet[0]["verdict"]["drifts"].as_array().map(Vec::len), Some(0), "{fleet}");
    assert_eq!(fleet[1]["verdict"]["drifts"][0]["object"], "table public.tenants", "{fleet}");

    write(entry("gone", "url", "postgresql://u:s3cret@127.0.0.1:1/d") + &both);
    let partly = verify("concise");
    assert!(partly.status == 2 && partly.out.contains("gone: ") && partly.out.contains("other: "), "{partly:?}");
    assert!(partly.out.contains("table public.tenants"), "what can be reached is verified all the same: {partly:?}");
}

#[test]
fn a_file_that_names_no_fleet_is_refused() {
    let project = Project::new();
    let place = "postgresql://u:s3cret@127.0.0.1:1/d";
    let entry = |name: &str| format!("[[database]]\nname = \"{name}\"\nurl = \"{place}\"\n");
    let odd = [
        String::new(),
        "database = []".to_owned(),
        "[[database]]\nname = \"a\"\n".to_owned(),
        format!("[[database]]\nname = \"a\"\nurl = \"{place}\"\nurl_variable = \"B\"\n"),
        "[[database]]\nname = \"a\"\nurl_variable = \"NOT_SET\"\n".to_owned(),
        format!("{}password = \"s3cret\"\n", entry("a")),
        format!("{}wave = \"s3cret\"\n", entry("a")),
        format!("{}wave = -1\n", entry("a")),
        entry("a") + &entry("a"),
        entry(""),
        entry("../a"),
        entry("a\\nb"),
        format!("url = \"{place}"),
    ];
    for text in odd {
        std::fs::write(project.folder.path().join("fleet.toml"), &text).expect("written");
        for verb in ["verify", "apply"] {
            let ran = project.run(&[verb, "--fleet", "fleet.toml"], &[]);
            assert!(ran.status == 2 && ran.err.contains("[fleet-file]"), "{text}: {ran:?}");
        }
    }
    let missing = project.run(&["verify", "--fleet", "nowhere.toml"], &[]);
    assert!(missing.status == 2 && missing.err.contains("[fleet-file]"), "{missing:?}");
}
