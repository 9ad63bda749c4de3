//! Append-only tables: rows are never changed, and deleted by the table's retention alone.

use std::collections::{BTreeMap, BTreeSet};

use super::function::{Compiled, Effect, Function, Language, Returns, SEARCH_PATH, Security, Volatility};
use super::retention::PURGE_SETTING;
use super::trigger::{Event, ForEach, Trigger, When};
use crate::catalog::QualifiedName;
use crate::names::{Lowering, Relation};
use crate::spec::Name;

/// Adds the trigger of one table, and the function behind all such triggers where it is not there yet.
pub fn lower(relation: &Relation, table: &Name, lowering: &mut Lowering<'_>) {
    let Some(function) =
        lowering.private_name(&format!("append-only table `{}`", table.value), &Name::new("change".to_owned(), table.span), "refuse")
    else {
        return;
    };
    let refuse = refuse(function.clone());
    let id = crate::catalog::Id::function(&function, &[]);
    if lowering.output.shared.insert(id.clone()) {
        lowering.output.shared.insert(crate::catalog::Id::comment(&id));
        let compiled = Compiled {
            function: refuse,
            needs: BTreeSet::new(),
            summary: Some("Refuses every change of an append-only table, but for the deletions of its own retention.".to_owned()),
            effect: Effect::Trigger,
            guards: Vec::new(),
            raises: BTreeSet::new(),
            calls: BTreeSet::new(),
            nullable: BTreeSet::new(),
        };
        lowering.add_function(compiled, &Vec::new(), table.span);
    }
    let trigger = Trigger {
        table: relation.name.clone(),
        name: "append_only".to_owned(),
        when: When::Before,
        events: vec![Event::Update, Event::Delete, Event::Truncate],
        update_of: Vec::new(),
        for_each: ForEach::Statement,
        condition: None,
        function,
        arguments: vec![relation.name.to_string()],
    };
    lowering.add(trigger, BTreeSet::from([relation.id.clone(), id]), table.span);
}

/// The purge function sets the setting while it deletes. Whoever sets it by hand gains nothing: only the owner may delete at all. (A SET
/// clause of the function would be neater, but PostgreSQL lets only superusers store a setting that no extension defines.)
fn refuse(name: QualifiedName) -> Function {
    let body = format!(
        "\nBEGIN\n  IF TG_OP = 'DELETE' AND pg_catalog.current_setting('{PURGE_SETTING}', true) IS NOT DISTINCT FROM TG_ARGV[0] THEN\n    RETURN NULL;\n  END IF;\n  RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = pg_catalog.format('table %s is append-only', TG_ARGV[0]);\nEND\n"
    );
    Function {
        name,
        arguments: Vec::new(),
        returns: Returns::Type("trigger".to_owned()),
        language: Language::Plpgsql.label().to_owned(),
        volatility: Volatility::Volatile,
        security: Security::Definer,
        strict: false,
        settings: BTreeMap::from([("search_path".to_owned(), SEARCH_PATH.to_owned())]),
        body,
    }
}
