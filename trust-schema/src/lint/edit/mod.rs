//! The one edit of a spec that mends a finding: what it does to an object, and where that stands in the text.

mod document;
mod place;
pub(crate) mod rewrite;

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::catalog::Id;
use crate::diagnostic::Patch;
use crate::resolve::Origins;
use crate::source::{FileId, Sources};
use document::Document;

/// What is done to the spec.
#[derive(Debug, Clone)]
pub enum Edit {
    /// A key of the object, which is there, gets another value, which is a text.
    Set { object: Id, key: &'static str, value: String },
    /// A key of the object goes.
    Unset { object: Id, key: &'static str },
    /// The object goes, with everything that is written of it.
    Remove { object: Id },
    /// A table gets an index.
    AddIndex { table: Id, columns: Vec<String> },
    /// SQL texts of the object are written another way: those under these keys, from the object on, with a dot in between.
    Rewrite { object: Id, keys: &'static [&'static str], rewrite: Rewrite },
}

/// Another way to write a text.
#[derive(Debug, Clone)]
pub enum Rewrite {
    /// One of those that [`rewrite`] has.
    Each(fn(&str) -> Vec<rewrite::Replacement>),
    /// The only place where it says `old` says `new`.
    Only { old: String, new: String },
}

impl Edit {
    /// The object whose conditions may be others afterwards, if that is what it does.
    pub fn changes_conditions_of(&self) -> Option<&Id> {
        match self {
            Edit::Rewrite { object, .. } | Edit::Unset { object, .. } => Some(object),
            Edit::Set { .. } | Edit::Remove { .. } | Edit::AddIndex { .. } => None,
        }
    }
}

/// Finds where edits belong in the texts of a spec. Reads each file once, and only those that are to be edited.
pub struct Editor<'e> {
    sources: &'e Sources,
    origins: &'e Origins,
    documents: RefCell<FxHashMap<FileId, Option<Rc<Document>>>>,
}

impl<'e> Editor<'e> {
    pub fn new(sources: &'e Sources, origins: &'e Origins) -> Editor<'e> {
        Editor { sources, origins, documents: RefCell::default() }
    }

    /// The replacements that make all of these edits; none where one of them has no place in what the author wrote: what a template or the
    /// compiler adds, or what is written in a form that the edit does not know.
    pub fn patches(&self, edits: &[Edit]) -> Option<Vec<Patch>> {
        let mut patches = Vec::new();
        for edit in edits {
            patches.extend(self.edit(edit).filter(|patches| !patches.is_empty())?);
        }
        Some(patches)
    }

    /// The replacements that remove what begins at a place, a table of an array: `[[lint.waiver]]`.
    pub fn removal(&self, span: crate::source::Span) -> Option<Vec<Patch>> {
        let document = self.document(span.file)?;
        Some(vec![self.patch(span.file, document.remove(document.at(span.range())?)?)])
    }

    fn edit(&self, edit: &Edit) -> Option<Vec<Patch>> {
        let object = match edit {
            Edit::Set { object, .. } | Edit::Unset { object, .. } | Edit::Remove { object } | Edit::Rewrite { object, .. } => object,
            Edit::AddIndex { table, .. } => table,
        };
        let span = self.origins.get(object)?.span;
        let document = self.document(span.file)?;
        let node = document.at(span.range())?;
        let one = |replacement| Some(vec![self.patch(span.file, replacement)]);
        match edit {
            Edit::Set { key, value, .. } => one(document.set(node, key, value)?),
            Edit::Unset { key, .. } => one(document.unset(node, key)?),
            Edit::Remove { .. } => one(document.remove(node)?),
            Edit::AddIndex { columns, .. } => one(document.add_index(node, columns)?),
            Edit::Rewrite { keys, rewrite, .. } => {
                let texts = keys.iter().filter_map(|key| self.text(span.file, &document, node, key));
                let rewritten = texts.map(|(file, start, text)| {
                    let replacements = rewrite.of(&text);
                    replacements.into_iter().map(move |(range, text)| (file, (start + range.start..start + range.end, text)))
                });
                Some(rewritten.flatten().map(|(file, replacement)| self.patch(file, replacement)).collect())
            }
        }
    }

    /// The text under a key as it is written, with the file and the byte where it begins: a string without escapes, or a file that is named there.
    fn text(&self, file: FileId, document: &Document, node: document::Place, key: &str) -> Option<(FileId, usize, String)> {
        let place = document.below(node, key)?;
        if let Some((start, text)) = document.plain_text(place) {
            return Some((file, start, text.to_owned()));
        }
        let (_, path) = document.plain_text(document.below(place, "file")?)?;
        let (file, source) = self.sources.find(path)?;
        Some((file, 0, source.text.clone()))
    }

    fn document(&self, file: FileId) -> Option<Rc<Document>> {
        let mut documents = self.documents.borrow_mut();
        documents.entry(file).or_insert_with(|| Document::read(&self.sources.get(file).text).map(Rc::new)).clone()
    }

    fn patch(&self, file: FileId, (range, replacement): rewrite::Replacement) -> Patch {
        Patch { span: crate::source::Span::new(file, range), replacement }
    }
}

impl Rewrite {
    fn of(&self, text: &str) -> Vec<rewrite::Replacement> {
        match self {
            Rewrite::Each(rewrite) => rewrite(text),
            Rewrite::Only { old, new } => {
                let mut places = text.match_indices(old.as_str());
                match (places.next(), places.next()) {
                    (Some((start, _)), None) => vec![(start..start + old.len(), new.clone())],
                    _ => Vec::new(),
                }
            }
        }
    }
}
