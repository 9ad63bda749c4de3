//! Documents for people: the deployment playbook, the reference and the entity-relationship diagram.
//!
//! A document is a template and a model. Templates escape every value by default, so that no text of a spec can leave its place.

mod erd;
pub mod markdown;
mod model;
mod tables;

use minijinja::context;
use minijinja::value::{Serde, Value};

use super::Files;
use super::sql::Surroundings;

const TEMPLATES: [(&str, &str); 3] = [
    ("erd", include_str!("../templates/erd.md.j2")),
    ("playbook", include_str!("../templates/playbook.md.j2")),
    ("reference", include_str!("../templates/reference.md.j2")),
];

/// `documents/playbook.md`, `documents/reference.md` and `documents/erd.md`.
///
/// # Errors
/// A template does not render: a defect of the compiler, never of a spec.
pub fn emit(surroundings: &Surroundings<'_>, files: &mut Files) -> Result<(), minijinja::Error> {
    let resolution = surroundings.resolution;
    let environment = markdown::environment()?;
    let model = Value::from(Serde(model::model(surroundings)));
    let diagram = Value::from(Serde(erd::diagram(resolution)));
    for (name, template) in TEMPLATES {
        let context = context! { project => resolution.project.name.as_str(), spec => &model, diagram => &diagram };
        files.insert(format!("documents/{name}.md"), environment.render_named_str(name, template, context)?);
    }
    Ok(())
}
