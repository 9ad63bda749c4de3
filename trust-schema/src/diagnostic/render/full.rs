//! For people: source lines with carets, as rustc prints them.

use std::collections::BTreeSet;

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, Sources};

/// Whether the output carries terminal colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Coloured,
}

/// Renders one diagnostic; `folder` is put before the paths of files.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, folder: &str, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.render(&groups(diagnostic, sources, folder))
}

fn groups<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources, folder: &str) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.id);
    let mut group = title.elements(Vec::<annotate_snippets::Element<'a>>::new());
    let mut files: Vec<FileId> = Vec::new();
    for label in &diagnostic.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    for file in files {
        let source = sources.get(file);
        let mut snippet = Snippet::source(source.text.as_str()).path(path(folder, &source.path));
        for (index, label) in diagnostic.labels.iter().enumerate().filter(|(_, label)| label.span.file == file) {
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(label.span.range());
            snippet = snippet.annotation(match label.text.as_str() {
                "" => annotation,
                text => annotation.label(text),
            });
        }
        group = group.element(snippet);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let mut groups = vec![group];
    let patches = diagnostic.fix.iter().flat_map(|fix| &fix.patches);
    let patched: BTreeSet<FileId> = patches.clone().map(|patch| patch.span.file).collect();
    for file in patched {
        let source = sources.get(file);
        let own = patches.clone().filter(|patch| patch.span.file == file);
        let snippet = Snippet::source(source.text.as_str()).path(path(folder, &source.path));
        groups.push(
            Level::HELP
                .secondary_title("write")
                .element(own.fold(snippet, |snippet, patch| snippet.patch(Patch::new(patch.span.range(), patch.replacement.as_str())))),
        );
    }
    groups
}

fn path(folder: &str, file: &str) -> String {
    if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") }
}
