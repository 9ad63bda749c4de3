//! The order of names: that of `Intl.Collator("en")`, by which `supabase gen types` sorts (`collation.ts` of `@supabase/postgrest-typegen`).

use std::cmp::Ordering;
use std::sync::LazyLock;

use icu_collator::CollatorBorrowed;
use icu_collator::options::CollatorOptions;

/// The root collation of CLDR, which English does not change. None only if the library's own data were broken.
static COLLATOR: LazyLock<Option<CollatorBorrowed<'static>>> =
    LazyLock::new(|| CollatorBorrowed::try_new(Default::default(), CollatorOptions::default()).ok());

/// Compares two names; the order of code points decides between names that the collation holds equal.
pub fn compare(left: &str, right: &str) -> Ordering {
    collate(left, right).then_with(|| left.cmp(right))
}

/// Compares by the collation alone, as a first key of several.
pub fn collate(left: &str, right: &str) -> Ordering {
    COLLATOR.as_ref().map_or_else(|| left.cmp(right), |collator| collator.compare(left, right))
}

#[cfg(test)]
mod tests {
    use super::compare;

    /// As node 20 sorts them.
    #[test]
    fn names_are_ordered_as_in_english() {
        let mut names = vec!["b", "B", "a_b", "ab", "a-b", "Z", "é", "e", "f", "a1", "a10", "a2", "_a", "ä", "z", "a b", "aB"];
        names.sort_by(|left, right| compare(left, right));
        assert_eq!(names, ["_a", "ä", "a b", "a_b", "a-b", "a1", "a10", "a2", "ab", "aB", "b", "B", "e", "é", "f", "z", "Z"]);
    }
}
