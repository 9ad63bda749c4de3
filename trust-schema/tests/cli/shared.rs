//! A folder with a project, the program, and a look at everything in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A project in a folder of its own.
pub struct Project {
    folder: TempDir,
}

impl Project {
    pub fn empty() -> Project {
        Project { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// What `init` writes for Supabase, with a version that does not depend on the time.
    pub fn first() -> Project {
        let project = Project::empty();
        project.write("supabase/config.toml", "project_id = \"shop\"\n");
        assert!(project.run(&["init"]).status.success());
        project.edit("spec/notes.toml", |text| {
            let start = text.find("\"2").expect("a version") + 1;
            format!("{}20260101000000{}", &text[..start], &text[start + 14..])
        });
        project
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a written file");
    }

    pub fn edit(&self, path: &str, change: impl FnOnce(String) -> String) {
        self.write(path, &change(self.read(path)));
    }

    /// The program, in the project's folder, with nothing of the environment of the tests.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trust-schema"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Exit code, stdout and stderr.
    pub fn outcome(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.run(arguments);
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    pub fn tree(&self) -> BTreeMap<String, String> {
        tree(self.folder.path())
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Everything in a folder: files with their bytes, symbolic links, folders.
pub fn tree(folder: &Path) -> BTreeMap<String, String> {
    fn add(root: &Path, folder: &Path, tree: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("beneath").to_string_lossy().into_owned();
            let kind = fs::symlink_metadata(&path).expect("metadata").file_type();
            if kind.is_dir() {
                tree.insert(format!("{name}/"), String::new());
                add(root, &path, tree);
            } else if kind.is_symlink() {
                tree.insert(name, format!("→ {}", fs::read_link(&path).expect("a link").display()));
            } else {
                tree.insert(name, String::from_utf8_lossy(&fs::read(&path).expect("bytes")).into_owned());
            }
        }
    }
    let mut all = BTreeMap::new();
    if folder.exists() {
        add(folder, folder, &mut all);
    }
    all
}
