//! `trust.toml`: the platform, roles, schemas, extensions, and what others own.

use std::collections::{BTreeMap, BTreeSet};

use super::Request;
use super::access;
use super::file::File;
use super::inventory::{Fate, Member};
use super::state::{Sort, State};
use crate::catalog::{Id, Kind, Object, QualifiedName};
use crate::kinds::function::{Function, Returns};
use crate::kinds::project::Platform;
use crate::spec::toml::{key, string, strings, text};

/// Roles that Supabase's platform file brings, and what it brings under these names.
const SUPABASE_ROLES: [&str; 4] = ["anon", "authenticated", "service_role", "authenticator"];
const SUPABASE_SCHEMAS: [&str; 4] = ["auth", "extensions", "storage", "vault"];
const SUPABASE_OBJECTS: [&str; 5] = ["users", "uid", "role", "email", "jwt"];

/// Roles that are named somewhere: in privileges, in policies.
fn roles(state: &State<'_>) -> BTreeSet<String> {
    let mut roles = BTreeSet::new();
    for (place, item) in state.inventory.items.iter().enumerate().filter(|(place, _)| !state.is_foreign(*place)) {
        roles.extend(state.inventory.privileges.get(&item.key).into_iter().flatten().map(|one| one.grantee.clone()));
        if let Some(Object::Policy(policy)) = item.id.as_ref().filter(|_| state.sorts[place] == Sort::Modelled).and_then(|id| state.catalog.get(id)) {
            roles.extend(policy.roles.iter().cloned());
        }
    }
    roles.retain(|role| !role.is_empty() && *role != state.inventory.user && state.inventory.roles.contains_key(role));
    roles
}

/// The roles that the spec names and the platform does not bring.
pub fn own_roles(state: &State<'_>, platform: Platform) -> Vec<String> {
    roles(state).into_iter().filter(|role| platform != Platform::Supabase || !SUPABASE_ROLES.contains(&role.as_str())).collect()
}

/// Writes `trust.toml`.
pub fn write(request: &Request<'_>, state: &State<'_>, texts: &str) -> File {
    let mut file = File::default();
    let supabase = request.platform == Platform::Supabase;
    file.line("# Imported from a database. What its keys mean: `docs/spec-language.md`.\n");
    file.line("[project]");
    file.keys(&[("name", string(&request.name)), ("platform", string(if supabase { "supabase" } else { "postgresql" }))]);
    for (place, object) in state.modelled(Kind::Schema) {
        let Object::Schema(schema) = object else { continue };
        file.about(place, |file| {
            file.head(&["schema", &schema.name]);
            let item = state.item(place);
            let comment = state.inventory.comments.get(&item.key).into_iter().flatten().find(|remark| remark.part == 0);
            let mut keys: Vec<(&str, String)> = comment.map(|remark| ("comment", text(&remark.text))).into_iter().collect();
            keys.extend(access::split(state.inventory, &item.key, Kind::Schema, true).access().map(|access| ("access", access)));
            file.keys(&keys);
        });
    }
    for (name, schema) in &state.inventory.extensions {
        if state
            .inventory
            .items
            .iter()
            .enumerate()
            .any(|(place, item)| item.fate == Fate::Extension && item.name.as_ref() == Some(name) && !state.is_foreign(place))
        {
            file.head(&["extension", name]);
            file.keys(&[("schema", string(schema))]);
        }
    }
    let declared: BTreeSet<String> = own_roles(state, request.platform).into_iter().collect();
    for role in own_roles(state, request.platform) {
        let Some(known) = state.inventory.roles.get(&role) else { continue };
        file.head(&["role", &role]);
        let mut keys = Vec::new();
        keys.extend(known.login.then(|| ("login", "true".to_owned())));
        keys.extend((known.bypasses_row_security || known.superuser).then(|| ("bypasses_row_security", "true".to_owned())));
        let is_known =
            |other: &String| other.starts_with("pg_") || declared.contains(other) || (supabase && SUPABASE_ROLES.contains(&other.as_str()));
        let member_of: Vec<&String> = known.member_of.iter().filter(|other| is_known(other)).collect();
        keys.extend((!member_of.is_empty()).then(|| ("member_of", strings(member_of))));
        keys.extend((!known.inherits).then(|| ("inherits", "false".to_owned())));
        file.keys(&keys);
    }
    external(state, supabase, texts, &mut file);
    file
}

