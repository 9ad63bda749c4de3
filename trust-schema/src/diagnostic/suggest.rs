//! "Did you mean".

/// The known word nearest to `word`, where one is near enough to be a likely slip.
pub fn similar<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let folded = word.to_lowercase();
    known
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        // A third of the letters may differ: looser than that, suggestions mislead.
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min_by(|a, b| a.cmp(b))
        .map(|(_, candidate)| candidate)
}
