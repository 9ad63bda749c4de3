//! Slips of a hand in the files of a spec.

use proptest::prelude::*;
use trust_schema::source::SourceFile;

/// One slip; numbers choose the place, modulo what there is.
#[derive(Debug, Clone)]
pub enum Mutation {
    DeleteLine(usize, usize),
    DoubleLine(usize, usize),
    SwapLines(usize, usize, usize),
    DeleteWord(usize, usize),
    SwapWords(usize, usize, usize),
    Insert(usize, usize, String),
}

/// One to three slips.
pub fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let n = || 0_usize..1_000_000;
    let one = prop_oneof![
        4 => (n(), n()).prop_map(|(file, line)| Mutation::DeleteLine(file, line)),
        2 => (n(), n()).prop_map(|(file, line)| Mutation::DoubleLine(file, line)),
        2 => (n(), n(), n()).prop_map(|(file, a, b)| Mutation::SwapLines(file, a, b)),
        1 => (n(), n()).prop_map(|(file, word)| Mutation::DeleteWord(file, word)),
        1 => (n(), n(), n()).prop_map(|(file, a, b)| Mutation::SwapWords(file, a, b)),
        1 => (n(), n(), ".{1,3}").prop_map(|(file, place, text)| Mutation::Insert(file, place, text)),
    ];
    prop::collection::vec(one, 1..3)
}

/// The files with the slips in them.
pub fn apply(files: &[SourceFile], mutations: &[Mutation]) -> Vec<SourceFile> {
    let mut files = files.to_vec();
    let count = files.len().max(1);
    for mutation in mutations {
        let (Mutation::DeleteLine(file, ..)
        | Mutation::DoubleLine(file, ..)
        | Mutation::SwapLines(file, ..)
        | Mutation::DeleteWord(file, ..)
        | Mutation::SwapWords(file, ..)
        | Mutation::Insert(file, ..)) = mutation;
        if let Some(file) = files.get_mut(file % count) {
            file.text = change(&file.text, mutation);
        }
    }
    files
}

fn change(text: &str, mutation: &Mutation) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut words: Vec<&str> = text.split_inclusive([' ', '\n', '"', ',', '(', ')']).collect();
    let (line_count, word_count) = (lines.len().max(1), words.len().max(1));
    match mutation {
        Mutation::DeleteLine(_, line) => {
            lines.remove(line % line_count);
            lines.concat()
        }
        Mutation::DoubleLine(_, line) => {
            lines.insert(line % line_count, lines[line % line_count]);
            lines.concat()
        }
        Mutation::SwapLines(_, a, b) => {
            lines.swap(a % line_count, b % line_count);
            lines.concat()
        }
        Mutation::DeleteWord(_, word) => {
            words.remove(word % word_count);
            words.concat()
        }
        Mutation::SwapWords(_, a, b) => {
            words.swap(a % word_count, b % word_count);
            words.concat()
        }
        Mutation::Insert(_, place, inserted) => {
            let mut place = place % (text.len() + 1);
            while !text.is_char_boundary(place) {
                place -= 1;
            }
            format!("{}{inserted}{}", &text[..place], &text[place..])
        }
    }
}
