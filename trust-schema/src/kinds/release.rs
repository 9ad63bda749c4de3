//! `[release]` of `trust.toml`: what comes after a release.

use trust_macros::Spec;

use crate::spec::{SqlText, Text, Words};

/// The migration that leads on from what has been released.
#[derive(Debug, Clone, Default, Spec)]
pub struct ReleaseSpec {
    /// Its file name, without `.sql`: `<yyyymmddhhmmss>_<name>`, behind the last one that was released. Where it takes more than one transaction,
    /// the further files count on from it.
    pub migration: Option<Text>,
    /// What it is for, in one sentence.
    pub summary: Option<Text>,
    /// What it destroys, and columns and domains whose values lose something in their new type, as `plan` names them: `column public.t.a`.
    /// Whatever else would be lost is refused.
    #[spec(default)]
    pub loses: Words,
    /// Functions whose callers it breaks: `function public.f_v1(uuid)`. Every other change that a caller would notice is refused.
    #[spec(default)]
    pub breaks: Words,
    /// Values that a rollback gives to columns that the migration destroys.
    #[spec(default)]
    pub restores: Vec<RestoreSpec>,
}

/// What a rollback puts into a column that it brings back.
#[derive(Debug, Clone, Spec)]
pub struct RestoreSpec {
    /// The column, as in `loses`: `column public.t.a`.
    pub column: Text,
    /// SQL over the row as it is behind the migration.
    pub value: SqlText,
}
