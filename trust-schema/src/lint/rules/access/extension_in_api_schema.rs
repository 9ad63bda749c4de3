//! `extension-in-api-schema`

use crate::lint::rules::shared::*;

rule! {
    "TL0120" "extension-in-api-schema" Warn;
    "An extension lies in a schema that clients reach";
    why "Its functions are callable by PUBLIC, as PostgreSQL grants it: each becomes a procedure of the API.";
    mend "install it in a schema of its own: `schema = \"extensions\"`"
    in sql "install it in a schema of its own: `create extension … with schema extensions`";
    claims ["functions_of_extensions_are_public"];
    bad Sql "create extension citext schema public;";
    good Sql "create extension citext schema extensions;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, entry) in context.catalog.iter() {
        let Object::Extension(extension) = &entry.object else { continue };
        if context.is_exposed(&extension.schema) {
            findings.add(id, format!("extension `{}` lies in `{}`, which clients reach", extension.name, extension.schema));
        }
    }
}
