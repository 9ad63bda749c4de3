//! For each difference the SQL that brings the database back, and what to write into the spec where the database is right.

use serde_json::Value;

use super::way::Ways;
use super::{Drift, Subject, What};
use crate::catalog::{Catalog, Id, Object};
use crate::emit::sql::Surroundings;
use crate::kinds::Kind;
use crate::resolve::revoke_from;

/// Writes them.
pub struct Remedies<'r> {
    subject: &'r Subject<'r>,
    surroundings: Surroundings<'r>,
    live: &'r Catalog,
    ways: Ways<'r>,
}

impl<'r> Remedies<'r> {
    pub fn new(subject: &'r Subject<'r>, expected: &'r Catalog, live: &'r Catalog) -> Remedies<'r> {
        let revoked = revoke_from(subject.resolution.project.api_roles.iter().map(String::as_str));
        let ways = Ways::new(live, expected, &subject.resolution.catalog, revoked);
        Remedies { subject, surroundings: Surroundings::new(subject.resolution, subject.sources), live, ways }
    }

    pub fn removed(&self, id: &Id, live: &Catalog) -> Drift {
        let object = self.subject.resolution.catalog.get(id);
        // A table brings its columns and constraints.
        let with_parent = self.subject.resolution.plan().inline.iter().any(|(table, parts)| parts.contains(id) && !live.contains(table));
        let mend = if with_parent { Vec::new() } else { object.map(|object| self.create(object)).unwrap_or_default() };
        let place = self.place(id);
        let adopt = format!("remove {id} from {}", place.as_deref().unwrap_or("the spec"));
        Drift {
            what: What::Removed,
            object: id.to_string(),
            attribute: None,
            expected: None,
            actual: None,
            place,
            mend,
            adopt,
            of_others: false,
            unmodelled: false,
        }
    }

    pub fn added(&self, id: &Id, object: &Object, of_others: bool) -> Drift {
        let context = self.surroundings.context();
        let live = crate::kinds::statement::Context { catalog: self.live, ..context };
        let place = object.parents().iter().find_map(|parent| self.place(parent));
        let near = place.as_ref().map(|place| format!(" near {place}")).unwrap_or_default();
        Drift {
            what: What::Added,
            object: id.to_string(),
            attribute: None,
            expected: None,
            actual: serde_json::to_value(object).ok(),
            mend: object.drop(&live),
            adopt: format!("declare it in the spec{near}"),
            place,
            of_others,
            unmodelled: false,
        }
    }

    /// `goal` is the object as PostgreSQL prints it.
    pub fn changed(&self, id: &Id, goal: Option<&Object>, attribute: String, expected: Value, actual: Value) -> Drift {
        let place = self.place(id);
        let known = self.subject.resolution.catalog.get(id).and_then(|object| self.replace(id, object, &attribute, &expected));
        let mend = known.or_else(|| goal.map(|goal| self.ways.back(id, goal))).unwrap_or_default();
        let adopt = format!("set `{attribute}` of {id} in {} to {actual}", place.as_deref().unwrap_or("the spec"));
        Drift {
            what: What::Changed,
            object: id.to_string(),
            attribute: Some(attribute),
            expected: Some(expected),
            actual: Some(actual),
            place,
            mend,
            adopt,
            of_others: false,
            unmodelled: false,
        }
    }

    fn create(&self, object: &Object) -> Vec<String> {
        object.create(&self.surroundings.context())
    }

    /// Where an object can be made anew without losing rows, that; otherwise what is known of the attribute; nothing where a way must be planned.
    fn replace(&self, id: &Id, object: &Object, attribute: &str, expected: &Value) -> Option<Vec<String>> {
        let drop_live = |live: &Object| live.drop(&crate::kinds::statement::Context { catalog: self.live, ..self.surroundings.context() });
        let name = id.name();
        match id.kind() {
            // Replaced, it keeps its privileges: what protects a new one is left out.
            Kind::Function => {
                let create = self.create(object).into_iter().filter_map(|sql| sql.strip_prefix("CREATE FUNCTION").map(str::to_owned));
                Some(create.map(|rest| format!("CREATE OR REPLACE FUNCTION{rest}")).collect())
            }
            Kind::Policy | Kind::Trigger | Kind::Grant | Kind::Comment | Kind::Check | Kind::Index | Kind::ForeignKey => {
                let mut statements = self.live.get(id).map(drop_live).unwrap_or_default();
                statements.extend(self.create(object));
                Some(statements)
            }
            Kind::Table => {
                let on = expected.as_bool().unwrap_or_default();
                let action = match (attribute, on) {
                    ("row_level_security", true) => "ENABLE ROW LEVEL SECURITY",
                    ("row_level_security", false) => "DISABLE ROW LEVEL SECURITY",
                    ("force_row_level_security", true) => "FORCE ROW LEVEL SECURITY",
                    ("force_row_level_security", false) => "NO FORCE ROW LEVEL SECURITY",
                    ("unlogged", true) => "SET UNLOGGED",
                    ("unlogged", false) => "SET LOGGED",
                    _ => return None,
                };
                Some(vec![format!("ALTER TABLE {name} {action};")])
            }
            Kind::Column => column(object, attribute),
            _ => None,
        }
    }

    fn place(&self, id: &Id) -> Option<String> {
        let origin = self.subject.resolution.origins.get(id)?;
        let file = self.subject.sources.get(origin.span.file);
        Some(format!("{}:{}", file.path, self.subject.sources.position(origin.span).line))
    }
}

fn column(object: &Object, attribute: &str) -> Option<Vec<String>> {
    let Object::Column(column) = object else { return None };
    let alter =
        |what: String| Some(vec![format!("ALTER TABLE {} ALTER COLUMN {} {what};", column.table, crate::sql::identifier::quote(&column.name))]);
    match attribute {
        "default" => match &column.default {
            Some(default) => alter(format!("SET DEFAULT ({})", default.text())),
            None => alter("DROP DEFAULT".to_owned()),
        },
        "not_null" => alter(if column.not_null { "SET NOT NULL".to_owned() } else { "DROP NOT NULL".to_owned() }),
        // PostgreSQL cannot move a column.
        "position" => Some(Vec::new()),
        _ => None,
    }
}
