//! The text of the Rust output, for a spec of odd names, types and texts.

use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::{TokenStream, TokenTree};
use trust_schema::emit::Files;
use trust_schema::emit::model::Model;
use trust_schema::resolve::resolve;
use trust_schema::source::SourceFile;

use crate::spec;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rust_output/odd")
}

/// The modules that depend on the spec, but for `lib.rs`.
fn modules(files: &Files) -> impl Iterator<Item = (&str, &str)> {
    files.iter().filter(|(path, _)| !path.starts_with("src/support") && *path != "src/lib.rs")
}

#[test]
fn the_crate_of_odd_names_compiles_without_a_warning() {
    let root = spec::workspace();
    let crate_folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("odd_names");
    let write = |path: &str, text: &str| {
        let path = crate_folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        std::fs::write(path, text).expect("it is written");
    };
    for (path, text) in spec::rust(&folder()).iter() {
        write(path, text);
    }
    // The dependencies of the generated crate, and their versions. A workspace of its own, or it would belong to ours.
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("a file of the workspace");
    let (workspace, generated) = (read("Cargo.toml"), read("generated/Cargo.toml"));
    let names: Vec<&str> = section(&generated, "[dependencies]").lines().filter_map(|line| line.strip_suffix(".workspace = true")).collect();
    assert!(names.contains(&"tokio-postgres"), "{names:?}");
    let mut manifest = "[package]\nname = \"odd-names\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[lints.rust]\nwarnings = \"deny\"\n\n[dependencies]\n".to_owned();
    for line in section(&workspace, "[workspace.dependencies]").lines() {
        let name = line.split(" = ").next().unwrap_or_default();
        if name == "trust-macros" {
            manifest.push_str(&format!("trust-macros = {{ path = {:?} }}\n", root.join("trust-macros")));
        } else if names.contains(&name) {
            manifest.push_str(&format!("{line}\n"));
        }
    }
    write("Cargo.toml", &manifest);
    write("Cargo.lock", &read("Cargo.lock"));

    let mut check = Command::new(env!("CARGO"));
    check.args(["check", "--offline", "--quiet"]).current_dir(&crate_folder).env("CARGO_TARGET_DIR", crate_folder.join("target"));
    let output = check.output().expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The lines of a manifest between a heading and the next one.
fn section<'t>(manifest: &'t str, heading: &str) -> &'t str {
    let (_, rest) = manifest.split_once(heading).expect("the section is there");
    rest.split("\n[").next().unwrap_or_default()
}

#[test]
fn items_are_laid_out_as_prettyplease_does() {
    for folder in [folder(), spec::workspace().join("spec")] {
        for (path, text) in modules(&spec::rust(&folder)) {
            let file = syn::parse_file(text).expect(path);
            let head: String = text.lines().take_while(|line| line.starts_with("//!")).map(|line| format!("{line}\n")).collect();
            let items = file.items.into_iter().map(|item| {
                let one = syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] };
                format!("\n{}", prettyplease::unparse(&one))
            });
            similar(path, text, &(head + &items.collect::<String>()));
        }
    }
}

fn similar(path: &str, found: &str, expected: &str) {
    for (line, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{path}, line {}", line + 1);
    }
    assert_eq!(found.len(), expected.len(), "{path}");
}

/// The value of every string, doc comments included.
fn texts(tokens: TokenStream, found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => texts(group.stream(), found),
            TokenTree::Literal(_) => found.extend(syn::parse2::<syn::LitStr>(token.into()).ok().map(|literal| literal.value())),
            _ => {}
        }
    }
}

#[test]
fn hostile_texts_arrive_as_they_are() {
    let mut found = Vec::new();
    for (path, text) in modules(&spec::rust(&folder())) {
        texts(text.parse().expect(path), &mut found);
    }
    for expected in [
        "a\"b",
        "c\\d",
        "größe",
        "*/",
        "`",
        "Odd \"name\"",
        "\"quoted\"",
        "public.\"Crazy Table\"",
        " Is \"crazy\"; */",
        " has two lines.",
        " \"quotes\", */ \"# `code` {braces} \\ and a second line",
        " \"Hostile\" */ summary",
        " Named */ like a keyword.",
    ] {
        assert!(found.iter().any(|text| text == expected), "{expected:?}");
    }
}

