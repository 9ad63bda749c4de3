//! Templates: columns with which several tables of a file end.

use std::collections::BTreeMap;

use super::file::File;

/// The fewest tables for which a template is made.
const TABLES: usize = 3;

/// Finds the last two columns that most tables of a file share and makes a template of them, where it is exact: the tables then have the same
/// columns in the same order.
pub fn recognise(file: &mut File, name: &str) {
    let lines: Vec<&str> = file.text.split_inclusive('\n').collect();
    let mut offsets = Vec::with_capacity(lines.len());
    let mut offset = 0;
    for line in &lines {
        offsets.push(offset);
        offset += line.len();
    }
    // A text of several lines is no structure, whatever its lines look like.
    let mut inside = vec![false; lines.len()];
    let mut within = false;
    for (place, line) in lines.iter().enumerate() {
        inside[place] = within;
        let marks = line.matches("'''").count();
        if marks > 1 || (marks == 1 && !line.trim_end().ends_with("'''")) {
            return;
        }
        within ^= marks == 1;
    }
    // Lines of the columns of each table.
    let mut tables: Vec<(usize, usize, usize)> = Vec::new();
    let mut head = 0;
    let mut place = 0;
    while place < lines.len() {
        if inside[place] {
            place += 1;
            continue;
        }
        let line = lines[place].trim_end();
        if line.starts_with("[table.") && line.ends_with(".columns]") {
            let start = place + 1;
            let mut end = start;
            while end < lines.len() && !lines[end].trim_end().is_empty() && !lines[end].starts_with('[') {
                end += 1;
            }
            tables.push((head, start, end));
            place = end;
            continue;
        }
        if line.starts_with("[table.") {
            head = place;
        }
        place += 1;
    }
    let ending = |(_, start, end): &(usize, usize, usize)| (end - start > 2).then(|| (plain(lines[end - 2]), plain(lines[end - 1])));
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    tables.iter().filter_map(ending).for_each(|pair| *counts.entry(pair).or_default() += 1);
    // Keys and references are of one table: their names hold its name.
    let shared = |text: &str| ![" unique = ", " references = ", " one_of = ", "'''"].iter().any(|word| text.contains(word));
    let Some(((first, second), count)) =
        counts.into_iter().filter(|((first, second), _)| shared(first) && shared(second)).max_by_key(|(_, count)| *count)
    else {
        return;
    };
    if count < TABLES {
        return;
    }
    let template =
        if first.starts_with("created_at") && second.starts_with("updated_at") { format!("{name}_timestamps") } else { format!("{name}_shared") };
    let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    for table in &tables {
        if ending(table).is_none_or(|pair| pair != (first.clone(), second.clone())) {
            continue;
        }
        let (head, _, end) = *table;
        let after = offsets[head] + lines[head].len();
        edits.push((after..after, format!("templates = [{}]\n", crate::spec::toml::string(&template))));
        edits.push((offsets[end - 2]..offsets[end - 1] + lines[end - 1].len(), String::new()));
    }
    let text = format!("\n[template.{}.columns]\n{first}\n{second}\n", crate::spec::toml::key(&template));
    edits.push((0..0, text));
    apply(file, edits);
}

/// A line without the spaces that align it.
fn plain(line: &str) -> String {
    match line.trim_end().split_once('=') {
        Some((key, value)) => format!("{} ={value}", key.trim_end()),
        None => line.trim_end().to_owned(),
    }
}

/// Replaces ranges; what parts of the file are about moves along.
fn apply(file: &mut File, mut edits: Vec<(std::ops::Range<usize>, String)>) {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut text = String::with_capacity(file.text.len());
    let mut copied = 0;
    let mut moves: Vec<(usize, i64)> = Vec::new();
    let mut moved = 0_i64;
    for (range, new) in edits {
        text.push_str(file.text.get(copied..range.start).unwrap_or_default());
        text.push_str(&new);
        copied = range.end;
        moved += new.len() as i64 - range.len() as i64;
        moves.push((range.start, moved));
    }
    text.push_str(file.text.get(copied..).unwrap_or_default());
    let shift = |byte: usize| {
        let by = moves.iter().rev().find(|(start, _)| *start < byte).map_or(0, |(_, by)| *by);
        usize::try_from(byte as i64 + by).unwrap_or_default()
    };
    for (range, _) in &mut file.parts {
        *range = shift(range.start)..shift(range.end);
    }
    file.text = text;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_three_tables_end_with_is_a_template() {
        let table = |name: &str| {
            format!(
                "\n[table.{name}]\nprimary_key = [\"id\"]\n\n[table.{name}.columns]\nid         = \"uuid\"\ncreated_at = \"date\"\nupdated_at = \"date\"\n"
            )
        };
        let text = ["a", "b", "c"].map(table).concat();
        let at = text.find("[table.c]").unwrap();
        let mut file = File { parts: vec![(at..text.len(), 7)], text };
        recognise(&mut file, "app");
        assert!(file.text.starts_with("\n[template.app_timestamps.columns]\ncreated_at = \"date\"\nupdated_at = \"date\"\n"), "{}", file.text);
        assert_eq!(file.text.matches("templates = [\"app_timestamps\"]").count(), 3);
        assert_eq!(file.text.matches("created_at").count(), 1);
        assert_eq!(file.at(file.text.find("[table.c]").unwrap()), [7]);
    }
}
