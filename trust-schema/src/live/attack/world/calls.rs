//! Calls of functions, and which values of the world fit their arguments.

use std::collections::BTreeMap;

use super::values::{array, fresh, simple};
use super::{Row, Side, World};
use crate::catalog::Id;
use crate::kinds::function::Function;
use crate::live::attack::tables::Tables;
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// An argument of a call; what a call leaves out takes its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    pub name: String,
    pub data_type: String,
    pub value: String,
}

/// A call with its arguments by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub function: Id,
    /// Its qualified name.
    pub name: String,
    pub arguments: Vec<Argument>,
}

impl Call {
    /// The statement that a gateway would send, more or less. No casts: an attacker's types may have the names of those of PostgreSQL.
    pub fn sql(&self) -> String {
        let arguments: Vec<String> =
            self.arguments.iter().map(|argument| format!("{} => {}", quote(&argument.name), quoted(&argument.value))).collect();
        format!("select * from {}({})", self.name, arguments.join(", "))
    }

    /// The same call with another value of one argument.
    pub fn with(&self, name: &str, data_type: &str, value: &str) -> Call {
        let mut call = self.clone();
        call.arguments.retain(|argument| argument.name != name);
        call.arguments.push(Argument { name: name.to_owned(), data_type: data_type.to_owned(), value: value.to_owned() });
        call
    }
}

/// Which values of one side fit the arguments of functions.
pub struct Dictionary<'w> {
    pub tables: &'w Tables,
    pub world: &'w World,
    /// Whose values.
    pub side: Side,
    /// Who calls.
    pub caller: Side,
}

/// How many rows of a table, and how many values of an argument, are tried.
const ROWS: usize = 6;
const VALUES: usize = 6;
const CALLS: usize = 160;

impl Dictionary<'_> {
    /// Calls to try, the likeliest first: values from one row belong together. Arguments with a default are left out, and then given.
    pub fn calls(&self, function: &Function) -> Vec<Call> {
        let mut calls: Vec<Call> = Vec::new();
        for with_defaults in [false, true] {
            let rows = self.rows_that_name(function).into_iter().map(Some).chain([None]);
            let mut of_rows: Vec<_> = rows.map(|row| self.combine(function, with_defaults, row).into_iter()).collect();
            // One call of each row in turn: what is wrong with a row is often wrong with all of its calls.
            while !of_rows.is_empty() {
                of_rows.retain_mut(|of_row| of_row.next().map(|call| calls.push(call)).is_some());
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        calls.retain(|call| seen.insert(call.sql()));
        calls.truncate(CALLS);
        calls
    }

    /// Rows whose columns have the names of arguments; those that name most come first.
    fn rows_that_name(&self, function: &Function) -> Vec<&Row> {
        let mut found: Vec<(usize, &Row)> = Vec::new();
        for table in &self.tables.all {
            let named = function.arguments.iter().filter(|argument| table.column(bare(&argument.name)).is_some()).count();
            if named > 0 {
                let side = if table.shared { None } else { Some(self.side) };
                found.extend(self.world.rows_of(&table.name, side).take(ROWS).map(|row| (named, row)));
            }
        }
        found.sort_by_key(|(named, _)| std::cmp::Reverse(*named));
        found.truncate(4 * ROWS);
        found.into_iter().map(|(_, row)| row).collect()
    }

    /// The combinations of values for the arguments that the row does not decide; few, since each argument has few.
    fn combine(&self, function: &Function, with_defaults: bool, row: Option<&Row>) -> Vec<Call> {
        let name = function.name.to_string();
        let mut calls = vec![Call { function: crate::kinds::ObjectKind::id(function), name, arguments: Vec::new() }];
        for argument in function.arguments.iter().filter(|argument| with_defaults || argument.default.is_none()) {
            let from_row = row.and_then(|row| row.values.get(bare(&argument.name)).cloned().flatten());
            let values = match from_row {
                Some(value) if !argument.data_type.ends_with("[]") => vec![value],
                _ => self.values(&argument.name, &argument.data_type),
            };
            // Values vary together rather than in every combination where there are many.
            let limit = (CALLS / 8 / calls.len()).max(1);
            calls = calls
                .into_iter()
                .flat_map(|call| {
                    values.iter().take(limit).map(move |value| call.with(&argument.name, &argument.data_type, value)).collect::<Vec<_>>()
                })
                .collect();
        }
        calls
    }

    /// Values for an argument: of columns and results of its name, then of its type.
    pub fn values(&self, name: &str, data_type: &str) -> Vec<String> {
        let bare = bare(name);
        if let Some(element) = data_type.strip_suffix("[]") {
            let singular = bare.strip_suffix('s').unwrap_or(bare);
            let mut values: Vec<String> = self.values(singular, element).iter().map(|value| array(std::slice::from_ref(value))).collect();
            values.extend(self.columns_named(bare).into_iter().filter(|value| value.starts_with('{')));
            return values;
        }
        let mut values: Vec<String> = Vec::new();
        let harvested = self.world.harvest.get(bare).into_iter().flatten().rev();
        values.extend(harvested.filter(|(side, _)| *side == self.side).map(|(_, value)| value.clone()).take(VALUES));
        values.extend(self.tables.labels.get(data_type).into_iter().flatten().cloned());
        values.extend(self.columns_named(bare).into_iter().take(VALUES));
        let names = self.world.side(self.side);
        match self.tables.domains.get(data_type).map_or(data_type, String::as_str) {
            "uuid" => values.extend(names.tenants.iter().chain(&names.users).chain([&names.newcomer]).cloned()),
            // New texts are the caller's own, whosever other values he uses.
            "text" => values.push(fresh(self.world.side(self.caller))),
            "jsonb" | "json" => values.push("{}".to_owned()),
            other => values.extend(simple(other, 0)),
        }
        // A user who is nowhere yet is what adding somebody needs.
        if data_type == "uuid" && values.len() > VALUES {
            values.insert(1, names.newcomer.clone());
        }
        let mut seen = std::collections::BTreeSet::new();
        values.retain(|value| seen.insert(value.clone()));
        values
    }

    fn columns_named(&self, name: &str) -> Vec<String> {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for table in self.tables.all.iter().filter(|table| table.column(name).is_some()) {
            let side = if table.shared { None } else { Some(self.side) };
            for value in self.world.rows_of(&table.name, side).filter_map(|row| row.values.get(name).cloned().flatten()) {
                let next = found.len();
                found.entry(value).or_insert(next);
            }
        }
        let mut values: Vec<(String, usize)> = found.into_iter().collect();
        values.sort_by_key(|(_, place)| *place);
        values.into_iter().map(|(value, _)| value).collect()
    }
}

/// An argument's name without the prefix that keeps it apart from columns.
pub fn bare(name: &str) -> &str {
    name.strip_prefix("p_").or_else(|| name.strip_prefix('_')).unwrap_or(name)
}
