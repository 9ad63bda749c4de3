//! What the emitters of languages are given.

use trust_schema::emit::model::{Builtin, Identity, Model, Returns, Type};
use trust_schema::resolve::resolve;
use trust_schema::source::SourceFile;

const MODULE: &str = r#"
[module]
migration = "20260101000000_m"
summary = "s"

[enum.kind]
values = ["a"]

[table.people]
primary_key = ["id"]
columns = { id = { type = "bigint", identity = "by_default" }, name = "varchar(20)", upper = { type = "text", generated = "upper(name)", nullable = true } }

[table.profiles]
primary_key = ["person_id"]
columns = { person_id = { type = "bigint", references = "people" }, kinds = "kind[]" }

[table.letters]
primary_key = ["id"]
columns = { id = "uuid", sender = { type = "bigint", references = "people" }, receiver = { type = "bigint", references = "people" }, stamp = { type = "bigint", references = "people" } }
[table.letters.index.letters_receiver_idx]
columns = ["receiver"]
unique = true
[table.letters.index.letters_stamp_idx]
columns = ["stamp"]
unique = true
where = "stamp > 0"

[function.many]
summary = "Any number."
effect = "read"
returns = { table = { a = "int", b = { type = "kind", nullable = true } } }
body = """
begin
  a := 1;
  return next;
  return next;
end
"""

[function.maybe]
summary = "One or none."
effect = "read"
execute = ["authenticated"]
args = [{ name = "p_a", type = "int", default = 1 }]
returns = { type = "bigint", nullable = true }
body = "begin return null; end"
"#;

fn model() -> Model {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let resolved = resolve(vec![file("trust.toml", "[project]\nname = \"p\"\nplatform = \"supabase\"\n"), file("m.toml", MODULE)]);
    Model::new(resolved.resolution.as_ref().unwrap_or_else(|| panic!("{:#?}", resolved.diagnostics)))
}

#[test]
fn a_foreign_key_knows_whether_its_columns_are_a_key() {
    let model = model();
    let keys = model.tables.iter().flat_map(|table| &table.foreign_keys).map(|key| (key.columns.join(","), key.one_to_one));
    let mut keys: Vec<_> = keys.collect();
    keys.sort();
    let expected = [("person_id", true), ("receiver", true), ("sender", false), ("stamp", false)];
    assert_eq!(keys, expected.map(|(column, one)| (column.to_owned(), one)));
}

#[test]
fn columns_say_who_gives_their_values() {
    let model = model();
    let people = model.tables.iter().find(|table| &*table.name.name == "people").expect("it is there");
    let [id, name, upper] = people.columns.as_slice() else { panic!("three columns") };
    assert_eq!((id.identity, id.has_default(), id.is_computed()), (Some(Identity::ByDefault), true, false));
    assert_eq!((name.data_type.sql.as_str(), name.has_default()), ("character varying(20)", false));
    assert_eq!(name.data_type.form, Type::Builtin(Builtin("varchar".to_owned())));
    assert!(upper.nullable && upper.is_computed());
    let profiles = model.tables.iter().find(|table| &*table.name.name == "profiles").expect("it is there");
    let kinds = profiles.columns.get(1).map(|column| &column.data_type.form);
    assert!(matches!(kinds, Some(Type::Array(element)) if matches!(&**element, Type::Enum(name) if &*name.name == "kind")));
}

#[test]
fn functions_say_what_they_answer_and_to_whom() {
    let model = model();
    let [many, maybe] = model.functions.as_slice() else { panic!("two functions") };
    let Returns::Rows { columns, one } = &many.returns else { panic!("rows") };
    assert!(!one && many.executed_by.is_empty());
    assert_eq!(columns.iter().map(|column| (column.name.as_str(), column.nullable)).collect::<Vec<_>>(), [("a", false), ("b", true)]);
    assert!(matches!(maybe.returns, Returns::Value { nullable: true, .. }));
    assert_eq!(maybe.executed_by.iter().collect::<Vec<_>>(), ["authenticated"]);
    assert_eq!(maybe.arguments.first().and_then(|argument| argument.default.as_deref()), Some("1"));
}
