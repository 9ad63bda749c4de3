//! What the output is made of: the objects of each exposed schema, in the order in which they are printed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::collation::compare;
use super::view_query::{Shape, Views};
use crate::catalog::{Id, Object, QualifiedName};
use crate::kinds::column::Column;
use crate::kinds::composite::Composite;
use crate::kinds::constraint::foreign_key::ForeignKey;
use crate::kinds::domain::Domain;
use crate::kinds::enumeration::Enum;
use crate::kinds::function::{Function, Returns};
use crate::kinds::grant::Privilege;
use crate::kinds::trigger::{Event, When};
use crate::kinds::view::View;
use crate::names::Names;
use crate::resolve::Resolution;

/// The schema that is exposed whatever it holds.
const DEFAULT_SCHEMA: &str = "public";

/// The objects of one schema.
#[derive(Default)]
pub struct SchemaObjects<'r> {
    pub relations: Vec<&'r QualifiedName>,
    pub functions: Vec<&'r Function>,
    pub enums: Vec<&'r Enum>,
    pub composites: Vec<&'r Composite>,
}

/// A table or view.
pub enum RelationObject<'r> {
    /// Its columns by name.
    Table(Vec<&'r Column>),
    View(ViewObject<'r>),
}

/// A view and what can be written through it.
pub struct ViewObject<'r> {
    pub view: &'r View,
    pub shape: Shape,
    /// INSTEAD OF triggers take an INSERT, an UPDATE.
    pub insert_trigger: bool,
    pub update_trigger: bool,
}

impl RelationObject<'_> {
    pub fn is_view(&self) -> bool {
        matches!(self, RelationObject::View(_))
    }
}

/// Everything that the output says.
pub struct Model<'r> {
    pub schemas: BTreeMap<&'r str, SchemaObjects<'r>>,
    pub relations: HashMap<QualifiedName, RelationObject<'r>>,
    pub enums: HashMap<QualifiedName, &'r [String]>,
    /// Composite types with attributes.
    pub composites: HashSet<QualifiedName>,
    pub domains: HashMap<QualifiedName, &'r Domain>,
    pub foreign_keys: Vec<&'r ForeignKey>,
    /// Column sets of primary keys and unique constraints, by table, in the order of the table's columns.
    pub keys: HashMap<&'r QualifiedName, HashSet<Vec<&'r str>>>,
    /// Types in the order of their creation.
    pub created: HashMap<QualifiedName, usize>,
    /// For tables that others own.
    pub names: &'r Names,
}

/// The schemas that API clients see: `public`, and those that an API role may use and that hold something which an API role was granted.
/// A function that policies call is granted, too: without USAGE on its schema no client can name it.
pub fn exposed_schemas(resolution: &Resolution) -> BTreeSet<&str> {
    let roles: BTreeSet<&str> = resolution.project.api_roles.iter().map(String::as_str).collect();
    let (mut usable, mut holding) = (BTreeSet::new(), BTreeSet::new());
    for object in resolution.catalog.objects() {
        let Object::Grant(grant) = object else { continue };
        if grant.grantee != "public" && !roles.contains(grant.grantee.as_str()) {
            continue;
        }
        match resolution.catalog.get(&grant.target) {
            Some(Object::Schema(schema)) if grant.privileges.contains(&Privilege::Usage) => drop(usable.insert(schema.name.as_str())),
            target => holding.extend(target.and_then(schema_of)),
        }
    }
    usable.intersection(&holding).copied().chain([DEFAULT_SCHEMA]).collect()
}

/// The schema of an object that clients can name; a schema itself holds nothing.
fn schema_of(object: &Object) -> Option<&str> {
    Some(match object {
        Object::Table(table) => &table.name.schema,
        Object::View(view) => &view.name.schema,
        Object::Function(function) => &function.name.schema,
        Object::Enum(ty) => &ty.name.schema,
        Object::Composite(ty) => &ty.name.schema,
        _ => return None,
    })
}

/// Whether PostgREST could call it at all: trigger functions are called by triggers only.
pub fn is_callable(function: &Function) -> bool {
    !matches!(&function.returns, Returns::Type(ty) if ty == "trigger" || ty == "event_trigger")
}

