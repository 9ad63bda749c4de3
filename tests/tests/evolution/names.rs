//! Names in random systems: what a spec is when some things are called otherwise, and what somebody would declare of the way to it.

use trust_schema::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use trust_schema::evolution::{Intent, Rename};

use super::system::System;

/// Whole words of a text, replaced.
fn word(text: &str, from: &str, to: &str) -> String {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let mut new = String::new();
    let mut rest = text;
    while let Some(place) = rest.find(from) {
        let (before, behind) = (&rest[..place], &rest[place + from.len()..]);
        new.push_str(before);
        let last = new.as_bytes().last();
        new.push_str(if is_word(last) || is_word(behind.as_bytes().first()) { from } else { to });
        rest = behind;
    }
    new.push_str(rest);
    new
}

/// The spec of a system with its names.
pub fn renamed(system: &System, mut text: String) -> String {
    let is = |knob: &str| system.get(knob) == 1;
    if is("n_table") {
        text = text.replace("[table.a]", "[table.alpha]").replace("[table.a.", "[table.alpha.").replace("public.a as", "public.alpha as");
    }
    if is("n_b") {
        text = text.replace("[table.b]", "[table.beta]").replace("references = \"b\"", "references = \"beta\"");
        text = text.replace("table = \"b\"", "table = \"beta\"");
    }
    if is("n_column") {
        text = word(&text, "c1", "d1");
    }
    if is("n_value") {
        text = text.replace("\"a\"", "\"aa\"").replace("'a'", "'aa'");
    }
    for (knob, from, to) in [
        ("n_enum", "status", "phase"),
        ("n_domain", "mail", "address"),
        ("n_composite", "pair", "couple"),
        ("n_sequence", "numbers", "counter"),
        ("n_function", "is_right", "is_fine"),
    ] {
        if is(knob) {
            text = word(&text, from, to);
        }
    }
    if is("n_attribute") {
        text = text.replace("{ x = \"integer\"", "{ xx = \"integer\"").replace("c5).x", "c5).xx");
    }
    if is("n_parts") {
        for (from, to) in [
            ("a_idx", "b_idx"),
            ("a_check", "b_check"),
            ("a_unique", "b_unique"),
            ("a_policy", "b_policy"),
            ("a_trigger", "b_trigger"),
            ("a_floor", "b_floor"),
        ] {
            text = word(&text, from, to);
        }
    }
    if is("n_view") {
        text = text.replace("[view.v]", "[view.u]").replace("public.v as", "public.u as");
    }
    text
}

/// What leads from one system to another, declared: renames, and values that go.
pub fn intent(before: &System, old: &Catalog, after: &System, new: &Catalog) -> Intent {
    let mut intent = Intent::default();
    let public = |name: &str| QualifiedName::new("public", name);
    let name = |system: &System, knob: &str, names: [&'static str; 2]| names[system.get(knob)];
    let relations = [
        ("n_table", Kind::Table, ["a", "alpha"]),
        ("n_b", Kind::Table, ["b", "beta"]),
        ("n_enum", Kind::Enum, ["status", "phase"]),
        ("n_domain", Kind::Domain, ["mail", "address"]),
        ("n_composite", Kind::Composite, ["pair", "couple"]),
        ("n_sequence", Kind::Sequence, ["numbers", "counter"]),
        ("n_view", Kind::View, ["v", "u"]),
    ];
    for (knob, kind, names) in relations {
        let (from, to) = (public(name(before, knob, names)), public(name(after, knob, names)));
        if from != to && old.contains(&Id::of(kind, &from)) && new.contains(&Id::of(kind, &to)) {
            intent.renames.push(Rename::Relation { kind, from, to });
        }
    }
    let (from, to) = (public(name(before, "n_function", ["is_right", "is_fine"])), public(name(after, "n_function", ["is_right", "is_fine"])));
    let (id, new_id) = (Id::function(&from, &["bigint"]), Id::function(&to, &["bigint"]));
    if from != to && old.contains(&id) && new.contains(&new_id) {
        intent.renames.push(Rename::Function { id, from, to });
    }
    let (table, new_table) = (public(name(before, "n_table", ["a", "alpha"])), public(name(after, "n_table", ["a", "alpha"])));
    let (from, to) = (name(before, "n_column", ["c1", "d1"]), name(after, "n_column", ["c1", "d1"]));
    if from != to && old.contains(&Id::part(Kind::Column, &table, from)) && new.contains(&Id::part(Kind::Column, &new_table, to)) {
        intent.renames.push(Rename::Column { table, from: from.to_owned(), to: to.to_owned() });
    }
    let (from, to) = (name(before, "n_attribute", ["x", "xx"]), name(after, "n_attribute", ["x", "xx"]));
    let (pair, new_pair) = (public(name(before, "n_composite", ["pair", "couple"])), public(name(after, "n_composite", ["pair", "couple"])));
    if from != to && old.contains(&Id::of(Kind::Composite, &pair)) && new.contains(&Id::of(Kind::Composite, &new_pair)) {
        intent.renames.push(Rename::Member { kind: Kind::Composite, of: pair, from: from.to_owned(), to: to.to_owned() });
    }
    let (view, new_view) = (public(name(before, "n_view", ["v", "u"])), public(name(after, "n_view", ["v", "u"])));
    if let (Some(Object::View(old)), Some(Object::View(new))) = (old.get(&Id::of(Kind::View, &view)), new.get(&Id::of(Kind::View, &new_view)))
        && let ([(from, _), ..], [(to, _), ..]) = (old.columns.as_slice(), new.columns.as_slice())
        && before.get("n_view_column") != after.get("n_view_column")
        && old.columns.iter().all(|(name, _)| name != to)
        && new.columns.iter().all(|(name, _)| name != from)
    {
        intent.renames.push(Rename::Member { kind: Kind::View, of: view, from: from.clone(), to: to.clone() });
    }
    let (type_name, new_name) = (public(name(before, "n_enum", ["status", "phase"])), public(name(after, "n_enum", ["status", "phase"])));
    let new_id = Id::of(Kind::Enum, &new_name);
    if let (Some(Object::Enum(old)), Some(Object::Enum(new))) = (old.get(&Id::of(Kind::Enum, &type_name)), new.get(&new_id)) {
        let mut values = old.values.clone();
        let (from, to) = (name(before, "n_value", ["a", "aa"]), name(after, "n_value", ["a", "aa"]));
        if from != to {
            intent.renames.push(Rename::Value { name: type_name, from: from.to_owned(), to: to.to_owned() });
            values.iter_mut().filter(|value| *value == from).for_each(|value| *value = to.to_owned());
        }
        let gone: Vec<_> = values.iter().filter(|value| !new.values.contains(value)).map(|value| (value.clone(), to.to_owned())).collect();
        if !gone.is_empty() {
            intent.values.insert(new_id, gone);
        }
    }
    intent
}
