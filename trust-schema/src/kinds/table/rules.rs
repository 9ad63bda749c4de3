//! Triggers and policies of a table.

use std::collections::BTreeSet;

use super::lower::words;
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::policy::{Command, Policy, PolicySpec};
use crate::kinds::trigger::{Event, ForEach, Trigger, TriggerSpec, When};
use crate::names::{Lowering, Relation, Scope};
use crate::spec::Name;

/// Adds a trigger.
pub fn trigger(relation: &Relation, name: &Name, spec: &TriggerSpec, lowering: &mut Lowering<'_>) {
    let mut needs = BTreeSet::from([relation.id.clone()]);
    if spec.events.is_empty() {
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, format!("trigger `{}` has no events", name.value), name.span));
        return;
    }
    let mut contradict =
        |message: &str| lowering.report(Diagnostic::error(&codes::CONTRADICTION, format!("trigger `{}`: {message}", name.value), name.span));
    if spec.events.contains(&Event::Truncate) && spec.for_each == ForEach::Row {
        contradict("`truncate` fires for each statement only");
    }
    if spec.when == When::InsteadOf {
        contradict("`instead_of` is for views");
    }
    if !spec.update_of.is_empty() && !spec.events.contains(&Event::Update) {
        contradict("`update_of` needs the event `update`");
    }
    let mut events = spec.events.clone();
    events.sort_unstable();
    events.dedup();
    let update_of =
        spec.update_of.iter().filter_map(|column| lowering.column_reference(relation, column).map(|column| column.name.clone())).collect();
    let condition = spec.condition.as_ref().map(|sql| lowering.row_expression(&sql.0, &Scope::OldAndNew(relation), &mut needs));
    let function = lowering.trigger_function(&spec.function, &mut needs);
    let (Some(function), true) = (function, condition.as_ref().is_none_or(Option::is_some)) else { return };
    let trigger = Trigger {
        table: relation.name.clone(),
        name: name.value.clone(),
        when: spec.when,
        events,
        update_of,
        for_each: spec.for_each,
        condition: condition.flatten(),
        function,
        arguments: words(&spec.arguments),
    };
    let id = lowering.add(trigger, needs, name.span);
    lowering.comment(&id, spec.comment.as_ref());
}

/// Adds a policy.
pub(super) fn policy(relation: &Relation, name: &Name, spec: &PolicySpec, lowering: &mut Lowering<'_>) {
    let mut needs = BTreeSet::new();
    let problem = match (spec.command, spec.using.is_some(), spec.check.is_some()) {
        (Command::Insert, true, _) => Some("a policy for `insert` has no `using`: there is no existing row"),
        (Command::Insert, _, false) => Some("a policy for `insert` needs `check`, or it accepts no row"),
        (Command::Select | Command::Delete, _, true) => Some("a policy for `select` or `delete` has no `check`: there is no new row"),
        (Command::Select | Command::Delete | Command::Update | Command::All, false, _) => Some("the policy needs `using`"),
        _ => None,
    };
    if let Some(problem) = problem {
        lowering.report(Diagnostic::error(&codes::BAD_POLICY, format!("policy `{}`: {problem}", name.value), name.span));
        return;
    }
    if spec.to.is_empty() {
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, format!("policy `{}` names no role in `to`", name.value), name.span));
    }
    let mut roles: Vec<String> = spec.to.iter().filter_map(|role| lowering.role(role)).collect();
    roles.sort_unstable();
    roles.dedup();
    let scope = Scope::Row(relation);
    let using = spec.using.as_ref().map(|using| lowering.policy_expression(using, &scope, &mut needs));
    let check = spec.check.as_ref().map(|check| lowering.policy_expression(check, &scope, &mut needs));
    if [&using, &check].into_iter().any(|expression| matches!(expression, Some(None))) {
        return;
    }
    let policy = Policy {
        table: relation.name.clone(),
        name: name.value.clone(),
        command: spec.command,
        permissive: !spec.restrictive,
        roles,
        using: using.flatten(),
        check: check.flatten(),
    };
    needs.remove(&relation.id);
    let id = lowering.add(policy, needs, name.span);
    lowering.comment(&id, spec.comment.as_ref());
}
