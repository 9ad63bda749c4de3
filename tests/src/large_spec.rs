//! Large specs for benchmarks: tables with 8 columns, keys, indexes, 2 policies, grants, and one function each.

use trust_schema::source::SourceFile;

/// Tables of one module: about what people keep in one file.
const TABLES_IN_MODULE: usize = 50;

/// The files of a spec with this many tables.
pub fn files(tables: usize) -> Vec<SourceFile> {
    let mut files = vec![SourceFile { path: "trust.toml".to_owned(), text: PROJECT.to_owned() }];
    for module in 0..tables.div_ceil(TABLES_IN_MODULE).max(1) {
        let first = module * TABLES_IN_MODULE;
        let (hour, minute, second) = (module / 3600, module / 60 % 60, module % 60);
        let version = format!("20260101{hour:02}{minute:02}{second:02}");
        let mut text = format!("[module]\nmigration = \"{version}_module_{module:05}\"\nsummary = \"Module {module}.\"\n");
        if module == 0 {
            text.push_str(SHARED);
        }
        for table in first..tables.min(first + TABLES_IN_MODULE) {
            text.push_str(&table_spec(table));
        }
        files.push(SourceFile { path: format!("module_{module:05}.toml"), text });
    }
    files
}

const PROJECT: &str = r#"
[project]
name     = "large"
summary  = "A large spec."
platform = "supabase"
"#;

const SHARED: &str = r#"
[enum.state]
comment = "State of a row."
values  = ["new", "active", "closed"]

[predicate.owns]
parameters = ["owner"]
sql        = "owner = (select auth.uid())"

[guard.user]
assert = "public.assert_user_v1()"

[function.assert_user_v1]
summary = "Refuse callers without a user."
effect  = "assert"
body    = '''
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT401' using message = 'user_required';
  end if;
end
'''

[error.user_required]
status  = 401
summary = "The caller is no user."
"#;

/// One table; it refers to the one before it.
fn table_spec(table: usize) -> String {
    let parent = table.saturating_sub(1);
    format!(
        r#"
[table.item_{table}]
comment     = "Items of kind {table}."
primary_key = ["item_id"]
access      = {{ authenticated = ["select"], service_role = ["select", "insert", "update", "delete"] }}

[table.item_{table}.columns]
item_id    = {{ type = "uuid", default = {{ sql = "gen_random_uuid()" }}, comment = "Identity." }}
owner_id   = {{ type = "uuid", comment = "Whose item it is." }}
parent_id  = {{ type = "uuid", nullable = true, references = "item_{parent}", on_delete = "set_null" }}
name       = {{ type = "text", check = "length(name) between 1 and 200", comment = "Shown to people." }}
state      = {{ type = "state", default = "new" }}
amount     = {{ type = "numeric(12,2)", default = 0, check = "amount >= 0" }}
payload    = {{ type = "jsonb", default = {{ sql = "'{{}}'::jsonb" }} }}
created_at = {{ type = "timestamptz", default = {{ sql = "now()" }} }}

[table.item_{table}.unique.item_{table}_owner_name_key]
columns = ["owner_id", "name"]

[table.item_{table}.index.item_{table}_parent_idx]
columns = ["parent_id"]
where   = "parent_id is not null"

[table.item_{table}.index.item_{table}_created_idx]
columns = ["owner_id", {{ column = "created_at", descending = true }}]

[table.item_{table}.policy.owner_reads]
command = "select"
to      = ["authenticated"]
using   = {{ predicate = "owns", arguments = ["owner_id"] }}

[table.item_{table}.policy.only_own]
command     = "all"
to          = ["authenticated"]
restrictive = true
using       = "item_{table}.owner_id = (select auth.uid()) and state in ('new'::public.state, 'active'::public.state)"

[function.rename_item_{table}_v1]
summary = "Rename an item of kind {table}."
effect  = "write"
execute = ["authenticated"]
guard   = ["user"]
args    = [{{ name = "p_item_id", type = "uuid" }}, {{ name = "p_name", type = "text", default = "unnamed" }}]
returns = "boolean"
body    = '''
declare
  v_found boolean;
begin
  update public.item_{table} i
     set name = p_name
   where i.item_id = p_item_id
     and i.owner_id = (select auth.uid());
  v_found := found;
  return v_found;
end
'''
"#
    )
}
