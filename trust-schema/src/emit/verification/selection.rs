//! Which objects a verification covers.

use std::collections::BTreeSet;

use crate::catalog::{Entry, Id, Object};
use crate::kinds::Kind;
use crate::resolve::Resolution;

/// All objects, or those of one migration.
pub struct Selection<'r> {
    pub resolution: &'r Resolution,
    /// Places in the Catalog, since a spec has many migrations, and none of them may cost a walk through all objects.
    places: Option<BTreeSet<usize>>,
}

impl<'r> Selection<'r> {
    pub fn whole(resolution: &'r Resolution) -> Selection<'r> {
        Selection { resolution, places: None }
    }

    /// What no comparison of catalogs tells: of schemas, the default privileges.
    pub fn beside_catalogs(resolution: &'r Resolution) -> Selection<'r> {
        let beside = |id: &Id| matches!(id.kind(), Kind::Schema | Kind::Extension | Kind::Seed | Kind::Schedule | Kind::Raw);
        let places = resolution.catalog.iter().filter(|(id, _)| beside(id)).filter_map(|(id, _)| resolution.catalog.place(id));
        Selection { resolution, places: Some(places.collect()) }
    }

    /// The objects that the migration of a module creates, the parts of its tables included.
    pub fn migration(resolution: &'r Resolution, module: usize) -> Selection<'r> {
        let plan = resolution.plan();
        let steps = plan.migrations.get(module).into_iter().flatten();
        let ids = steps.flat_map(|id| std::iter::once(id).chain(plan.inline.get(id).into_iter().flatten()));
        let mut places: BTreeSet<usize> = ids.filter_map(|id| resolution.catalog.place(id)).collect();
        if resolution.pending.is_some() {
            // An object that changes keeps the grants and the comment that an earlier migration gave it.
            let kept = resolution.catalog.iter().filter(|(id, _)| matches!(id.kind(), Kind::Grant | Kind::Comment));
            let kept = kept.filter(|(_, entry)| {
                entry.object.parents().iter().filter_map(|target| resolution.catalog.place(target)).any(|target| places.contains(&target))
            });
            let kept: Vec<usize> = kept.filter_map(|(id, _)| resolution.catalog.place(id)).collect();
            places.extend(kept);
        }
        Selection { resolution, places: Some(places) }
    }

    /// The same objects, and those without which the queries of its seeds and raw blocks could not run.
    pub fn with_needs_of_queries(&self) -> Selection<'r> {
        let catalog = &self.resolution.catalog;
        let Some(mut places) = self.places.clone() else { return Selection { resolution: self.resolution, places: None } };
        for (id, entry) in self.entries() {
            let needed: Vec<Id> = match &entry.object {
                Object::Seed(seed) => {
                    let columns = seed.columns.iter().map(|column| Id::part(Kind::Column, &seed.table, column));
                    columns.chain([id.clone(), Id::of(Kind::Table, &seed.table)]).collect()
                }
                Object::Raw(_) => vec![id.clone()],
                _ => continue,
            };
            for id in needed.iter().flat_map(|id| std::iter::once(id).chain(catalog.needs(id))) {
                places.extend(catalog.place(id));
            }
        }
        Selection { resolution: self.resolution, places: Some(places) }
    }

    /// Whether everything is covered, so that what the spec does not declare can be told.
    pub fn is_whole(&self) -> bool {
        self.places.is_none()
    }

    pub fn entries(&self) -> impl Iterator<Item = (&'r Id, &'r Entry)> {
        let catalog = &self.resolution.catalog;
        let whole = self.places.is_none().then(|| catalog.iter()).into_iter().flatten();
        whole.chain(self.places.iter().flatten().filter_map(|place| catalog.at(*place)))
    }

    pub fn objects(&self) -> impl Iterator<Item = (&'r Id, &'r Object)> {
        self.entries().map(|(id, entry)| (id, &entry.object))
    }

    /// Objects that raw blocks change, so that they are not what the spec alone says of them.
    pub fn altered(&self) -> BTreeSet<&'r Id> {
        let raws = self.resolution.catalog.objects().filter_map(|object| if let Object::Raw(raw) = object { Some(&raw.alters) } else { None });
        raws.flatten().collect()
    }

    /// The schemas in which the covered objects lie.
    pub fn schemas(&self) -> BTreeSet<&'r str> {
        let schemas = self.objects().filter_map(|(_, object)| match object {
            Object::Schema(schema) => Some(schema.name.as_str()),
            Object::Comment(comment) => comment_schema(self.resolution, &comment.target),
            Object::Grant(grant) => schema_of(self.resolution.catalog.get(&grant.target)?),
            object => schema_of(object),
        });
        schemas.collect()
    }

    /// The roles under which clients come, and every other one that is granted something; whether they are of the first sort.
    pub fn roles(&self) -> Vec<(&'r str, bool)> {
        let api = &self.resolution.project.api_roles;
        let mut roles: Vec<(&str, bool)> = std::iter::once("PUBLIC").chain(api.iter().map(String::as_str)).map(|role| (role, true)).collect();
        let others: BTreeSet<&str> = self
            .objects()
            .filter_map(|(_, object)| match object {
                Object::Grant(grant) => Some(grant.grantee.as_str()),
                Object::Role(role) => Some(role.name.as_str()),
                _ => None,
            })
            .collect();
        roles.extend(others.into_iter().filter(|role| *role != "public" && !api.iter().any(|known| known == role)).map(|role| (role, false)));
        roles
    }

    /// Whether something is created that the compiler does not understand, so that nothing is known to be complete.
    pub fn has_raw(&self) -> bool {
        self.objects().any(|(id, _)| id.kind() == Kind::Raw)
    }
}

fn comment_schema<'r>(resolution: &'r Resolution, target: &Id) -> Option<&'r str> {
    schema_of(resolution.catalog.get(target)?)
}

/// The schema of an object, or of the table of which it is a part.
pub fn schema_of(object: &Object) -> Option<&str> {
    Some(match object {
        Object::Schema(schema) => &schema.name,
        Object::Enum(object) => &object.name.schema,
        Object::Domain(object) => &object.name.schema,
        Object::Composite(object) => &object.name.schema,
        Object::Sequence(object) => &object.name.schema,
        Object::Table(object) => &object.name.schema,
        Object::View(object) => &object.name.schema,
        Object::Function(object) => &object.name.schema,
        Object::Column(object) => &object.table.schema,
        Object::PrimaryKey(object) => &object.table.schema,
        Object::Unique(object) => &object.table.schema,
        Object::Check(object) => &object.table.schema,
        Object::ForeignKey(object) => &object.table.schema,
        Object::Index(object) => &object.table.schema,
        Object::Trigger(object) => &object.table.schema,
        Object::Policy(object) => &object.table.schema,
        Object::Seed(object) => &object.table.schema,
        Object::Role(_) | Object::Extension(_) | Object::Grant(_) | Object::Comment(_) | Object::Raw(_) | Object::Schedule(_) => return None,
    })
}
