//! Changes of columns in place.

use super::{Column, Identity};
use crate::kinds::alteration::Alteration;
use crate::kinds::domain::beneath;
use crate::kinds::statement::Context;
use crate::sql::identifier::quote;

/// `None` where the column has to be dropped and added: it becomes a generated one, or is generated otherwise, or of another type, to which PostgreSQL
/// would convert the values that there are, and not give them anew.
pub fn alter(column: &Column, before: &Column, context: &Context<'_>) -> Option<Vec<Alteration>> {
    let retyped = column.data_type != before.data_type || column.collation != before.collation;
    let stays = column.generated == before.generated
        && (!retyped || column.collation == before.collation && is_widening(&before.data_type, &column.data_type));
    if column.generated.is_some() && !stays {
        return None;
    }
    let on = |change: &str| column.changed(change);
    let mut changes = Vec::new();
    if before.generated.is_some() && column.generated.is_none() {
        changes.push(Alteration::catalog(on("DROP EXPRESSION")));
    }
    // The default of another type is not always one of this type, and PostgreSQL would convert it.
    let default_goes = before.default.is_some() && (column.default.is_none() || retyped || column.identity.is_some() && before.identity.is_none());
    if default_goes {
        changes.push(Alteration::catalog(on("DROP DEFAULT")));
    }
    if before.identity.is_some() && column.identity.is_none() {
        changes.push(Alteration::catalog(on("DROP IDENTITY")));
    }
    if retyped {
        let sql = match column.generated {
            Some(_) => column.changed(&format!("TYPE {}", column.data_type)),
            None => column.retyped(&column.converted(before, context.catalog)),
        };
        // A value of a domain is one of the type beneath; the other way it has to be checked.
        let (base, is_array) = beneath(&before.data_type, context.catalog);
        let widens = is_widening(&before.data_type, &column.data_type) || !is_array && is_widening(base, &column.data_type);
        let keeps = column.collation == before.collation && widens;
        changes.push(if keeps { Alteration::catalog(sql) } else { Alteration::rewrite(sql) });
    }
    if column.default != before.default || default_goes {
        changes.extend(column.default_set().map(Alteration::catalog));
    }
    if column.not_null && !before.not_null {
        changes.push(Alteration::scan(on("SET NOT NULL")));
    }
    changes.extend(identity(column, before, context));
    if !column.not_null && before.not_null {
        changes.push(Alteration::catalog(on("DROP NOT NULL")));
    }
    Some(changes)
}

fn identity(column: &Column, before: &Column, context: &Context<'_>) -> Vec<Alteration> {
    let name = quote(&column.name);
    let mut changes = Vec::new();
    let Some(identity) = column.identity else { return changes };
    let mode = match identity {
        Identity::Always => "ALWAYS",
        Identity::ByDefault => "BY DEFAULT",
    };
    if before.identity.is_none() {
        let named = column.identity_sequence.as_ref().map(|sequence| format!(" (SEQUENCE NAME {sequence})")).unwrap_or_default();
        changes.push(Alteration::catalog(column.changed(&format!("ADD GENERATED {mode} AS IDENTITY{named}"))));
        changes.extend(column.protection(context).map(Alteration::catalog));
        // It goes on behind the rows that there are.
        if let Some(sequence) = &column.identity_sequence {
            let sequence = crate::sql::quoted::quoted(&sequence.to_string());
            let next = format!("(SELECT coalesce(max({name}), 0) + 1 FROM {})", column.table);
            changes.push(Alteration::scan(format!("SELECT pg_catalog.setval({sequence}, {next}, false);")));
        }
        return changes;
    }
    if before.identity != column.identity {
        changes.push(Alteration::catalog(column.changed(&format!("SET GENERATED {mode}"))));
    }
    if let (Some(old), Some(new)) = (&before.identity_sequence, &column.identity_sequence)
        && old != new
    {
        changes.push(Alteration::catalog(format!("ALTER SEQUENCE {old} RENAME TO {};", quote(&new.name))));
    }
    changes
}

/// Whether every value stays as it is stored: `varchar` that gets longer or unlimited, or `text`; `numeric` with more digits before the point.
fn is_widening(before: &str, after: &str) -> bool {
    let parts = |text: &str| -> Option<(String, Vec<u32>)> {
        let Some((name, rest)) = text.split_once('(') else { return Some((text.to_owned(), Vec::new())) };
        let numbers = rest.strip_suffix(')')?.split(',').map(|number| number.trim().parse().ok());
        Some((name.trim().to_owned(), numbers.collect::<Option<_>>()?))
    };
    let (Some((from, old)), Some((to, new))) = (parts(before), parts(after)) else { return false };
    match (from.as_str(), to.as_str()) {
        ("character varying", "text") => true,
        ("character varying", "character varying") | ("bit varying", "bit varying") => match (old.first(), new.first()) {
            (_, None) => true,
            (Some(old), Some(new)) => new >= old,
            (None, Some(_)) => false,
        },
        ("numeric", "numeric") => match (old.as_slice(), new.as_slice()) {
            (_, []) => true,
            ([precision, scale], [new_precision, new_scale]) => scale == new_scale && new_precision >= precision,
            _ => false,
        },
        _ => false,
    }
}
