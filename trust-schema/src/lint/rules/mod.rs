//! The rules: one file each, and one line in the list of its group.

pub(crate) mod shared;

mod access;
mod api;
mod database;
mod functions;
mod names;
mod pending;
mod performance;
mod policies;
mod schema;
mod secrets;

use super::Rule;

/// Rules about one subject.
pub struct Group {
    pub title: &'static str,
    pub rules: &'static [&'static Rule],
}

/// Every group, in the order of the codes of its rules.
pub static GROUPS: &[&Group] = &[
    &access::GROUP,
    &policies::GROUP,
    &performance::GROUP,
    &functions::GROUP,
    &schema::GROUP,
    &secrets::GROUP,
    &api::GROUP,
    &names::GROUP,
    &database::GROUP,
    &pending::GROUP,
];

/// Every rule, in the order of the codes.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().flat_map(|group| group.rules.iter().copied())
}
