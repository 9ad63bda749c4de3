//! What a rule is.

use super::Context;
use super::findings::Findings;
use crate::diagnostic::Code;
use crate::kinds::lint::Level;

/// A rule: one file each below `rules`.
pub struct Rule {
    /// Its code, its name, and why it is one.
    pub code: Code,
    /// What it finds, in one phrase.
    pub title: &'static str,
    /// How to mend what it finds.
    pub mend: &'static str,
    pub level: Level,
    /// Whether what it finds lets somebody read or write what is not theirs. Such a spec is not compiled while the rule's level is `error`.
    pub leak: bool,
    /// The measured facts on which it rests: files of `tests/tests/lint/claims`.
    pub claims: &'static [&'static str],
    pub bad: Example,
    pub good: Example,
    pub check: fn(&Context<'_>, &mut Findings),
}

impl Rule {
    pub fn id(&self) -> &'static str {
        self.code.id
    }
    pub fn name(&self) -> &'static str {
        self.code.name
    }
}

/// What a rule finds, or does not find, after the common beginning of all examples.
#[derive(Debug, Clone, Copy)]
pub enum Example {
    /// Sections of a module.
    Spec(&'static str),
    /// The same in a project with `[tenancy]`: its tenants are the rows of `public.tenants`.
    Tenancy(&'static str),
    /// The same where `public.plans` is shared by all tenants.
    Shared(&'static str),
    /// SQL, for what no spec can say.
    Sql(&'static str),
}

/// Declares the rule of a file; its function `check` does the work.
macro_rules! rule {
    ($id:literal $name:literal $level:ident $(, $leak:ident)?; $title:literal; why $why:literal; mend $mend:literal; claims [$($claim:literal),*];
     bad $bad_form:ident $bad:literal; good $good_form:ident $good:literal;) => {
        #[doc = $title]
        pub static RULE: $crate::lint::Rule = $crate::lint::Rule {
            code: $crate::diagnostic::Code { id: $id, name: $name, explanation: concat!($title, ".\n\n", $why, "\n\n", $mend, "\n") },
            title: $title,
            mend: $mend,
            level: $crate::kinds::lint::Level::$level,
            leak: $crate::lint::rule::rule!(@leak $($leak)?),
            claims: &[$($claim),*],
            bad: $crate::lint::Example::$bad_form($bad),
            good: $crate::lint::Example::$good_form($good),
            check,
        };
    };
    (@leak leak) => { true };
    (@leak) => { false };
}

pub(crate) use rule;
