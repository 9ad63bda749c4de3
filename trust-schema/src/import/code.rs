//! Types, sequences, views and functions as TOML.

use std::collections::{BTreeMap, BTreeSet};

use super::access::{self, Split};
use super::file::File;
use super::literals;
use super::state::State;
use crate::catalog::{Id, Kind, Object, QualifiedName};
use crate::kinds::function::{Effect, Function, Language, Returns, Security, Volatility};
use crate::kinds::sequence::Sequence;
use crate::kinds::view::{CheckOption, View};
use crate::names::generated_name;
use crate::spec::toml::{key, string, strings, text};
use crate::sql::expression;
use crate::sql::identifier::quote;

/// What the compiler puts in front of a body for its guards: their calls, and what stands behind them.
pub fn guarded(body: &str) -> Option<(Vec<&str>, &str)> {
    let mut rest = body.strip_prefix("\nBEGIN\n")?;
    let mut calls = Vec::new();
    while let Some(line) = rest.strip_prefix("  PERFORM ") {
        let (call, behind) = line.split_once(";\n")?;
        calls.push(call);
        rest = behind;
    }
    let block = rest.strip_prefix('\n')?.strip_suffix(";\nEND\n")?;
    (!calls.is_empty() && calls.iter().all(|call| expression::parse(call).is_ok())).then_some((calls, block))
}

/// Guards of a spec: a name for each call.
#[derive(Debug, Default)]
pub struct Guards {
    /// Name by call.
    pub names: BTreeMap<String, String>,
    /// Functions that are called.
    pub assertions: BTreeSet<QualifiedName>,
}

impl Guards {
    pub fn of(state: &State<'_>) -> Guards {
        let mut guards = Guards::default();
        let mut taken = BTreeSet::new();
        for (_, object) in state.modelled(Kind::Function) {
            let Object::Function(function) = object else { continue };
            for call in guarded(&function.body).map(|(calls, _)| calls).unwrap_or_default() {
                let Ok(parsed) = expression::parse(call) else { continue };
                let Some(outer) = expression::outer_calls(&parsed).into_iter().next() else { continue };
                guards.assertions.insert(QualifiedName::new(outer.schema.unwrap_or_default(), outer.name.as_str()));
                if !guards.names.contains_key(call) {
                    let name = super::modules::unique(super::modules::slug(outer.name.trim_start_matches("assert_")), &mut taken);
                    guards.names.insert(call.to_owned(), name);
                }
            }
        }
        guards
    }

    /// Writes the guards.
    pub fn write(&self, file: &mut File) {
        for (call, name) in &self.names {
            file.head(&["guard", name]);
            file.keys(&[("assert", string(call))]);
        }
    }
}

/// What all of these need to know.
pub struct Code<'s, 'c> {
    pub state: &'s State<'c>,
    pub comments: &'s BTreeMap<&'c Id, &'c str>,
    pub guards: &'s Guards,
}

