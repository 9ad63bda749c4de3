//! Whole sessions, as they are seen.

use super::shared::Project;

/// Runs commands one after the other and writes down what they print.
fn session(project: &Project, commands: &[&[&str]]) -> String {
    let mut transcript = String::new();
    for arguments in commands {
        let (code, stdout, stderr) = project.outcome(arguments);
        transcript.push_str(&format!("$ trust-schema {}\n{stdout}", arguments.join(" ")));
        for line in stderr.lines() {
            transcript.push_str(&format!("2> {line}\n"));
        }
        transcript.push_str(&format!("exit {code}\n\n"));
    }
    transcript
}

#[test]
fn from_nothing_to_fresh_outputs_and_back() {
    let project = Project::empty();
    project.write("supabase/config.toml", "project_id = \"shop\"\n");
    let mut transcript = session(&project, &[&["check"], &["init"], &["init"]]);
    drop(project);
    let project = Project::first();
    transcript.push_str(&session(&project, &[&["generate"], &["generate"], &["check"]]));
    transcript.push_str("(the spec is edited)\n\n");
    project.edit("spec/notes.toml", |text| text.replace("between 1 and 2000", "between 1 and 500"));
    transcript.push_str(&session(&project, &[&["check"], &["check", "--lines", "4"], &["check", "--format", "concise"], &["generate"], &["check"]]));
    transcript.push_str("(the module gets another version)\n\n");
    project.edit("spec/notes.toml", |text| text.replace("20260101000000", "20260102000000"));
    transcript.push_str(&session(&project, &[&["check", "--format", "concise"], &["generate"]]));
    transcript.push_str("(an output is edited, another one removed)\n\n");
    project.edit("generated/rollback/full.sql", |text| text + "-- mine\n");
    std::fs::remove_file(project.path("generated/rollback/20260102000000_notes.sql")).expect("the rollback");
    transcript.push_str(&session(&project, &[&["check"], &["generate"], &["check"]]));
    insta::assert_snapshot!(transcript);
}

#[test]
fn errors_in_the_spec() {
    let project = Project::first();
    assert_eq!(project.outcome(&["generate"]).0, 0);
    project.edit("spec/notes.toml", |text| text.replace("execute = [\"authenticated\"]", "execute = [\"authenticatd\"]"));
    insta::assert_snapshot!(session(
        &project,
        &[&["check"], &["generate", "--format", "concise"], &["explain", "notes"], &["check", "--format", "json"]]
    ));
}

#[test]
fn explanations() {
    let project = Project::first();
    let commands: [&[&str]; 10] = [
        &["explain", "public.notes"],
        &["explain", "table", "notes"],
        &["explain", "add_note_v1"],
        &["explain", "notes.body"],
        &["explain", "assert_signed_in_v1"],
        &["explain", "notess"],
        &["explain", "unknown-role"],
        &["explain", "TS0024"],
        &["explain", "notes", "--format", "json"],
        &["explain"],
    ];
    insta::assert_snapshot!(session(&project, &commands));
}

#[test]
fn who_can_do_what() {
    let project = Project::first();
    assert_eq!(project.outcome(&["generate"]).0, 0);
    std::fs::copy(project.path("generated/access/access.json"), project.path("before.json")).expect("a copy");
    let against: &[&str] = &["access", "--against", "before.json"];
    let commands: [&[&str]; 7] = [
        &["access", "authenticated"],
        &["access", "public.notes", "--why"],
        &["access", "add_note_v1", "--format", "concise"],
        &["access", "authenticatd"],
        &["access", "--why", "--against", "before.json"],
        &["access", "--against", "nowhere.json"],
        against,
    ];
    let mut transcript = session(&project, &commands);
    transcript.push_str("(the function is opened to visitors)\n\n");
    project.edit("spec/notes.toml", |text| text.replace("execute = [\"authenticated\"]", "execute = [\"anon\", \"authenticated\"]"));
    transcript.push_str(&session(&project, &[against, &["access", "--against", "before.json", "--allow", "widening", "--format", "concise"]]));
    insta::assert_snapshot!(transcript);
}

#[test]
fn help_and_usage() {
    let project = Project::empty();
    insta::assert_snapshot!(session(
        &project,
        &[&["--help"], &["chek"], &["check", "--formt", "json"], &["generate", "--help"], &["pg", "install", "9"], &["--spec", "nowhere", "check"]]
    ));
}

