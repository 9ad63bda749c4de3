//! The texts of an object that an author wrote: values, defaults, comments and bodies.

use crate::catalog::{Expression, Object};

/// What an object holds of the author's own text.
pub fn of(object: &Object) -> Vec<&str> {
    match object {
        Object::Seed(seed) => seed.rows.iter().flatten().flatten().map(Expression::text).collect(),
        Object::Column(column) => column.default.iter().chain(&column.generated).map(Expression::text).collect(),
        Object::Comment(comment) => vec![&comment.text],
        Object::Function(function) => {
            let defaults = function.arguments.iter().filter_map(|argument| argument.default.as_ref()).map(Expression::text);
            defaults.chain(std::iter::once(function.body.as_str())).collect()
        }
        Object::View(view) => vec![view.query.text()],
        Object::Policy(policy) => policy.using.iter().chain(&policy.check).map(Expression::text).collect(),
        Object::Check(check) => vec![check.expression.text()],
        Object::Raw(raw) => raw.up.iter().chain(&raw.down).map(String::as_str).collect(),
        _ => Vec::new(),
    }
}
