//! Modules beside a fixed project; a line `%%%%` divides the text into files. Whatever compiles emits SQL that lexes.

#![cfg_attr(feature = "libfuzzer", no_main)]

use trust_schema::diagnostic::render;
use trust_schema::emit::{Files, sql};
use trust_schema::resolve::resolve;
use trust_schema::source::SourceFile;
use trust_schema::sql::lexer;

const PROJECT: &str = "[project]\nname = 'a'\nplatform = 'supabase'\nprivate_schema = 'p'\n[schema.p]\n";

fn run(text: &str) {
    let project = SourceFile { path: "trust.toml".to_owned(), text: PROJECT.to_owned() };
    let modules = text.split("\n%%%%\n").enumerate().map(|(index, text)| SourceFile { path: format!("{index}.toml"), text: text.to_owned() });
    let resolved = resolve(std::iter::once(project).chain(modules).collect());
    for diagnostic in &resolved.diagnostics {
        let _ = render::full::render(diagnostic, &resolved.sources, "spec", render::full::Style::Plain);
        let _ = render::concise::render(diagnostic, &resolved.sources, "spec");
    }
    let Some(resolution) = &resolved.resolution else { return };
    let surroundings = sql::Surroundings::new(resolution, &resolved.sources);
    let mut files = Files::default();
    sql::migration::emit(&surroundings, &mut files);
    sql::rollback::emit(&surroundings, &mut files);
    for (path, text) in files.iter() {
        assert!(lexer::lex(text).errors.is_empty(), "{path} does not lex");
    }
}

trust_schema_fuzz::target!(run);