/// What others own and the spec names.
fn external(state: &State<'_>, supabase: bool, texts: &str, file: &mut File) {
    let mut relations: BTreeSet<usize> = BTreeSet::new();
    let mut functions: BTreeMap<&str, (String, Vec<String>, String)> = BTreeMap::new();
    let mut schemas: BTreeSet<String> = BTreeSet::new();
    let mut of_others: BTreeMap<&str, &str> = BTreeMap::new();
    for place in 0..state.sorts.len() {
        if state.is_foreign(place) || state.sorts[place] != Sort::Modelled || state.item(place).fate == Fate::Alias {
            continue;
        }
        for need in state.needs[place].iter().copied().filter(|need| state.is_foreign(*need)) {
            let item = state.item(need);
            match item.id.as_ref().and_then(|id| state.catalog.get(id)) {
                Some(Object::Table(_) | Object::View(_)) => {
                    relations.insert(need);
                }
                Some(Object::Function(function)) => add_function(function, &mut functions),
                _ if item.key.catalog == "pg_type" => {
                    if let (Some(schema), Some(name)) = (&item.schema, &item.name) {
                        of_others.insert(name.as_str(), schema.as_str());
                    }
                }
                _ => {}
            }
        }
    }
    // Bodies are texts: what they name is found by its name.
    for object in state.catalog.objects() {
        let Object::Function(function) = object else { continue };
        let id = Id::function(&function.name, &function.argument_types());
        if state.place(&id).is_none_or(|place| state.is_foreign(place)) && texts.contains(&format!("{}(", function.name)) {
            add_function(function, &mut functions);
        }
    }
    for Member { schema, name, arguments, returns } in &state.inventory.functions {
        if texts.contains(&format!("{}(", QualifiedName::new(schema.as_str(), name.as_str()))) {
            functions.entry(name).or_insert_with(|| (schema.clone(), arguments.clone(), returns.clone()));
        }
    }
    let types: BTreeMap<&str, &str> = state
        .inventory
        .types
        .iter()
        .filter(|ty| texts.contains(&QualifiedName::new(ty.schema.as_str(), ty.name.as_str()).to_string()))
        .map(|ty| (ty.name.as_str(), ty.schema.as_str()))
        .collect();
    let types: BTreeMap<&str, &str> = of_others.into_iter().chain(types).collect();
    functions.retain(|name, (schema, ..)| !(supabase && schema == "auth" && SUPABASE_OBJECTS.contains(name)));
    schemas.extend(functions.values().map(|(schema, ..)| schema.clone()));
    schemas.extend(types.values().map(|schema| (*schema).to_owned()));
    let mut tables: BTreeMap<String, usize> = BTreeMap::new();
    for place in relations {
        let item = state.item(place);
        let (Some(schema), Some(name)) = (&item.schema, &item.name) else { continue };
        if !(supabase && schema == "auth" && SUPABASE_OBJECTS.contains(&name.as_str())) && tables.insert(name.clone(), place).is_none() {
            schemas.insert(schema.clone());
        }
    }
    schemas.retain(|schema| {
        schema != "public"
            && !(supabase && SUPABASE_SCHEMAS.contains(&schema.as_str()))
            && state
                .place(&Id::global(Kind::Schema, schema))
                .is_none_or(|place| !state.models(&state.item(place).id.clone().unwrap_or_else(|| Id::global(Kind::Schema, schema))))
    });
    if !schemas.is_empty() {
        file.head(&["external"]);
        file.keys(&[("schemas", strings(&schemas))]);
    }
    for (name, place) in tables {
        table(state, &name, place, file);
    }
    for (name, (schema, arguments, returns)) in functions {
        file.head(&["external", "function", name]);
        let mut keys = vec![("schema", string(&schema))];
        keys.extend((!arguments.is_empty()).then(|| ("args", strings(arguments))));
        keys.push(("returns", string(&returns)));
        file.keys(&keys);
    }
    for (name, schema) in types {
        file.head(&["external", "types", name]);
        file.keys(&[("schema", string(schema))]);
    }
}

fn add_function<'c>(function: &'c Function, functions: &mut BTreeMap<&'c str, (String, Vec<String>, String)>) {
    let Returns::Type(returns) = &function.returns else { return };
    let arguments = function.argument_types().into_iter().map(str::to_owned).collect();
    functions.entry(&function.name.name).or_insert_with(|| (function.name.schema.to_string(), arguments, returns.clone()));
}

fn table(state: &State<'_>, name: &str, place: usize, file: &mut File) {
    let item = state.item(place);
    let Some(schema) = &item.schema else { return };
    let qualified = QualifiedName::new(schema.as_str(), name);
    let columns: Vec<(String, String)> = match item.id.as_ref().and_then(|id| state.catalog.get(id)) {
        Some(Object::View(view)) => view.columns.clone(),
        _ => {
            let columns = super::tables::columns(state.catalog);
            columns.get(&qualified).into_iter().flatten().map(|column| (column.name.clone(), column.data_type.clone())).collect()
        }
    };
    // Types that others own would have to be named in turn.
    let columns = columns.into_iter().filter(|(_, ty)| !ty.contains('.')).map(|(name, ty)| format!("{} = {}", key(&name), string(&ty)));
    let columns: Vec<String> = columns.collect();
    file.head(&["external", "table", name]);
    let mut keys = vec![("schema", string(schema)), ("columns", format!("{{ {} }}", columns.join(", ")))];
    let primary = state.catalog.objects().find_map(|object| match object {
        Object::PrimaryKey(primary) if primary.table == qualified => Some(primary.columns.clone()),
        _ => None,
    });
    keys.extend(primary.map(|columns| ("primary_key", strings(columns))));
    file.keys(&keys);
}
