//! From a resolution to the model.

use super::types::Types;
use super::{Composite, Domain, Enum, Error, Field, Model};
use crate::catalog::{Catalog, Id, Object};
use crate::resolve::Resolution;
use crate::source::Span;

impl Model {
    /// Gathers everything; linear in the size of the Catalog.
    pub fn new(resolution: &Resolution) -> Model {
        let catalog = &resolution.catalog;
        let mut types = Types::new(catalog);
        let (tables, views) = super::relations::relations(resolution, &mut types);
        let mut model = Model { project: resolution.project.name.clone(), tables, views, ..Model::default() };
        for (id, entry) in catalog.iter() {
            let comment = comment(catalog, id);
            let span = span(resolution, id);
            match &entry.object {
                Object::Enum(object) => {
                    model.enums.push(Enum { name: object.name.clone(), labels: object.values.clone(), comment, span });
                }
                Object::Composite(object) => {
                    let attributes = object.attributes.iter().map(|(name, ty)| Field { name: name.clone(), data_type: types.data_type(ty) });
                    model.composites.push(Composite { name: object.name.clone(), attributes: attributes.collect(), comment, span });
                }
                Object::Domain(object) => {
                    let base = types.data_type(&object.base);
                    model.domains.push(Domain { name: object.name.clone(), base, not_null: object.not_null, comment, span });
                }
                _ => {}
            }
        }
        model.functions = super::functions::functions(resolution, &mut types);
        model.errors = errors(resolution);
        model
    }
}

fn errors(resolution: &Resolution) -> Vec<Error> {
    let error = |(name, error): (&String, &crate::contract::ErrorContract)| Error {
        name: name.clone(),
        sqlstate: error.sqlstate.clone(),
        status: error.status,
        summary: error.summary.clone(),
    };
    resolution.contract.errors.iter().map(error).collect()
}

/// The comment on an object.
pub(super) fn comment(catalog: &Catalog, id: &Id) -> Option<String> {
    match catalog.get(&Id::comment(id)) {
        Some(Object::Comment(comment)) => Some(comment.text.clone()),
        _ => None,
    }
}

/// Where an object is declared.
pub(super) fn span(resolution: &Resolution, id: &Id) -> Option<Span> {
    resolution.origins.get(id).map(|origin| origin.span)
}
