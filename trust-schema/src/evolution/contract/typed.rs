//! Whether what has another type than before is still the same to those who send and read it.

use super::change::Change;
use crate::sql::type_name::{Modifier, TypeName, same_type};

/// What changes with a data type. A length or precision is seen by those alone who send more than it holds, but for lengths that values are filled
/// up to.
pub fn retyped(before: &str, after: &str) -> Option<Change> {
    if before == after {
        return None;
    }
    let told = |change: fn(String, String) -> Change| Some(change(before.to_owned(), after.to_owned()));
    let other = |before, after| Change::Type { before, after };
    let (Ok(old), Ok(new)) = (TypeName::parse(before), TypeName::parse(after)) else { return told(other) };
    let plain = |ty: &TypeName| TypeName { modifiers: Vec::new(), interval_fields: None, ..ty.clone() };
    if !same_type(&plain(&old), &plain(&new)) {
        return told(other);
    }
    // Every value of these has the one length, which those who read them see.
    match new.name.as_str() {
        "bit" if old.modifiers != new.modifiers => return told(other),
        "bpchar" if old.modifiers != new.modifiers => {
            return told(if holds(&old, &new) { |before, after| Change::Longer { before, after } } else { other });
        }
        _ => {}
    }
    if holds(&old, &new) { None } else { told(|before, after| Change::Narrower { before, after }) }
}

/// Whether the new type takes every value of the old one.
fn holds(old: &TypeName, new: &TypeName) -> bool {
    let numbers = |ty: &TypeName| -> Option<Vec<i64>> {
        let number = |modifier: &Modifier| if let Modifier::Number(number) = modifier { Some(*number) } else { None };
        ty.modifiers.iter().map(number).collect()
    };
    let fields = new.interval_fields.is_none() || new.interval_fields == old.interval_fields;
    fields
        && match (numbers(old).as_deref(), numbers(new).as_deref()) {
            _ if old.modifiers == new.modifiers => true,
            (_, Some([])) => true,
            // Digits before the point, and behind it.
            (Some([precision, scale]), Some([new_precision, new_scale])) => new_scale >= scale && new_precision - new_scale >= precision - scale,
            (Some([length]), Some([new_length])) => new_length >= length,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_all_that_it_took_is_no_change() {
        for (before, after) in [
            ("character varying(3)", "character varying(4)"),
            ("character varying(3)", "character varying"),
            ("character varying(3)[]", "character varying(4)[]"),
            ("numeric(4,2)", "numeric(5,2)"),
            ("numeric(4,2)", "numeric(6,4)"),
            ("numeric(4,2)", "numeric"),
            ("interval day", "interval"),
        ] {
            assert_eq!(retyped(before, after), None, "{before} to {after}");
        }
        for (before, after) in [
            ("character varying(4)", "character varying(3)"),
            ("character varying", "character varying(3)"),
            ("numeric(4,2)", "numeric(4,3)"),
            ("numeric", "numeric(4,2)"),
            ("interval", "interval day"),
        ] {
            assert!(matches!(retyped(before, after), Some(Change::Narrower { .. })), "{before} to {after}");
        }
        for (before, after) in [
            ("integer", "bigint"),
            ("text", "text[]"),
            ("public.a", "public.b"),
            ("text", "character varying(3)"),
            ("bit(3)", "bit(4)"),
            ("character(5)", "character(3)"),
        ] {
            assert!(matches!(retyped(before, after), Some(Change::Type { .. })), "{before} to {after}");
        }
        assert!(matches!(retyped("character(3)", "character(5)"), Some(Change::Longer { .. })));
    }
}