impl<'c> Code<'_, 'c> {
    fn head(&self, id: &Id, name: &QualifiedName, schema: &str) -> Vec<(&'static str, String)> {
        let mut keys: Vec<(&str, String)> = self.comments.get(id).map(|comment| ("comment", text(comment))).into_iter().collect();
        keys.extend((*name.schema != *schema).then(|| ("schema", string(&name.schema))));
        keys
    }

    fn split(&self, place: usize, kind: Kind) -> Split {
        access::split(self.state.inventory, &self.state.item(place).key, kind, true)
    }

    /// Writes an enum, a domain, a composite type or a sequence.
    pub fn simple(&self, place: usize, object: &'c Object, schema: &str, file: &mut File) {
        let id = object.id();
        let (section, name, own): (&str, &QualifiedName, Vec<(&str, String)>) = match object {
            Object::Enum(object) => ("enum", &object.name, vec![("values", strings(&object.values))]),
            Object::Domain(object) => {
                let mut keys = vec![("type", string(&self.state.written_type(&object.base)))];
                if let Some((check_name, check)) = object.checks.first() {
                    // Only for looks: in quotes it would be another word.
                    let has_quotes = check.text().contains(['\'', '"']);
                    keys.push(("check", text(&if has_quotes { check.text().to_owned() } else { check.text().replace("VALUE", "value") })));
                    keys.extend((*check_name != generated_name(&[&object.name.name, "check"])).then(|| ("check_name", string(check_name))));
                }
                keys.extend(object.default.as_ref().map(|default| ("default", format!("{{ sql = {} }}", string(default.text())))));
                keys.extend((!object.not_null).then(|| ("nullable", "true".to_owned())));
                ("domain", &object.name, keys)
            }
            Object::Composite(object) => {
                let attributes: Vec<String> =
                    object.attributes.iter().map(|(name, ty)| format!("{} = {}", key(name), string(&self.state.written_type(ty)))).collect();
                ("composite", &object.name, vec![("attributes", format!("{{ {} }}", attributes.join(", ")))])
            }
            Object::Sequence(object) => ("sequence", &object.name, sequence(object)),
            _ => return,
        };
        let mut keys = self.head(&id, name, schema);
        keys.extend(own);
        keys.extend(self.split(place, id.kind()).access().map(|access| ("access", access)));
        file.about(place, |file| {
            file.head(&[section, &name.name]);
            file.keys(&keys);
        });
    }

    /// Writes a view.
    pub fn view(&self, place: usize, view: &'c View, schema: &str, file: &mut File) {
        let mut keys = self.head(&Id::of(Kind::View, &view.name), &view.name, schema);
        keys.push(("query", literals::sql(view.query.text())));
        keys.extend((!view.security_invoker).then(|| ("security", string("definer"))));
        keys.extend(view.check_option.map(|option| ("check_option", string(if option == CheckOption::Local { "local" } else { "cascaded" }))));
        keys.extend(self.split(place, Kind::View).access().map(|access| ("access", access)));
        file.about(place, |file| {
            file.head(&["view", &view.name.name]);
            file.keys(&keys);
            file.head(&["view", &view.name.name, "columns"]);
            let width = view.columns.iter().map(|(name, _)| key(name).len()).max().unwrap_or_default();
            for (name, ty) in &view.columns {
                file.line(&format!("{:width$} = {}", key(name), string(&self.state.written_type(ty))));
            }
        });
    }

    /// What a function does, as far as it can be told without its author.
    pub fn effect(&self, place: usize, function: &Function) -> Effect {
        let is_granted = !self.split(place, Kind::Function).said.is_empty();
        match (&function.returns, function.volatility) {
            (Returns::Type(ty), _) if ty == "trigger" => Effect::Trigger,
            _ if self.guards.assertions.contains(&function.name) => Effect::Assert,
            (_, Volatility::Volatile) if guarded(&function.body).is_some() => Effect::Write,
            (_, Volatility::Stable | Volatility::Immutable) if is_granted => Effect::Read,
            (_, Volatility::Volatile) if is_granted => Effect::Assert,
            (_, Volatility::Volatile) => Effect::Internal,
            _ => Effect::Read,
        }
    }

    /// Writes a function; gives the body back, which goes into a file of its own.
    pub fn function(&self, place: usize, function: &'c Function, schema: &str, path: &str, file: &mut File) -> String {
        let id = Id::function(&function.name, &function.argument_types());
        let effect = self.effect(place, function);
        let trimmed = function.body.trim();
        let (calls, body, verbatim) = match guarded(&function.body) {
            Some((calls, block)) => (calls, format!("{block}\n"), false),
            // The compiler puts a line break before and behind.
            None if format!("\n{trimmed}\n") == function.body => (Vec::new(), format!("{trimmed}\n"), false),
            None => (Vec::new(), function.body.clone(), true),
        };
        let mut keys: Vec<(&str, String)> = self.comments.get(&id).map(|comment| ("summary", text(comment))).into_iter().collect();
        keys.extend((*function.name.schema != *schema).then(|| ("schema", string(&function.name.schema))));
        keys.push(("effect", string(effect.label())));
        let may_execute = !matches!(effect, Effect::Trigger | Effect::Internal);
        keys.extend(
            access::split(self.state.inventory, &self.state.item(place).key, Kind::Function, may_execute)
                .execute()
                .map(|execute| ("execute", execute)),
        );
        let guards = calls.iter().filter_map(|call| self.guards.names.get(*call));
        let guards = strings(guards);
        keys.extend((guards != "[]").then_some(("guard", guards)));
        if !function.arguments.is_empty() {
            let arguments = function.arguments.iter().map(|argument| {
                let default =
                    argument.default.as_ref().map(|default| format!(", default = {{ sql = {} }}", string(default.text()))).unwrap_or_default();
                format!("{{ name = {}, type = {}{default} }}", string(&argument.name), string(&self.state.written_type(&argument.data_type)))
            });
            keys.push(("args", format!("[{}]", arguments.collect::<Vec<_>>().join(", "))));
        }
        // Nothing tells that a result is never NULL.
        match &function.returns {
            Returns::Type(ty) if ty == "void" => {}
            Returns::Type(ty) if ty == "trigger" => keys.push(("returns", string(ty))),
            Returns::Type(ty) => keys.push(("returns", format!("{{ type = {}, nullable = true }}", string(&self.state.written_type(ty))))),
            Returns::SetOf(ty) => keys.push(("returns", format!("{{ set_of = {} }}", string(&self.state.written_type(ty))))),
            Returns::Table(columns) => {
                let columns = columns
                    .iter()
                    .map(|(name, ty)| format!("{} = {{ type = {}, nullable = true }}", key(name), string(&self.state.written_type(ty))));
                keys.push(("returns", format!("{{ table = {{ {} }} }}", columns.collect::<Vec<_>>().join(", "))));
            }
        }
        keys.extend((function.language == Language::Sql.label()).then(|| ("language", string("sql"))));
        keys.extend((function.security == Security::Invoker).then(|| ("security", string("invoker"))));
        let usual = if effect == Effect::Read { Volatility::Stable } else { Volatility::Volatile };
        keys.extend((function.volatility != usual).then(|| ("volatility", string(function.volatility.label()))));
        keys.extend(function.strict.then(|| ("strict", "true".to_owned())));
        keys.push(("body", format!("{{ file = {} }}", string(path))));
        keys.extend(verbatim.then(|| ("verbatim", "true".to_owned())));
        file.about(place, |file| {
            file.head(&["function", &function.name.name]);
            file.keys(&keys);
        });
        body
    }
}

