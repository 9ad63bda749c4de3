//! The statements of renames.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::evolution::exchange::Aside;
use crate::evolution::intent::Rename;
use crate::kinds::renaming::{RELATIONS, Renaming};
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// What goes with tables into another schema, where its names may be those of something else: indexes and sequences.
#[derive(Default)]
struct Companions<'c> {
    /// By table, words in ALTER and names.
    of: FxHashMap<&'c QualifiedName, Vec<(&'static str, &'c str)>>,
    taken: FxHashSet<(&'c str, &'c str)>,
}

impl<'c> Companions<'c> {
    fn new(catalog: &'c Catalog) -> Companions<'c> {
        let mut companions = Companions::default();
        for object in catalog.objects() {
            let found = match object {
                Object::Index(index) => (&index.table, "INDEX", index.name.as_str()),
                Object::PrimaryKey(key) => (&key.table, "INDEX", key.name.as_str()),
                Object::Unique(key) => (&key.table, "INDEX", key.name.as_str()),
                Object::Column(column) => match &column.identity_sequence {
                    Some(sequence) => (&column.table, "SEQUENCE", &*sequence.name),
                    None => continue,
                },
                _ => continue,
            };
            let (table, word, name) = found;
            companions.of.entry(table).or_default().push((word, name));
            companions.taken.insert((&table.schema, name));
        }
        companions
    }
}

/// Makes statements, one rename after the other.
pub struct Statements<'s> {
    renaming: &'s Renaming,
    before: &'s Catalog,
    pub aside: Aside<'s>,
    /// Looked for where a table goes into another schema.
    companions: Option<Companions<'s>>,
    /// What gets its name again once all tables are where they shall be.
    left: Vec<(Id, String)>,
}

impl<'s> Statements<'s> {
    pub fn new(renaming: &'s Renaming, before: &'s Catalog, aside: Aside<'s>) -> Statements<'s> {
        Statements { renaming, before, aside, companions: None, left: Vec::new() }
    }

    /// What is aside still, with the table that it goes with.
    pub fn left_aside(&mut self) -> Vec<(Id, String)> {
        std::mem::take(&mut self.left)
    }

    /// A rename, perhaps from or to another name than the declared one.
    pub fn of(&mut self, rename: &Rename, aside_from: Option<&str>, aside_to: Option<&str>) -> Vec<String> {
        let ends = |from: &str, to: &str| (quote(aside_from.unwrap_or(from)).into_owned(), quote(aside_to.unwrap_or(to)).into_owned());
        match rename {
            Rename::Schema { from, to } => {
                let (from, to) = ends(from, to);
                vec![format!("ALTER SCHEMA {from} RENAME TO {to};")]
            }
            Rename::Relation { kind, from, to } => {
                let word = match kind {
                    Kind::Table | Kind::View | Kind::Sequence | Kind::Domain => kind.word().to_uppercase(),
                    _ => "TYPE".to_owned(),
                };
                let statements = self.moved(&word, from, to, "", [aside_from, aside_to]);
                if *kind == Kind::Table && aside_to.is_none() { self.with_companions(from, to, statements) } else { statements }
            }
            Rename::Function { id, from, to } => {
                let arguments = id.name().find('(').and_then(|place| id.name().get(place..)).unwrap_or_default();
                self.moved("FUNCTION", from, to, arguments, [aside_from, aside_to])
            }
            Rename::Column { table, from, to } => {
                let (from, to) = ends(from, to);
                vec![format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to};")]
            }
            Rename::Member { kind, of, from, to } => {
                let (what, part) = if *kind == Kind::View { ("VIEW", "COLUMN") } else { ("TYPE", "ATTRIBUTE") };
                let (from, to) = ends(from, to);
                vec![format!("ALTER {what} {of} RENAME {part} {from} TO {to};")]
            }
            Rename::Value { name, from, to } => {
                let (from, to) = (quoted(aside_from.unwrap_or(from)), quoted(aside_to.unwrap_or(to)));
                vec![format!("ALTER TYPE {name} RENAME VALUE {from} TO {to};")]
            }
        }
    }

    /// Into its schema, then to its name. Schemas have their old names still.
    fn moved(
        &mut self,
        word: &str,
        from: &QualifiedName,
        to: &QualifiedName,
        arguments: &str,
        [aside_from, aside_to]: [Option<&str>; 2],
    ) -> Vec<String> {
        let mut at = QualifiedName::new(from.schema.clone(), aside_from.unwrap_or(&from.name));
        let to = aside_to.map_or_else(|| self.renaming.schema_before(to), |name| QualifiedName::new(from.schema.clone(), name));
        let mut statements = Vec::new();
        let rename_to = |statements: &mut Vec<String>, at: &mut QualifiedName, name: &str| {
            statements.push(format!("ALTER {word} {at}{arguments} RENAME TO {};", quote(name)));
            *at = QualifiedName::new(at.schema.clone(), name);
        };
        if at.schema != to.schema {
            // Under its old name something else may be there.
            let there = QualifiedName::new(to.schema.clone(), at.name.clone());
            if at.name != to.name && word != "FUNCTION" && RELATIONS.iter().any(|kind| self.before.contains(&Id::of(*kind, &there))) {
                let name = self.aside.name(&at.name);
                rename_to(&mut statements, &mut at, &name);
            }
            statements.push(format!("ALTER {word} {at}{arguments} SET SCHEMA {};", quote(&to.schema)));
            at = QualifiedName::new(to.schema.clone(), at.name);
        }
        if at.name != to.name {
            rename_to(&mut statements, &mut at, &to.name);
        }
        statements
    }

    /// With what goes along put aside, where its names are in use in the other schema.
    fn with_companions(&mut self, from: &QualifiedName, to: &QualifiedName, statements: Vec<String>) -> Vec<String> {
        let schema = self.renaming.schema_before(to).schema;
        if schema == from.schema {
            return statements;
        }
        let before = self.before;
        let companions = self.companions.get_or_insert_with(|| Companions::new(before));
        let mut all = Vec::new();
        for (word, name) in companions.of.get(from).into_iter().flatten().filter(|(_, name)| companions.taken.contains(&(&*schema, *name))) {
            let aside = quote(&self.aside.name(name)).into_owned();
            all.push(format!("ALTER {word} {}.{} RENAME TO {aside};", quote(&from.schema), quote(name)));
            self.left.push((Id::of(Kind::Table, to), format!("ALTER {word} {}.{aside} RENAME TO {};", quote(&schema), quote(name))));
        }
        all.extend(statements);
        all
    }
}
