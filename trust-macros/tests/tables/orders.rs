// A table as the generated crate has it, with the file that every generated crate has.

#[path = "../../../generated/src/support/column.rs"]
#[allow(dead_code)]
pub mod column;

use column::{Column, Table};

const fn column(
    name: &'static str,
    postgres_type: &'static str,
    nullable: bool,
    as_text: bool,
) -> Column {
    Column {
        name,
        postgres_type,
        nullable,
        has_default: false,
        as_text,
    }
}

pub const ORDERS: Table = Table {
    schema: "public",
    name: "orders",
    columns: &[
        column("order_id", "bigint", false, false),
        column("status", "character varying(20)", false, false),
        column("note", "text", true, false),
        column("tags", "text[]", false, false),
        column("type", "integer", false, false),
        column("search", "tsvector", false, true),
        column("payload", "bytea", true, false),
    ],
};
