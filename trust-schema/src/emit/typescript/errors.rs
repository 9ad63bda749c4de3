//! `typescript/errors.ts`: the errors that the spec declares, and which function can answer which.

use super::layout::{Members, Type, member};
use super::model::{Model, identity};
use super::text::string;
use crate::resolve::Resolution;

/// The text of the file, without its head.
pub fn text(resolution: &Resolution, model: &Model<'_>) -> String {
    let mut out = String::from("/** The errors that functions answer, by the `message` of the response. */\nexport const errors = ");
    let errors = resolution.contract.errors.iter().map(|(name, error)| {
        let members = vec![
            member("code", Type::Word(string(&error.sqlstate))),
            member("status", Type::Word(error.status.to_string())),
            member("summary", Type::Word(string(&error.summary))),
        ];
        member(name, Type::Object(Members::value(members)))
    });
    Members::value(errors.collect()).write(&mut out, 0);
    out.push_str(" as const\n\n/** The name of an error: the `message` of the response. */\nexport type ErrorName = keyof typeof errors\n\n");
    out.push_str("/** The errors that each function can answer, its guards' and those of the functions that it calls included. */\nexport type FunctionErrors = ");
    let schemas = model.schemas.iter().map(|(name, schema)| {
        let mut functions: Vec<(&str, Vec<&str>)> = Vec::new();
        for function in &schema.functions {
            let contract = resolution.contract.functions.get(&identity(function));
            let errors = contract.into_iter().flat_map(|contract| contract.errors.iter().map(String::as_str));
            match functions.last_mut().filter(|(name, _)| *name == &*function.name.name) {
                Some((_, known)) => known.extend(errors),
                None => functions.push((&function.name.name, errors.collect())),
            }
        }
        let members = functions.into_iter().map(|(name, mut errors)| {
            errors.sort_unstable();
            errors.dedup();
            member(name, Type::union(errors.into_iter().map(|error| Type::Word(string(error))).collect()))
        });
        member(name, Type::Object(Members::broken(members.collect())))
    });
    Members::broken(schemas.collect()).write(&mut out, 0);
    out.push('\n');
    out
}
