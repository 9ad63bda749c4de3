//! "Did you mean".

/// The known word nearest to `word`, where one is near enough to be a likely slip.
pub fn similar<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let folded = word.to_lowercase();
    known
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        // A third of the letters may differ: looser than that, suggestions mislead.
        .filter(|(distance, candidate)| *distance == 0 || *distance <= own_part(word, candidate).chars().count() / 3)
        .min_by(|a, b| a.cmp(b))
        .map(|(_, candidate)| candidate)
}

/// The candidate without the schema that both share: likeness of names is not likeness of schemas.
fn own_part<'k>(word: &str, candidate: &'k str) -> &'k str {
    match (word.rsplit_once('.'), candidate.rsplit_once('.')) {
        (Some((schema, _)), Some((other, name))) if schema == other => name,
        _ => candidate,
    }
}
