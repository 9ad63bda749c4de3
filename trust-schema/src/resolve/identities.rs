//! Which columns say to whom a row belongs: by the declared tenancy, by foreign keys, and by what policies compare with who calls.

use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::operations::Tenancy;
use crate::plpgsql::Identities;

/// Where the users of Supabase are, whatever is declared.
const USERS: [&str; 3] = ["auth", "users", "id"];

/// Collects them. Linear.
pub fn identities(catalog: &Catalog, tenancy: Option<&Tenancy>) -> Identities {
    let mut identities = Identities::default();
    let [schema, users, id] = USERS;
    identities.identity(schema, users, id);
    if let Some(tenancy) = tenancy {
        for table in [&tenancy.tenants, &tenancy.users] {
            identify(table, catalog, &mut identities);
        }
    }
    for object in catalog.objects() {
        match object {
            Object::ForeignKey(key) => {
                for (column, referenced) in key.columns.iter().zip(&key.referenced_columns) {
                    let [from, to] = [(&key.table, column), (&key.references, referenced)];
                    identities.reference([&from.0.schema, &from.0.name, from.1], [&to.0.schema, &to.0.name, to.1]);
                }
                if let Some(tenancy) = tenancy.filter(|tenancy| tenancy.names_tenant(key) || tenancy.names_user(key))
                    && let Some(column) = key.columns.first()
                {
                    debug_assert!(key.references == tenancy.tenants || key.references == tenancy.users);
                    identities.identity(&key.table.schema, &key.table.name, column);
                }
            }
            Object::Policy(policy) => {
                for condition in [&policy.using, &policy.check].into_iter().flatten() {
                    identities.policy(&policy.table.schema, &policy.table.name, condition.text());
                }
            }
            _ => {}
        }
    }
    identities
}

/// The primary key of a table of tenants or users.
fn identify(table: &QualifiedName, catalog: &Catalog, identities: &mut Identities) {
    let Some(Object::Table(found)) = catalog.get(&Id::of(Kind::Table, table)) else { return };
    for column in catalog.objects().filter_map(|object| match object {
        Object::PrimaryKey(key) if key.table == found.name => key.columns.first(),
        _ => None,
    }) {
        identities.identity(&table.schema, &table.name, column);
    }
}
