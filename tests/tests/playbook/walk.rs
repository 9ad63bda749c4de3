//! Every step of the generated playbook, carried out in its order in a project of its own, on a fresh database.

use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tests::postgres;
use tokio_postgres::Client;
use trust_schema::live::server::Regime;

use crate::document::{Step, steps};
use crate::people;
use crate::support::{file, migrate, root, state, url};

/// What nobody can do here, line by line.
const OUTSIDE: &str = include_str!("outside.txt");

/// A copy of the project, committed, with the program in reach.
struct Project {
    folder: tempfile::TempDir,
    url: String,
}

impl Project {
    fn new(url: String) -> Project {
        let project = Project { folder: tempfile::tempdir().expect("a folder"), url };
        let programs = project.folder.path().join("programs");
        std::fs::create_dir(&programs).expect("a folder");
        symlink(env!("CARGO_BIN_EXE_trust-schema-under-test"), programs.join("trust-schema")).expect("a link");
        // promtool comes with Debian's prometheus; where it cannot be had, its lines say so.
        let absent = "command -v promtool >/dev/null || { printf '#!/bin/sh\\necho \"not run: promtool is not installed\" >&2\\n' > programs/promtool; chmod +x programs/promtool; }";
        project.succeeds(absent, "");
        let copy = format!(
            "cp -r '{0}/spec' '{0}/generated' . && printf '/programs\\n/backups\\n*.md\\n*.sql\\n!/generated/**\\n' > .git-exclude && git init -q &&
             mv .git-exclude .git/info/exclude && git add spec generated && git -c user.name=t -c user.email=t@example.com commit -q -m project",
            root().display()
        );
        project.succeeds(&copy, "");
        project
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn shell(&self, commands: &str, input: &str) -> Output {
        let path = format!("{}:{}", self.path().join("programs").display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", commands]).current_dir(self.path());
        command.env("PATH", path).env("DATABASE_URL", &self.url).env("LC_ALL", "C").env_remove("TRUST_SCHEMA_FROZEN");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bash");
        let mut stdin = child.stdin.take().expect("its input");
        // A block that reads nothing may have ended.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("its output")
    }

    fn succeeds(&self, commands: &str, input: &str) -> String {
        let output = self.shell(commands, input);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{commands}\n{}\n{out}\n{err}", output.status);
        out.into_owned()
    }
}

#[tokio::test]
async fn every_step_can_be_carried_out() {
    let major = postgres::any_major();
    let database = postgres::database(major, Regime::Hardened).await;
    let fresh = state(&database).await;
    let project = Project::new(url(&postgres::cluster(major), &database));
    let deployer = database.connect().await.expect("a session");
    let administrator = database.connect_as_administrator().await.expect("a session");
    let mut users = people::users(&administrator).await;
    let (mut outside, mut blocks, mut points, mut printed, mut heading) = (String::new(), 0, 0, String::new(), String::new());
    for step in steps(&file("documents/playbook.md")) {
        match step {
            Step::Heading(text) => {
                heading = text;
                // It was rolled back above; a week after a deployment that was not.
                if heading.starts_with("Technical") {
                    assert_eq!(state(&database).await.catalog, fresh.catalog, "after the rollback of each migration");
                    migrate(&deployer).await;
                }
            }
            Step::Outside(text) => outside.push_str(&format!("{text}\n")),
            Step::Block(commands) => {
                blocks += 1;
                // There are data when the switches are thrown; the ways to roll back are alternatives, each from a deployed database.
                if heading.starts_with("Kill switches") {
                    people::populate(&database, &deployer, std::mem::take(&mut users)).await;
                }
                if commands.contains("generated/rollback/2") {
                    assert_eq!(state(&database).await.catalog, fresh.catalog, "after the full rollback");
                    migrate(&deployer).await;
                }
                printed = project.succeeds(&commands, "YES\n");
                if commands.contains("read -r") {
                    assert_eq!(project.succeeds(&commands, "no\n").trim(), "STOP");
                }
            }
            Step::Point(text, commands) => {
                points += 1;
                if commands.is_empty() {
                    outcome(&text, &printed, &deployer).await;
                }
                for command in commands {
                    let output = project.shell(&command, "");
                    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
                    if text.contains("prints nothing") {
                        assert_eq!(shown, "", "{text}");
                    } else if command.contains("cron.") {
                        // Where pg_cron is; here it is not.
                        assert!(String::from_utf8_lossy(&output.stderr).contains("cron.job_run_details"), "{text}");
                    } else {
                        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
                        seen(&text, &shown);
                    }
                }
            }
        }
    }
    eprintln!("playbook: {blocks} blocks of commands and {points} points carried out, {} lines outside", outside.lines().count());
    if std::env::var_os("TRUST_UPDATE").is_some() {
        std::fs::write(root().join("tests/tests/playbook/outside.txt"), &outside).expect("written");
        return;
    }
    assert_eq!(outside, OUTSIDE, "what the playbook marks as outside has changed");
}

/// A point of a check list that says what its block should have led to. One that is not known here fails.
async fn outcome(point: &str, printed: &str, deployer: &Client) {
    let holds = if point.contains("status 0") || point.ends_with("ends without an error") || point.contains("steps): ") {
        // The block has ended with status 0, or the test would have.
        true
    } else if point.starts_with("`git status` prints nothing") {
        printed.lines().all(|line| !line.contains("generated/"))
    } else if point.contains("would be applied") {
        printed.contains("0 migrations applied, 8 to apply")
            && printed.lines().last() == Some("8")
            && count(deployer, "select count(*) from pg_class where relname = 'tenants'").await == 0
    } else if point.contains("prints more than 0") {
        printed.trim().parse::<u32>().is_ok_and(|entries| entries > 0)
    } else if point.contains("were applied") {
        count(
            deployer,
            "select count(*) from pg_class where relkind = 'r' and relnamespace in ('public'::regnamespace, 'trust_private'::regnamespace)",
        )
        .await
            == 13
    } else if point.contains("have row-level security") || point.contains("assert a guard first") {
        // Of the compiler; `trust-schema check` above holds it, and step 7 asks the database.
        point.split(' ').next() == point.split(' ').nth(2)
    } else if point.contains(" runs at `") {
        // Where pg_cron is, tested by `cron`; without it a notice.
        printed.is_empty() || printed.lines().all(|line| line == "DO")
    } else if point.starts_with("Nothing is printed") {
        // This database has no pg_cron, and the monitor of the schedules rightly tells that none runs.
        printed.lines().eq(["phase1_retention|f|||0|", "phase1_upkeep|f|||0|"])
    } else {
        panic!("nobody knows how to carry out: {point}")
    };
    assert!(holds, "{point}: {printed}");
}

/// What a command in a point must show.
fn seen(point: &str, shown: &str) {
    let expected: &[&str] = match point {
        _ if point.contains("pg_extension") => &["pgcrypto", "extensions"],
        _ if point.contains("pg_roles") => &["anon", "authenticated", "service_role"],
        _ if point.contains("current_user") => &["sb_postgres"],
        _ if point.contains("DEPLOYMENT_LOG") => &["trust-lite deployed at 2"],
        _ if point.contains("DEPLOYMENT_METRICS") => METRICS,
        _ => &[],
    };
    for text in expected {
        assert!(shown.contains(text), "{point}: {text} in {shown}");
    }
}

/// The playbook's own document, with what is true.
const METRICS: &[&str] = &[
    "# trust-lite: deployment metrics",
    "## Tables: 13 of 13",
    "| public.tenants | 0 |",
    "| public.rate_limit_configs | 12 |",
    "## Functions: 50 of 50",
    "- public.issue_delegation_token_v1(text, text[], integer, uuid)\n",
    "- public.scope_definitions: 9 rows, of which the spec seeds 9",
    "- public.rate_limit_configs: 12 rows, of which the spec seeds 12",
    "track_functions",
];

async fn count(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.expect("a count").get(0)
}