#[test]
fn migrations_that_no_server_has_to_see() {
    let project = Project::empty();
    project.write("supabase/migrations/20240101000000_dump.sql", "\\restrict abc\ncreate table a (id int);\ncreate policy \"open;\n");
    project.write("supabase/migrations/20240101000000_dump.down.sql", "drop table a;\n");
    project.write("other/readme.md", "no SQL\n");
    std::fs::create_dir_all(project.path("latin")).expect("a folder");
    std::fs::write(project.path("latin/1.sql"), b"select '\xe4';\n").expect("a file");
    insta::assert_snapshot!(session(
        &project,
        &[
            &["lint", "--sql", "."],
            &["lint", "--sql", "supabase/migrations", "--format", "concise"],
            &["lint", "--sql", "supabase", "--format", "github"],
            &["lint", "--sql", "nowhere"],
            &["lint", "--sql", "other"],
            &["lint", "--sql", "latin"],
            &["lint", "--sql", "other", "--spec", "spec"],
            &["lint", "--postgres", "15"],
            &["lint", "--regime", "hardened"],
            &["lint", "--sql", "supabase", "--regime", "other"],
            &["lint", "--help"],
        ]
    ));
}

#[test]
fn what_has_one_safe_edit_is_mended() {
    let project = Project::first();
    project.edit("spec/notes.toml", |text| {
        text + "\n[table.tags]\nprimary_key = [\"tag_id\"]\n\n[table.tags.columns]\ntag_id  = \"uuid\"\nnote_id = { type = \"uuid\", references = \"notes\" }  # of which\nfacts   = \"json\"\n"
    });
    let before = project.read("spec/notes.toml");
    let mut transcript = session(&project, &[&["lint", "--format", "concise"], &["lint", "--fix", "--dry-run"]]);
    assert_eq!(project.read("spec/notes.toml"), before);
    transcript.push_str(&session(&project, &[&["lint", "--fix"], &["lint", "--fix"], &["lint", "--fix", "--dry-run", "--format", "json"]]));
    transcript.push_str(&session(&project, &[&["lint", "--dry-run"], &["lint", "--fix", "--sql", "."], &["generate", "--format", "concise"]]));
    insta::assert_snapshot!(transcript);
}

#[test]
fn a_plain_project_where_there_is_no_supabase() {
    let project = Project::empty();
    project.write("my shop/.keep", "");
    let transcript = session(&project, &[&["init", "my shop"]]);
    insta::assert_snapshot!(transcript + &project.read("my shop/spec/trust.toml"));
    let (code, stdout, stderr) = project.outcome(&["generate", "--spec", "my shop/spec"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(project.path("my shop/generated/rollback/full.sql").is_file());
}

#[test]
fn every_result_in_json_is_one_document() {
    let project = Project::first();
    let commands: [&[&str]; 8] = [
        &["check"],
        &["generate"],
        &["check"],
        &["explain", "notes"],
        &["explain", "--list"],
        &["explain", "TS0001"],
        &["explain", "nothing"],
        &["check", "--spec", "nowhere"],
    ];
    for command in commands {
        let (_, stdout, _) = project.outcome(&[command, &["--format", "json"]].concat());
        let document: serde_json::Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{command:?}: {error}\n{stdout}"));
        assert_eq!(document["format_version"], "1.1", "{command:?}");
    }
}

#[test]
fn the_project_is_found_from_a_folder_within_it() {
    let project = Project::first();
    project.write("deep/down/x", "");
    let output = project.command(&["generate", "--format", "concise"]).current_dir(project.path("deep/down")).output().expect("a run");
    assert!(output.status.success());
    assert!(super::shared::text(&output.stdout).contains("../../generated/rollback/full.sql"));
    assert!(project.path("generated/rollback/full.sql").is_file());
}

#[test]
fn colours_only_where_they_are_wanted() {
    let project = Project::first();
    assert!(!project.outcome(&["check"]).1.contains('\u{1b}'));
    assert!(project.outcome(&["check", "--color", "always"]).1.contains('\u{1b}'));
    let forced = project.command(&["check"]).env("CLICOLOR_FORCE", "1").output().expect("a run");
    assert!(forced.stdout.contains(&0x1b));
    let refused = project.command(&["check", "--color", "never"]).env("CLICOLOR_FORCE", "1").output().expect("a run");
    assert!(!refused.stdout.contains(&0x1b));
}

#[test]
fn completions_for_every_shell() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, stdout, _) = project.outcome(&["completions", shell]);
        assert!(code == 0 && stdout.contains("generate"), "{shell}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure_and_a_full_disk_is_one() {
    let project = Project::first();
    let mut child = project.command(&["explain", "--list"]).stdout(std::process::Stdio::piped()).spawn().expect("a run");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        let status = project.command(&["explain", "--list"]).stdout(full).stderr(std::process::Stdio::null()).status().expect("a run");
        assert_eq!(status.code(), Some(2));
    }
}

