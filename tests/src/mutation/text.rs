//! Weakenings of the text of a spec: what somebody may write by mistake.

use trust_schema::source::SourceFile;

use super::Mutant;

/// An operator that replaces one text by another, wherever it occurs.
const REPLACEMENTS: [(&str, &str, &str); 12] = [
    ("null-blind comparison", "is distinct from", "<>"),
    ("wider role of a policy", "to      = [\"authenticated\"]", "to      = [\"anon\"]"),
    ("policy for everybody", "to      = [\"authenticated\"]", "to      = [\"public\"]"),
    ("execute for anon", "= [\"service_role\"]", "= [\"service_role\", \"anon\"]"),
    ("execute for everybody signed in", "= [\"service_role\"]", "= [\"service_role\", \"authenticated\"]"),
    ("write access of the signed in", "authenticated = [\"select\"]", "authenticated = [\"select\", \"insert\", \"update\", \"delete\"]"),
    ("read access of anon", "authenticated = [\"select\"]", "authenticated = [\"select\"], anon = [\"select\"]"),
    ("dropped uniqueness", "unique = true", "unique = false"),
    ("dropped not null", "type = \"uuid\",", "type = \"uuid\", nullable = true,"),
    ("swallowed exception", "raise sqlstate", "null; -- raise sqlstate"),
    ("widened conjunction", "\n      and ", "\n      or "),
    ("definer made invoker", "security = \"definer\"", "security = \"invoker\""),
];

/// Keys whose line is dropped.
const DROPPED: [(&str, &str); 7] = [
    ("dropped guard", "guard"),
    ("dropped append-only", "append_only"),
    ("dropped policy expression", "using"),
    ("dropped with check", "check"),
    ("dropped condition of an index", "where"),
    ("dropped forcing", "force_row_level_security"),
    ("dropped assertion", "perform "),
];

/// Every mutant of the files, in their order.
pub fn mutants(files: &[SourceFile]) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (file, source) in files.iter().enumerate() {
        let mut add = |operator: &'static str, start: usize, end: usize, by: &str| {
            let mut changed = files.to_vec();
            let line = source.text[..start].lines().count().max(1);
            if let (Some(target), Some(before), Some(after)) = (changed.get_mut(file), source.text.get(..start), source.text.get(end..)) {
                target.text = format!("{before}{by}{after}");
                let what = source.text[start..end].trim().lines().next().unwrap_or_default().to_owned();
                mutants.push(Mutant { operator, place: format!("{}:{line}: {what}", source.path), files: changed });
            }
        };
        for (operator, from, to) in REPLACEMENTS {
            for (start, _) in source.text.match_indices(from) {
                add(operator, start, start + from.len(), to);
            }
        }
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            let end = start + line.len();
            for (operator, key) in DROPPED {
                let rest = line.trim_start().strip_prefix(key);
                let is_whole = line.trim_end().ends_with([';', '}', ']', '"', 'e']);
                if is_whole && rest.is_some_and(|rest| key.ends_with(' ') || rest.trim_start().starts_with('=')) {
                    add(operator, start, end, "");
                }
            }
            if line.trim_start().starts_with("perform ") && line.trim_end().ends_with(';') {
                let wrapped = format!("  begin {} exception when others then null; end;\n", line.trim());
                add("swallowed assertion", start, end, &wrapped);
            }
            start = end;
        }
        // A policy is a section: dropped whole.
        for (start, _) in source
            .text
            .match_indices("[table.")
            .filter(|(start, _)| source.text[*start..].lines().next().is_some_and(|line| line.contains(".policy.")))
        {
            let end = source.text[start..].find("\n\n").map_or(source.text.len(), |length| start + length);
            add("dropped policy", start, end, "");
        }
    }
    mutants
}
