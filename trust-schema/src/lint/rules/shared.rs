//! What the files of rules use.

use std::collections::BTreeSet;

pub(super) use crate::catalog::{Id, Object, QualifiedName};
pub(super) use crate::kinds::Kind;
pub(super) use crate::kinds::function::{Returns, Security, Volatility};
pub(super) use crate::kinds::grant::Privilege;
pub(super) use crate::kinds::policy::Command;
pub(super) use crate::lint::context::{PolicyView, TableView};
pub(super) use crate::lint::edit::{Edit, Rewrite, rewrite};
pub(super) use crate::lint::expression::Tree;
pub(super) use crate::lint::rule::rule;
pub(super) use crate::lint::words;
pub(super) use crate::lint::{Context, Findings};

/// The rules of a group, one line each.
macro_rules! group {
    ($title:literal; $($rule:ident),* $(,)?) => {
        $(mod $rule;)*

        /// What the group is about, and its rules in the order of their codes.
        pub static GROUP: $crate::lint::rules::Group = $crate::lint::rules::Group { title: $title, rules: &[$(&$rule::RULE),*] };
    };
}

pub(crate) use group;

/// `anon`, `authenticated`: in backticks.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The columns of a policy's table that it compares, by equality, with who is calling.
pub(super) fn caller_columns<'p>(policy: &'p PolicyView<'_>) -> BTreeSet<&'p str> {
    let pairs = policy.trees().flat_map(Tree::equalities);
    pairs.filter(|(_, other)| other.reads_session() && !other.reads_row()).filter_map(|(side, _)| side.as_column()).collect()
}

/// The rows of a table that another one names: whether a part of a name is among these words.
pub(super) fn has_part(name: &str, wanted: &[&str]) -> bool {
    words::parts(name).iter().any(|part| wanted.contains(&part.as_str()))
}

/// `count_notes` and 1, of `count_notes_v1`.
pub(super) fn version(name: &str) -> Option<(&str, u32)> {
    let (base, number) = name.rsplit_once("_v")?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    number.parse().ok().filter(|_| digits && !base.is_empty()).map(|number| (base, number))
}