fn sequence(sequence: &Sequence) -> Vec<(&'static str, String)> {
    let (limit, ascending) = (sequence.data_type.maximum(), sequence.increment >= 0);
    let minimum = if ascending { 1 } else { -limit - 1 };
    let maximum = if ascending { limit } else { -1 };
    let start = if ascending { sequence.minimum } else { sequence.maximum };
    let mut keys = Vec::new();
    keys.extend((sequence.data_type.label() != "bigint").then(|| ("type", string(sequence.data_type.label()))));
    let numbers = [
        ("start", sequence.start, start),
        ("increment", sequence.increment, 1),
        ("minimum", sequence.minimum, minimum),
        ("maximum", sequence.maximum, maximum),
        ("cache", sequence.cache, 1),
    ];
    keys.extend(numbers.into_iter().filter(|(_, value, usual)| value != usual).map(|(key, value, _)| (key, value.to_string())));
    keys.extend(sequence.cycle.then(|| ("cycle", "true".to_owned())));
    keys
}

/// The errors that bodies raise as the spec declares them: `raise sqlstate 'PT403' using message = 'not_allowed'`. One message with two
/// statuses is none.
pub fn errors<'t>(bodies: impl Iterator<Item = &'t str>) -> BTreeMap<String, u16> {
    let mut errors: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    for body in bodies {
        let lower = body.to_lowercase();
        // Only where small letters take as many bytes as capitals are the places the same.
        if lower.len() != body.len() {
            continue;
        }
        for (place, found) in lower.match_indices("sqlstate 'pt") {
            let rest = body.get(place + found.len()..).unwrap_or_default();
            let (Some(digits), Some(behind)) = (rest.get(..3), rest.get(3..)) else { continue };
            let Ok(status) = digits.parse::<u16>() else { continue };
            let statement = behind.split(';').next().unwrap_or_default();
            let message = statement.split_once("message").and_then(|(_, rest)| rest.split_once('\'')).and_then(|(_, rest)| rest.split_once('\''));
            let Some((message, _)) =
                message.filter(|(message, _)| !message.is_empty() && message.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
            else {
                continue;
            };
            errors.entry(message.to_owned()).or_default().insert(status);
        }
    }
    errors.into_iter().filter_map(|(message, statuses)| (statuses.len() == 1).then(|| Some((message, *statuses.first()?)))?).collect()
}

/// Writes errors.
pub fn write_errors(errors: &BTreeMap<String, u16>, file: &mut File) {
    for (message, status) in errors {
        file.head(&["error", message]);
        file.keys(&[("status", status.to_string()), ("summary", string(&format!("{}.", message.replace('_', " "))))]);
    }
}

/// A name of a file for something of a schema.
pub fn path(folder: &str, schema: &str, name: &str, taken: &mut BTreeSet<String>) -> String {
    let stem = format!("{folder}/{}/{}", super::modules::slug(schema), super::modules::slug(name));
    format!("{}.sql", super::modules::unique(stem, taken))
}

/// Something as SQL names it.
pub fn quoted_schema(schema: &str) -> String {
    quote(schema).into_owned()
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn guards_are_told_from_bodies() {
        let body = "\nBEGIN\n  PERFORM public.assert_a(p_x);\n  PERFORM public.assert_b();\n\nbegin\n  null;\nend;\nEND\n";
        assert_eq!(guarded(body), Some((vec!["public.assert_a(p_x)", "public.assert_b()"], "begin\n  null;\nend")));
        assert_eq!(guarded("\nbegin null; end\n"), None);
        assert_eq!(guarded("\nBEGIN\n\nbegin end;\nEND\n"), None);
    }
}
