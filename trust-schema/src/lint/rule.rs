//! What a rule is.

use super::Context;
use super::findings::Findings;
use crate::diagnostic::{Code, Voice};
use crate::kinds::lint::Level;

/// A rule: one file each below `rules`.
pub struct Rule {
    /// Its code, its name, and why it is one.
    pub code: Code,
    /// What it finds, in one phrase.
    pub title: &'static str,
    /// How to mend what it finds.
    pub mend: &'static str,
    /// The same for who writes no spec, where the keys of one are named.
    pub mend_in_sql: Option<&'static str>,
    pub level: Level,
    /// Whether what it finds lets somebody read or write what is not theirs. Such a spec is not compiled while the rule's level is `error`.
    pub leak: bool,
    /// The measured facts on which it rests: files of `tests/tests/lint/claims`.
    pub claims: &'static [&'static str],
    pub bad: Example,
    pub good: Example,
    /// Whether what it finds in a spec has one safe edit, as its bad example has.
    pub has_fix: bool,
    pub check: fn(&Context<'_>, &mut Findings),
}

impl Rule {
    pub fn id(&self) -> &'static str {
        self.code.id
    }
    pub fn name(&self) -> &'static str {
        self.code.name
    }
    /// How to mend what it finds, in the words of its reader.
    pub fn remedy(&self, voice: Voice) -> &'static str {
        match voice {
            Voice::Spec => self.mend,
            Voice::Sql => self.mend_in_sql.unwrap_or(self.mend),
        }
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
    /// A spec as it was released, and, behind [`prelude::RELEASED`](super::prelude::RELEASED), as it is now.
    Pending(&'static str),
    /// SQL, for what no spec can say.
    Sql(&'static str),
}

/// Declares the rule of a file; its function `check` does the work.
macro_rules! rule {
    ($id:literal $name:literal $level:ident $(, $leak:ident)?; $title:literal; why $why:literal; mend $mend:literal $(in sql $mend_in_sql:literal)? $(, $fix:ident)?; claims [$($claim:literal),*];
     bad $bad_form:ident $bad:literal; good $good_form:ident $good:literal;) => {
        #[doc = $title]
        pub static RULE: $crate::lint::Rule = $crate::lint::Rule {
            code: $crate::diagnostic::Code { id: $id, name: $name, explanation: concat!($title, ".\n\n", $why, "\n\n", $mend, "\n") },
            title: $title,
            mend: $mend,
            mend_in_sql: $crate::lint::rule::rule!(@sql $($mend_in_sql)?),
            level: $crate::kinds::lint::Level::$level,
            leak: $crate::lint::rule::rule!(@leak $($leak)?),
            claims: &[$($claim),*],
            bad: $crate::lint::Example::$bad_form($bad),
            good: $crate::lint::Example::$good_form($good),
            has_fix: $crate::lint::rule::rule!(@fix $($fix)?),
            check,
        };
    };
    (@leak leak) => { true };
    (@leak) => { false };
    (@fix fixed) => { true };
    (@fix) => { false };
    (@sql $text:literal) => { Some($text) };
    (@sql) => { None };
}

pub(crate) use rule;
