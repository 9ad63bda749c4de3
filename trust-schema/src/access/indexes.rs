//! What the computation looks up: everything by its table or target, so that nothing is searched for.

use rustc_hash::FxHashMap;

use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::kinds::constraint::foreign_key::ForeignKey;
use crate::kinds::function::Function;
use crate::kinds::grant::Grant;
use crate::kinds::policy::Policy;
use crate::kinds::table::Table;
use crate::kinds::trigger::Trigger;
use crate::kinds::view::View;

/// The Catalog by what is asked of it.
pub struct Indexes<'c> {
    pub catalog: &'c Catalog,
    /// Grants by their target, in the order of targets.
    pub grants: Vec<(&'c Id, Vec<&'c Grant>)>,
    pub tables: Vec<(&'c Id, &'c Table)>,
    pub views: Vec<(&'c Id, &'c View)>,
    pub functions: Vec<(&'c Id, &'c Function)>,
    pub function_names: FxHashMap<&'c QualifiedName, Vec<&'c Id>>,
    /// Columns of tables, by table.
    pub columns: FxHashMap<&'c QualifiedName, Vec<&'c str>>,
    pub policies: FxHashMap<&'c QualifiedName, Vec<&'c Policy>>,
    pub triggers: FxHashMap<&'c QualifiedName, Vec<(&'c Id, &'c Trigger)>>,
    /// Foreign keys by the table to which they refer.
    pub referring: FxHashMap<&'c QualifiedName, Vec<(&'c Id, &'c ForeignKey)>>,
    /// Tables, views and sequences, those behind identity columns too: what the predefined roles may read and write.
    pub relations: Vec<Id>,
    pub schemas: Vec<Id>,
    pub raw: Vec<Id>,
}

impl<'c> Indexes<'c> {
    pub fn new(catalog: &'c Catalog) -> Indexes<'c> {
        let mut indexes = Indexes {
            catalog,
            grants: Vec::new(),
            tables: Vec::new(),
            views: Vec::new(),
            functions: Vec::new(),
            function_names: FxHashMap::default(),
            columns: FxHashMap::default(),
            policies: FxHashMap::default(),
            triggers: FxHashMap::default(),
            referring: FxHashMap::default(),
            relations: Vec::new(),
            schemas: Vec::new(),
            raw: Vec::new(),
        };
        let mut grants: FxHashMap<&Id, Vec<&Grant>> = FxHashMap::default();
        for (id, entry) in catalog.iter() {
            match &entry.object {
                Object::Grant(grant) => grants.entry(&grant.target).or_default().push(grant),
                Object::Policy(policy) => indexes.policies.entry(&policy.table).or_default().push(policy),
                Object::Trigger(trigger) => indexes.triggers.entry(&trigger.table).or_default().push((id, trigger)),
                Object::ForeignKey(key) => indexes.referring.entry(&key.references).or_default().push((id, key)),
                Object::Column(column) => {
                    indexes.columns.entry(&column.table).or_default().push(&column.name);
                    indexes.relations.extend(column.identity_sequence.as_ref().map(|sequence| Id::of(Kind::Sequence, sequence)));
                }
                Object::Table(table) => {
                    indexes.tables.push((id, table));
                    indexes.relations.push(id.clone());
                }
                Object::View(view) => {
                    indexes.views.push((id, view));
                    indexes.relations.push(id.clone());
                }
                Object::Sequence(_) => indexes.relations.push(id.clone()),
                Object::Function(function) => {
                    indexes.function_names.entry(&function.name).or_default().push(id);
                    indexes.functions.push((id, function));
                }
                Object::Schema(_) => indexes.schemas.push(id.clone()),
                Object::Raw(_) => indexes.raw.push(id.clone()),
                _ => {}
            }
        }
        indexes.grants = grants.into_iter().collect();
        indexes.grants.sort_by_key(|(target, _)| *target);
        indexes.triggers.values_mut().for_each(|triggers| triggers.sort_by_key(|(id, _)| *id));
        indexes.referring.values_mut().for_each(|keys| keys.sort_by_key(|(id, _)| *id));
        indexes.relations.sort();
        indexes.relations.dedup();
        indexes
    }

    /// The table or view of a name.
    pub fn relation(&self, name: &QualifiedName) -> Option<&'c Id> {
        [Kind::Table, Kind::View]
            .into_iter()
            .find_map(|kind| self.catalog.place(&Id::of(kind, name)).and_then(|place| self.catalog.at(place)).map(|(id, _)| id))
    }

    /// The schema of an object; none for a schema itself.
    pub fn schema_of(&self, id: &Id) -> Option<&'c str> {
        match self.catalog.get(id)? {
            Object::Table(table) => Some(&table.name.schema),
            Object::View(view) => Some(&view.name.schema),
            Object::Sequence(sequence) => Some(&sequence.name.schema),
            Object::Function(function) => Some(&function.name.schema),
            Object::Enum(object) => Some(&object.name.schema),
            Object::Domain(object) => Some(&object.name.schema),
            Object::Composite(object) => Some(&object.name.schema),
            _ => None,
        }
    }
}