impl<'r> Model<'r> {
    pub fn new(resolution: &'r Resolution) -> Model<'r> {
        let mut model = Model {
            schemas: exposed_schemas(resolution).into_iter().map(|schema| (schema, SchemaObjects::default())).collect(),
            relations: HashMap::new(),
            enums: HashMap::new(),
            composites: HashSet::new(),
            domains: HashMap::new(),
            foreign_keys: Vec::new(),
            keys: HashMap::new(),
            created: HashMap::new(),
            names: &resolution.names,
        };
        let columns = columns(resolution);
        let mut views = Views::new(resolution);
        let (inserts, updates) = instead_of_triggers(resolution);
        for object in resolution.catalog.objects() {
            match object {
                Object::Table(table) => {
                    let mut columns = columns.get(&table.name).cloned().unwrap_or_default();
                    columns.sort_by(|left, right| compare(&left.name, &right.name));
                    model.relation(&table.name, RelationObject::Table(columns));
                }
                Object::View(view) => {
                    let (insert_trigger, update_trigger) = (inserts.contains(&view.name), updates.contains(&view.name));
                    let object = ViewObject { view, shape: views.shape(view), insert_trigger, update_trigger };
                    model.relation(&view.name, RelationObject::View(object));
                }
                Object::Function(function) if is_callable(function) => {
                    model.in_schema(&function.name, |schema| schema.functions.push(function));
                }
                Object::Enum(ty) => {
                    model.enums.insert(ty.name.clone(), &ty.values);
                    model.in_schema(&ty.name, |schema| schema.enums.push(ty));
                }
                Object::Composite(ty) if !ty.attributes.is_empty() => {
                    model.composites.insert(ty.name.clone());
                    model.in_schema(&ty.name, |schema| schema.composites.push(ty));
                }
                Object::Domain(domain) => drop(model.domains.insert(domain.name.clone(), domain)),
                Object::ForeignKey(key) => model.foreign_keys.push(key),
                Object::PrimaryKey(key) => model.key(&key.table, &key.columns, &columns),
                Object::Unique(key) => model.key(&key.table, &key.columns, &columns),
                _ => {}
            }
        }
        model.sort();
        model.order_of_creation(resolution);
        model
    }

    fn in_schema(&mut self, name: &QualifiedName, add: impl FnOnce(&mut SchemaObjects<'r>)) {
        if let Some(schema) = self.schemas.get_mut(&*name.schema) {
            add(schema);
        }
    }

    fn relation(&mut self, name: &'r QualifiedName, object: RelationObject<'r>) {
        self.relations.insert(name.clone(), object);
        self.in_schema(name, |schema| schema.relations.push(name));
    }

    fn key(&mut self, table: &'r QualifiedName, key: &'r [String], columns: &HashMap<&QualifiedName, Vec<&Column>>) {
        let position =
            |name: &str| columns.get(table).and_then(|columns| columns.iter().find(|column| column.name == name)).map(|column| column.position);
        let mut key: Vec<&str> = key.iter().map(String::as_str).collect();
        key.sort_by_key(|name| position(name));
        self.keys.entry(table).or_default().insert(key);
    }

    fn sort(&mut self) {
        for schema in self.schemas.values_mut() {
            schema.relations.sort_by(|left, right| compare(&left.name, &right.name));
            schema.functions.sort_by(|left, right| compare(&left.name.name, &right.name.name));
            schema.enums.sort_by(|left, right| compare(&left.name.name, &right.name.name));
            schema.composites.sort_by(|left, right| compare(&left.name.name, &right.name.name));
        }
    }

    fn order_of_creation(&mut self, resolution: &Resolution) {
        for (position, id) in resolution.plan().migrations.iter().flatten().enumerate() {
            let name = match resolution.catalog.get(id) {
                Some(Object::Enum(ty)) => &ty.name,
                Some(Object::Domain(ty)) => &ty.name,
                Some(Object::Composite(ty)) => &ty.name,
                Some(Object::Table(table)) => &table.name,
                Some(Object::View(view)) => &view.name,
                _ => continue,
            };
            self.created.insert(name.clone(), position);
        }
    }
}

/// The columns of every table.
fn columns(resolution: &Resolution) -> HashMap<&QualifiedName, Vec<&Column>> {
    let mut columns: HashMap<&QualifiedName, Vec<&Column>> = HashMap::new();
    for object in resolution.catalog.objects() {
        if let Object::Column(column) = object {
            columns.entry(&column.table).or_default().push(column);
        }
    }
    columns
}

/// The relations with an INSTEAD OF INSERT trigger, and those with an INSTEAD OF UPDATE trigger.
fn instead_of_triggers(resolution: &Resolution) -> (HashSet<&QualifiedName>, HashSet<&QualifiedName>) {
    let (mut inserts, mut updates) = (HashSet::new(), HashSet::new());
    for object in resolution.catalog.objects() {
        let Object::Trigger(trigger) = object else { continue };
        if trigger.when == When::InsteadOf {
            if trigger.events.contains(&Event::Insert) {
                inserts.insert(&trigger.table);
            }
            if trigger.events.contains(&Event::Update) {
                updates.insert(&trigger.table);
            }
        }
    }
    (inserts, updates)
}

/// The identity of a function in the contract.
pub fn identity(function: &Function) -> Id {
    Id::function(&function.name, &function.argument_types())
}
