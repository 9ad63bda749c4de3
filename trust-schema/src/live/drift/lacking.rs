//! What a spec uses that a server which is merely read does not know.

use super::Subject;
use crate::catalog::Object;
use crate::live::deploy::Stop;
use crate::live::server::OLDEST_MAJOR;

/// Looks at every object of the spec.
///
/// # Errors
/// [`Stop`] `newer-server-needed`, with each object and its place.
pub fn check(subject: &Subject<'_>, major: u32) -> Result<(), Stop> {
    if major >= OLDEST_MAJOR {
        return Ok(());
    }
    let resolution = subject.resolution;
    let mut found: Vec<String> = Vec::new();
    for (id, entry) in resolution.catalog.iter() {
        let Some(what) = since_15(&entry.object) else { continue };
        let place = resolution.origins.get(id).map(|origin| {
            let file = &subject.sources.get(origin.span.file).path;
            format!(" ({file}:{})", subject.sources.position(origin.span).line)
        });
        found.push(format!("{id}{} has {what}", place.unwrap_or_default()));
    }
    if found.is_empty() {
        return Ok(());
    }
    found.sort_unstable();
    let message = format!("PostgreSQL {major} does not know what the spec uses: {}", found.join("; "));
    Err(Stop::new("newer-server-needed", message).help(format!(
        "no database of PostgreSQL {major} can hold it: have the server upgraded to {OLDEST_MAJOR} or newer, or leave it out of the spec"
    )))
}

/// What an object has that PostgreSQL 15 has brought.
fn since_15(object: &Object) -> Option<&'static str> {
    match object {
        Object::View(view) if view.security_invoker => Some("`security = \"invoker\"`"),
        Object::Unique(key) if key.nulls_not_distinct => Some("`nulls_not_distinct`"),
        Object::Index(index) if index.nulls_not_distinct => Some("`nulls_not_distinct`"),
        Object::ForeignKey(key) if !key.delete_columns.is_empty() => Some("columns of `on_delete`"),
        _ => None,
    }
}
