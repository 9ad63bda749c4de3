//! `[release]` of `trust.toml`: what comes after a release.

use trust_macros::Spec;

use crate::spec::{Text, Words};

/// The migration that leads on from what has been released.
#[derive(Debug, Clone, Default, Spec)]
pub struct ReleaseSpec {
    /// Its file name, without `.sql`: `<yyyymmddhhmmss>_<name>`, behind the last one that was released. Where it takes more than one transaction,
    /// the further files count on from it.
    pub migration: Option<Text>,
    /// What it is for, in one sentence.
    pub summary: Option<Text>,
    /// What it destroys, as `plan` names it: `column public.t.a`. Whatever else would be lost is refused.
    #[spec(default)]
    pub loses: Words,
}
