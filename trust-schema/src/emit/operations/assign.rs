//! The columns that a kill switch sets, and the statements that set them back.

use crate::catalog::{Catalog, Object};
use crate::kinds::statement::name_list;
use crate::operations::Assignment;
use crate::sql::comment::line_comment;
use crate::sql::identifier::quote;
use crate::sql::quoted;

/// An UPDATE that returns, for each row that it changes, the statement that changes it back. A table without a primary key has no such
/// statement: its rows cannot be told apart.
pub fn statement(assignment: &Assignment, catalog: &Catalog) -> String {
    let key = catalog.objects().find_map(|object| match object {
        Object::PrimaryKey(key) if key.table == assignment.table => Some(&key.columns),
        _ => None,
    });
    let Some(key) = key else {
        let lost = "To undo it, set the columns back: the values that they had are in the last backup, those of the spec in its seeds.";
        return format!("{}\n{}\n", assignment.statement(), line_comment(lost));
    };
    let (table, values, condition) = (&assignment.table, assignment.values(), &assignment.condition);
    // Read and locked under names of our own: a column may have any name.
    let columns =
        |prefix: &str, names: &[String]| names.iter().enumerate().map(|(place, name)| format!("{name} AS {prefix}_{place}")).collect::<Vec<_>>();
    let keys: Vec<String> = key.iter().map(|name| quote(name).into_owned()).collect();
    let set: Vec<String> = assignment.values.iter().map(|(column, _)| column.clone()).collect();
    let read = columns("key", &keys).into_iter().chain(columns("value", &set)).collect::<Vec<_>>().join(", ");
    let own = quote(&table.name);
    let same = keys.iter().enumerate().map(|(place, name)| format!("{own}.{name} = held_rows.key_{place}")).collect::<Vec<_>>().join(" AND ");
    let percent = |text: &str| text.replace('%', "%%");
    let form = |names: &[String], between: &str| names.iter().map(|name| format!("{} = %L", percent(name))).collect::<Vec<_>>().join(between);
    let back = format!("UPDATE {} SET {} WHERE {};", percent(&table.to_string()), form(&set, ", "), form(&keys, " AND "));
    let arguments =
        (0..set.len()).map(|place| format!("held_rows.value_{place}")).chain((0..keys.len()).map(|place| format!("held_rows.key_{place}")));
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    format!(
        "{}\nWITH held_rows AS (\n  SELECT {read} FROM {table} WHERE {condition} ORDER BY {} FOR UPDATE\n), changed AS (\n  UPDATE {table} SET {values} FROM held_rows WHERE {same}\n)\n\
         SELECT pg_catalog.format({}, {arguments}) AS \"to undo it\" FROM held_rows;\n",
        line_comment("It prints the statements that undo it, one for each row that it changes: keep them."),
        name_list(key),
        quoted::quoted(&back),
    )
}
