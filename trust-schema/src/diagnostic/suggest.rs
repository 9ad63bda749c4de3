//! "Did you mean".

/// The known word nearest to `word`, where one is near enough to be a likely slip.
pub fn similar<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let folded = word.to_lowercase();
    let letters = self::letters(&folded);
    known
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| {
            // A third of the letters may differ: looser than that, suggestions mislead.
            let allowed = own_part(word, candidate).chars().count() / 3;
            let lower = candidate.to_lowercase();
            if apart(letters.as_ref(), self::letters(&lower).as_ref()) > allowed {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&folded, &lower);
            (distance <= allowed).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// How often each letter stands in a word of ASCII.
fn letters(word: &str) -> Option<[u8; 64]> {
    let mut counts = [0_u8; 64];
    for byte in word.bytes() {
        let count = &mut counts[usize::from(byte % 64)];
        *count = count.saturating_add(1);
    }
    word.is_ascii().then_some(counts)
}

/// At most the distance of the words of these letters, and found much faster: an edit adds at most one letter and takes at most one away.
fn apart(left: Option<&[u8; 64]>, right: Option<&[u8; 64]>) -> usize {
    let (Some(left), Some(right)) = (left, right) else { return 0 };
    let missing = |of: &[u8; 64], from: &[u8; 64]| of.iter().zip(from).map(|(a, b)| usize::from(a.saturating_sub(*b))).sum::<usize>();
    missing(left, right).max(missing(right, left))
}

/// The candidate without the schema that both share: likeness of names is not likeness of schemas.
fn own_part<'k>(word: &str, candidate: &'k str) -> &'k str {
    match (word.rsplit_once('.'), candidate.rsplit_once('.')) {
        (Some((schema, _)), Some((other, name))) if schema == other => name,
        _ => candidate,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_are_never_nearer_than_their_letters(left in "[a-zA-Z_é]{0,12}", right in "[a-zA-Z_é]{0,12}") {
            let apart = apart(letters(&left).as_ref(), letters(&right).as_ref());
            prop_assert!(apart <= strsim::damerau_levenshtein(&left, &right), "{left} {right} {apart}");
        }
    }
}
