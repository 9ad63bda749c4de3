//! What a database holds, as one number: taken when a plan is made, and again before anything is changed.

use tokio_postgres::Client;

use super::Stop;
use super::history::History;
use super::migration::hash;
use crate::live::introspect::introspect;

/// Of all objects that PostgreSQL can be asked for, and of history.
///
/// # Errors
/// Where the database cannot be read.
pub async fn fingerprint(client: &Client, history: &History) -> Result<String, Stop> {
    let catalog = introspect(client, None).await?;
    let mut lines = Vec::with_capacity(catalog.len());
    // The table of history is made on the way; its rows count.
    for (id, entry) in catalog.iter().filter(|(id, _)| !id.name().starts_with("supabase_migrations")) {
        let value = serde_json::to_string(&entry.object).map_err(|error| Stop::new("query", format!("{id} cannot be written down: {error}")))?;
        lines.push(format!("{id} {value}"));
    }
    lines.sort_unstable();
    lines.extend(history.rows.iter().map(|row| format!("history {row:?}")));
    Ok(hash(lines.join("\n").as_bytes()))
}
