//! Makes the edits that findings bring, and keeps those that mend what they are for and do nothing else.
//!
//! An edit is kept if the spec compiles with it, its finding is gone, nothing is found that was not found before, and nobody can do more than before.
//! Many are tried at once; where they do not pass together, halves of them are, until the ones that do not pass stand alone.

mod state;

use std::collections::BTreeSet;

use crate::compile;
use crate::diagnostic::{Diagnostic, Fix};
use crate::release::Released;
use crate::source::{FileId, SourceFile, Sources};
use state::State;

/// Edits may bring findings to light that have edits of their own: an end to what would never end.
const ROUNDS: usize = 12;

/// What was done.
pub struct Fixed {
    /// The spec as it is now, with all that is still found in it.
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
    /// Files that are others than before.
    pub changed: Vec<Changed>,
    /// What was mended.
    pub mended: Vec<Mended>,
    /// Edits that were tried and not kept, with why.
    pub kept_out: Vec<(Mended, String)>,
}

/// A file that is another one than before.
pub struct Changed {
    pub path: String,
    pub before: String,
    pub now: String,
}

/// A finding that has, or could have, been mended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mended {
    /// Where it stood when its edit was made.
    pub path: String,
    pub line: usize,
    pub code: &'static str,
    pub name: &'static str,
    pub message: String,
}

/// A finding by what stays the same when others move.
type Key = (&'static str, String);

fn key(diagnostic: &Diagnostic) -> Key {
    (diagnostic.code.id, diagnostic.message.clone())
}

/// Mends what has exactly one safe edit.
pub fn fix(files: Vec<SourceFile>, released: Option<Released>) -> Fixed {
    let before = files.clone();
    let mut run = Run { released, mended: Vec::new(), kept_out: Vec::new() };
    let mut state = State::of(files, run.released.clone());
    for _ in 0..ROUNDS {
        let keys = run.candidates(&state);
        if keys.is_empty() {
            break;
        }
        state = run.attempt(state, &keys);
    }
    // Outputs are not made at each attempt.
    if !run.mended.is_empty() && compiles(&before, &run.released) && !compiles(&state.files, &run.released) {
        let why = "together the edits make a spec that does not compile".to_owned();
        run.kept_out.extend(run.mended.drain(..).map(|mended| (mended, why.clone())));
        state = State::of(before.clone(), run.released.clone());
    }
    let Run { mut mended, mut kept_out, .. } = run;
    mended.sort();
    kept_out.sort();
    let changed = before.into_iter().zip(&state.files).filter(|(old, new)| old.text != new.text);
    let changed = changed.map(|(old, new)| Changed { path: old.path, before: old.text, now: new.text.clone() }).collect();
    Fixed { sources: state.sources, diagnostics: state.diagnostics, changed, mended, kept_out }
}

struct Run {
    released: Option<Released>,
    mended: Vec<Mended>,
    kept_out: Vec<(Mended, String)>,
}

impl Run {
    /// The findings to mend in this round: of edits that touch each other only the first.
    fn candidates(&self, state: &State) -> Vec<Key> {
        let tried: BTreeSet<Key> = self.kept_out.iter().map(|(mended, _)| (mended.code, mended.message.clone())).collect();
        let mut taken: Vec<&Fix> = Vec::new();
        let mut keys = Vec::new();
        for diagnostic in &state.diagnostics {
            let Some(fix) = diagnostic.fix.as_ref().filter(|fix| fix.is_safe) else { continue };
            let own = key(diagnostic);
            if !tried.contains(&own) && !keys.contains(&own) && !taken.iter().any(|other| touch(other, fix)) {
                taken.push(fix);
                keys.push(own);
            }
        }
        keys
    }

    /// Makes the edits of these findings; where they do not pass, each half of them.
    fn attempt(&mut self, state: State, keys: &[Key]) -> State {
        // The same may be said of several places: they are mended together.
        let mut targets: Vec<(&Diagnostic, &Fix)> = Vec::new();
        for diagnostic in state.diagnostics.iter().filter(|diagnostic| keys.contains(&key(diagnostic))) {
            if let Some(fix) = diagnostic.fix.as_ref().filter(|fix| fix.is_safe && !targets.iter().any(|(_, other)| touch(other, fix))) {
                targets.push((diagnostic, fix));
            }
        }
        if targets.is_empty() {
            return state;
        }
        let told: Vec<Mended> = targets.iter().map(|(diagnostic, fix)| mended(diagnostic, fix, &state.sources)).collect();
        let after = State::of(edited(&state.files, &state.sources, &targets), self.released.clone());
        match state.refuses(&after, &targets) {
            None => {
                self.mended.extend(told);
                after
            }
            Some(why) if keys.len() == 1 => {
                self.kept_out.extend(told.into_iter().map(|mended| (mended, why.clone())));
                state
            }
            Some(_) => {
                let (first, second) = keys.split_at(keys.len() / 2);
                let state = self.attempt(state, first);
                self.attempt(state, second)
            }
        }
    }
}

/// Whether two edits share a byte, or an end.
fn touch(a: &Fix, b: &Fix) -> bool {
    let near = |one: crate::source::Span, other: crate::source::Span| one.file == other.file && one.start <= other.end && other.start <= one.end;
    a.patches.iter().any(|one| b.patches.iter().any(|other| near(one.span, other.span)))
}

fn mended(diagnostic: &Diagnostic, fix: &Fix, sources: &Sources) -> Mended {
    let place = diagnostic.labels.first().map(|label| label.span).or_else(|| fix.patches.first().map(|patch| patch.span));
    Mended {
        path: place.map(|span| sources.get(span.file).path.clone()).unwrap_or_default(),
        line: place.map_or(0, |span| sources.position(span).line),
        code: diagnostic.code.id,
        name: diagnostic.code.name,
        message: diagnostic.message.clone(),
    }
}

/// The files with the edits of these findings made.
fn edited(files: &[SourceFile], sources: &Sources, targets: &[(&Diagnostic, &Fix)]) -> Vec<SourceFile> {
    let mut patches: Vec<_> = targets.iter().flat_map(|(_, fix)| &fix.patches).collect();
    // From behind, so that places in front stay what they are; of two at one place the first comes first.
    patches.sort_by_key(|patch| (patch.span.start, patch.span.end));
    let path = |file: FileId| sources.get(file).path.as_str();
    let mut files = files.to_vec();
    for file in &mut files {
        for patch in patches.iter().rev().filter(|patch| path(patch.span.file) == file.path) {
            if file.text.get(patch.span.range()).is_some() {
                file.text.replace_range(patch.span.range(), &patch.replacement);
            }
        }
    }
    files
}

fn compiles(files: &[SourceFile], released: &Option<Released>) -> bool {
    compile::compile_after(files.to_vec(), released.clone()).outputs.is_some()
}
