//! Constraints of tables. Primary keys, unique and check constraints are created with their table where nothing else is needed for them;
//! foreign keys always follow, so that tables may refer to each other.

pub mod check;
pub mod foreign_key;
pub mod primary_key;
pub mod unique;

use crate::catalog::QualifiedName;
use crate::sql::identifier::quote;

fn add(table: &QualifiedName, definition: &str) -> Vec<String> {
    vec![format!("ALTER TABLE {table} ADD {definition};")]
}

fn drop(table: &QualifiedName, name: &str) -> Vec<String> {
    vec![format!("ALTER TABLE {table} DROP CONSTRAINT {};", quote(name))]
}