#[test]
fn what_a_client_cannot_call_is_left_out() {
    let files = spec::rust(&folder());
    let functions = files.0.get("src/functions.rs").expect("the module is there");
    assert!(functions.contains("pub struct UsersOfOthers {}") && functions.contains("pub struct NoArguments {}"));
    assert!(!functions.contains("Hidden") && !functions.contains("InAClosedSchema"));
}

/// Compiles a module, and one of the schema `other`.
fn resolved(module: &str, other: &str) -> (Files, Vec<String>) {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let head = "[module]\nmigration = \"20260101000000_m\"\nsummary = \"s\"\n";
    let other = format!("[module]\nmigration = \"20260101000001_o\"\nsummary = \"s\"\nschema = \"other\"\n{other}");
    let project = "[project]\nname = \"p\"\nplatform = \"supabase\"\n[schema.other]\n";
    let resolved = resolve(vec![file("trust.toml", project), file("m.toml", &format!("{head}{module}")), file("other.toml", &other)]);
    let resolution = resolved.resolution.unwrap_or_else(|| panic!("{:#?}", resolved.diagnostics));
    let mut files = Files::default();
    let diagnostics = trust_schema::emit::rust::emit(&Model::new(&resolution), &mut files);
    let described = diagnostics.into_iter().map(|diagnostic| {
        assert_eq!(diagnostic.code.name, "name-collision");
        assert!(diagnostic.labels.is_empty() == diagnostic.message.starts_with("error"), "{diagnostic:#?}");
        diagnostic.message
    });
    (files, described.collect())
}

#[test]
fn names_that_collide_in_rust_are_reported() {
    let table = "[table.orders.columns]\n\"a b\" = \"int\"\na_b = \"int\"\n";
    for (module, expected) in [
        (table, "column `a_b` of `public.orders` and column `a b` of `public.orders` are both `a_b` in Rust"),
        ("[enum.e]\nvalues = [\"a\", \"A\"]\n", "value `A` of enum `public.e` and value `a` of enum `public.e` are both `A` in Rust"),
        (
            "[table.\"Orders\".columns]\na = \"int\"\n[table.orders.columns]\na = \"int\"\n",
            "table `public.orders` and table `public.\"Orders\"` are both `Orders` in Rust",
        ),
        (
            "[function.a]\nsummary = \"s\"\neffect = \"read\"\nexecute = [\"anon\"]\nreturns = { table = { x = \"int\" } }\nbody = \"begin return; end\"\n\
             [function.a_row]\nsummary = \"s\"\neffect = \"read\"\nexecute = [\"anon\"]\nbody = \"begin return; end\"\n",
            "function public.a_row() and the row of function public.a() are both `ARow` in Rust",
        ),
        (
            "[error.a_b]\nstatus = 400\nsummary = \"s\"\n[error.aB]\nstatus = 400\nsummary = \"s\"\n",
            "error `a_b` and error `aB` are both `AB` in Rust",
        ),
    ] {
        let (_, messages) = resolved(module, "");
        assert!(messages.iter().any(|message| message == expected), "{messages:?}");
    }
}

#[test]
fn a_name_of_two_schemas_has_its_schema_in_front() {
    let types = "[enum.e]\nvalues = [\"a\"]\n[domain.d]\ntype = \"int\"\n";
    let (files, messages) = resolved(types, &format!("{types}[table.t.columns]\nown = \"e\"\npublics = \"public.e\"\nd = \"d\"\n"));
    assert!(messages.is_empty(), "{messages:?}");
    let text = |path: &str| files.0.get(path).cloned().unwrap_or_default();
    for (field, ty) in [("own", "crate::enums::OtherE"), ("publics", "crate::enums::E"), ("d", "crate::types::OtherD")] {
        assert!(text("src/tables.rs").contains(&format!("pub {field}: {ty},")), "{field}");
    }
    assert!(text("src/enums.rs").contains("pub enum E {") && text("src/enums.rs").contains("pub enum OtherE {"));
    assert!(text("src/views.rs").lines().all(|line| line.starts_with("//!")), "an empty module is its head");
    assert!(text("src/functions.rs").lines().all(|line| line.starts_with("//!")));
}
