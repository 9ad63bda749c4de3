//! Every function, called by whoever may not call it, and by those who may with the values of others.

use super::super::world::{Call, Controls, Dictionary, Side, callable, unknown_like};
use crate::catalog::{Id, Object};
use crate::kinds::ObjectKind;
use crate::kinds::function::Function;
use crate::live::Error;
use crate::live::attack::field::{Field, Try};
use crate::live::attack::identity::{self, Identity};
use crate::live::attack::session::Outcome;
use crate::live::attack::verdict::{Attempt, Verdict};
use crate::resolve::Resolution;

/// How many values of tenant B stand in for one argument.
const VALUES: usize = 4;
/// How many calls are tried by identities that differ in nothing but their claims.
const PLAIN_CALLS: usize = 3;
/// How many calls made of rows of tenant B are tried.
const ROWS: usize = 8;

/// Calls what the role may not call: helpers of the private schema, functions of other roles, triggers.
pub async fn refused(field: &Field<'_>, identities: &[Identity], attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    for object in field.resolution.catalog.objects() {
        let Object::Function(function) = object else { continue };
        let id = object.id();
        if !field.focus.has(&id) {
            continue;
        }
        // A sub-select is no constant: a strict function of a constant NULL is never called, and never refused.
        let arguments: Vec<String> = function.arguments.iter().map(|argument| format!("(select null::{})", argument.data_type)).collect();
        let mut statements = vec![format!("select {}({})", function.name, arguments.join(", "))];
        for side in [Side::Own, Side::Foreign] {
            let found = field.controls.iter().find(|((of, called, _), _)| *of == side && *called == id);
            statements.extend(found.map(|(_, (_, call))| call.sql()));
        }
        let controlled = field.session.attempt(&field.operator, &format!("select has_function_privilege('{}', 'execute')", escaped(&id))).await?;
        let entitled = controlled.text().trim() == "t";
        for identity in identities {
            if callable(field.resolution, &identity.role).any(|allowed| allowed.id() == id) {
                continue;
            }
            for statement in &statements {
                let attempt = Try { identity, form: "call of a function that is not granted", object: &id.to_string(), statement };
                let (outcome, damage) = field.run(identity, statement).await?;
                let verdict = match (&outcome.error, field.leak(identity, &outcome, &damage, statement)) {
                    (_, Some(leak)) => Verdict::Leak(leak),
                    (Some(said), None) if said.is_permission_denied() && entitled => Verdict::Denied,
                    // A trigger function can be called by nobody: PostgreSQL refuses after it has asked for the privilege.
                    (Some(said), None) => Verdict::Unreliable(format!("stopped by something else than the privilege: {}", said.message)),
                    (None, None) => Verdict::Leak("the role may not call it, and this is let through".to_owned()),
                };
                attempts.push(attempt.end(verdict, &outcome));
            }
        }
    }
    Ok(())
}

/// The signature between quotes.
fn escaped(id: &Id) -> String {
    id.name().replace('\'', "''")
}

/// Calls what the role may call, with values of tenant B.
pub async fn with_values_of_others(field: &Field<'_>, identities: &[Identity], attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    for identity in identities.iter().filter(|identity| !identity::is_trusted(&identity.role)) {
        for function in callable(field.resolution, &identity.role).filter(|function| field.focus.has(&function.id())) {
            let id = function.id();
            let control = |side: Side| field.controls.get(&(side, id.clone(), identity.role.clone())).map(|(_, call)| call);
            let controlled = control(Side::Foreign).is_some() && control(Side::Own).is_some();
            let calls = calls(field, function, control(Side::Own), control(Side::Foreign));
            let calls = calls.into_iter().take(if identity.every_form { usize::MAX } else { PLAIN_CALLS });
            for (form, call) in calls {
                let statement = call.sql();
                let object = id.to_string();
                let attempt = Try { identity, form, object: &object, statement: &statement };
                let (outcome, damage) = field.run(identity, &statement).await?;
                let verdict = match field.leak(identity, &outcome, &damage, &statement) {
                    Some(leak) => Verdict::Leak(leak),
                    None => match oracle(field, identity, &call, &outcome).await? {
                        Some(verdict) => verdict,
                        None if !controlled => Verdict::Unreliable("no call of it has succeeded for a user of tenant A and of tenant B".to_owned()),
                        None if outcome.succeeded() => Verdict::AsDeclared,
                        None => Verdict::Denied,
                    },
                };
                attempts.push(attempt.end(verdict, &outcome));
            }
        }
    }
    Ok(())
}

/// Whether the answer about a row of tenant B differs from that about one that nobody has: then it tells that the row is there, or what is in it.
async fn oracle(field: &Field<'_>, identity: &Identity, call: &Call, outcome: &Outcome) -> Result<Option<Verdict>, Error> {
    for argument in &call.arguments {
        // The parts of an array are looked up each for itself.
        let secret = field.world.secrets.contains(&argument.value) || field.world.side(Side::Foreign).users.contains(&argument.value);
        let Some(unknown) = unknown_like(&argument.value).filter(|_| secret) else { continue };
        let other = call.with(&argument.name, &argument.data_type, &unknown);
        let (answer, _) = field.run(identity, &other.sql()).await?;
        if normalised(&answer, &unknown) == normalised(outcome, &argument.value) {
            continue;
        }
        let accepted = field
            .tables
            .tenancy
            .accepted
            .iter()
            .find(|accepted| accepted.function == call.function && accepted.arguments.iter().any(|(name, _)| *name == argument.name));
        return Ok(Some(match accepted {
            Some(accepted) => Verdict::Accepted(accepted.reason.clone()),
            None => Verdict::Leak(format!(
                "{} of tenant B is answered otherwise than one that nobody has: {} / {}",
                argument.name,
                outcome.text().trim(),
                answer.text().trim()
            )),
        }));
    }
    Ok(None)
}

/// The answer without what was asked for.
fn normalised(outcome: &Outcome, value: &str) -> String {
    super::super::canonical::text(&outcome.text().replace(value, "·"))
}

fn calls(field: &Field<'_>, function: &Function, own: Option<&Call>, foreign: Option<&Call>) -> Vec<(&'static str, Call)> {
    let theirs = Dictionary { tables: field.tables, world: field.world, side: Side::Foreign, caller: Side::Own };
    let mut calls: Vec<(&'static str, Call)> = Vec::new();
    calls.extend(foreign.map(|call| ("call that succeeded for tenant B", call.clone())));
    calls.extend(theirs.calls(function).into_iter().take(ROWS).map(|call| ("call with a row of tenant B", call)));
    if let Some(own) = own {
        for argument in &function.arguments {
            let values = theirs.values(&argument.name, &argument.data_type);
            let values = values.iter().filter(|value| own.arguments.iter().all(|known| known.value != **value));
            let calls_of = values.take(VALUES).map(|value| ("one value of tenant B", own.with(&argument.name, &argument.data_type, value)));
            calls.extend(calls_of);
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    calls.retain(|(_, call)| seen.insert(call.sql()));
    calls
}

/// Functions for which no call succeeded: their refusals show nothing.
pub fn without_control(resolution: &Resolution, controls: &Controls, people: &[Identity]) -> Vec<String> {
    let mut roles: Vec<&str> = people.iter().map(|identity| identity.role.as_str()).collect();
    roles.dedup();
    let mut without = Vec::new();
    for role in roles {
        for function in callable(resolution, role) {
            if !controls.contains_key(&(Side::Own, function.id(), role.to_owned())) {
                without.push(format!("{} as {role}", function.id()));
            }
        }
    }
    without
}