#[test]
fn what_leads_on_from_a_release() {
    let project = Project::first();
    let mut transcript = session(&project, &[&["plan"], &["release"], &["generate"], &["release"], &["plan"], &["check"]]);
    transcript.push_str("(a column is added, an index, a check; another column goes)\n\n");
    project.edit("spec/notes.toml", |text| {
        let text = text.replacen("\nbody ", "\ntitle      = { type = \"text\", nullable = true, comment = \"Above it.\" }\nbody ", 1);
        text + "\n[table.notes.index.notes_title_idx]\ncolumns = [\"title\"]\n\n[table.notes.check.title_is_short]\ncheck = \"length(title) < 80\"\n"
    });
    transcript.push_str(&session(&project, &[&["plan"]]));
    project.edit("spec/trust.toml", |text| text + "\n[release]\nmigration = \"20250101000000_titles\"\n");
    transcript.push_str(&session(&project, &[&["plan"]]));
    project.edit("spec/trust.toml", |text| text.replace("20250101000000_titles", "20260201000000_titles"));
    transcript.push_str(&session(
        &project,
        &[&["plan"], &["plan", "--sql"], &["plan", "--detailed-exitcode", "--format", "json"], &["generate"], &["check"]],
    ));
    transcript.push_str(&project.read("generated/rollback/20260201000000_titles.sql"));
    transcript.push_str("\n(a released file is edited)\n\n");
    let migration = "generated/migrations/20260101000000_notes.sql";
    let before = project.read(migration);
    project.edit(migration, |text| text + "-- mine\n");
    transcript.push_str(&session(&project, &[&["check"], &["generate"]]));
    project.write(migration, &before);
    transcript.push_str("(the lock is edited)\n\n");
    let lock = project.read("generated/release.lock");
    project.edit("generated/release.lock", |text| text.replace("20260101000000_notes\",\"summary", "20260101000001_notes\",\"summary"));
    transcript.push_str(&session(&project, &[&["check"]]));
    project.write("generated/release.lock", &lock);
    transcript.push_str("(what was added goes again)\n\n");
    transcript.push_str(&session(&project, &[&["release"], &["plan"]]));
    project.edit("spec/trust.toml", |text| text.replace("20260201000000_titles", "20260301000000_no_titles"));
    project.edit("spec/notes.toml", |text| {
        let text = text.split("\n[table.notes.index.notes_title_idx]").next().unwrap_or_default().to_owned();
        text.replace("title      = { type = \"text\", nullable = true, comment = \"Above it.\" }\n", "")
    });
    transcript.push_str(&session(&project, &[&["plan"]]));
    project.edit("spec/trust.toml", |text| text + "loses = [\"column public.notes.title\", \"table public.notes\"]\n");
    transcript.push_str(&session(&project, &[&["plan"]]));
    project.edit("spec/trust.toml", |text| text.replace(", \"table public.notes\"", ""));
    transcript.push_str(&session(&project, &[&["plan"], &["plan", "--format", "sarif"], &["generate"], &["release"]]));
    transcript.push_str("(a column gets another name: told of as a loss first)\n\n");
    project.edit("spec/trust.toml", |text| {
        text.replace("20260301000000_no_titles", "20260401000000_texts").replace("loses = [\"column public.notes.title\"]\n", "")
    });
    project.edit("spec/notes.toml", |text| {
        let text = text.replacen("\nbody       = { type = \"text\",", "\ncontent    = { type = \"text\",", 1);
        text.replace("length(btrim(body)) between", "length(btrim(content)) between")
            .replace("(author_id, body)", "(author_id, content)")
            .replace("(body)\n", "(content)\n")
            .replace("n.body", "n.content")
    });
    transcript.push_str(&session(&project, &[&["plan"]]));
    project.edit("spec/notes.toml", |text| {
        text.replacen("\ncontent    = { type = \"text\",", "\ncontent    = { type = \"text\", renamed_from = \"body\",", 1)
    });
    transcript.push_str(&session(&project, &[&["plan"], &["generate"], &["release"], &["check"]]));
    insta::assert_snapshot!(transcript);
}
