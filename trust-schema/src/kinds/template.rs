//! Templates: columns, checks and triggers that several tables share.

use trust_macros::Spec;

use super::Section;
use super::column::ColumnSpec;
use super::constraint::check::CheckSpec;
use super::trigger::TriggerSpec;
use crate::names::{Declaring, Lowering};
use crate::spec::{Entries, Text};

/// Parts of tables, put into each table that names the template.
#[derive(Debug, Clone, Default, Spec)]
pub struct TemplateSpec {
    /// What it is for.
    pub summary: Option<Text>,
    /// Columns that follow the table's own.
    #[spec(default)]
    pub columns: Entries<ColumnSpec>,
    /// Check constraints; `<table>_` is put before their names.
    #[spec(default)]
    pub check: Entries<CheckSpec>,
    /// Triggers.
    #[spec(default)]
    pub trigger: Entries<TriggerSpec>,
}

impl Section for Entries<TemplateSpec> {
    // Templates are known before anything is declared, see `names::Names::collect`.
    fn declare(&self, _declaring: &mut Declaring<'_>) {}
    fn lower(&self, _lowering: &mut Lowering<'_>) {}
}
