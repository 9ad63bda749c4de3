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

/// What the attributes of the composite type are called.
fn attributes(system: &System) -> [&'static str; 2] {
    match system.get("n_attribute") {
        1 if system.get("composite") < 4 => ["xx", "y"],
        2 if matches!(system.get("composite"), 1 | 2) => ["y", "x"],
        _ => ["x", "y"],
    }
}

/// What two columns are called, which may have each other's name.
fn columns(system: &System) -> [&'static str; 2] {
    let c1 = ["c1", "d1"][system.get("n_column")];
    let has_both = system.get("c1") > 0 && system.has_c6();
    if system.get("n_exchange") == 1 && has_both { ["c6", c1] } else { [c1, "c6"] }
}

/// Those renames that somebody may declare: of what is there, to names that are free or get free.
fn possible<'n>(before: [&'n str; 2], after: [&'n str; 2], is_old: &dyn Fn(&str) -> bool, is_new: &dyn Fn(&str) -> bool) -> Vec<(&'n str, &'n str)> {
    let pairs = before.into_iter().zip(after).filter(|(from, to)| from != to && is_old(from) && is_new(to));
    let mut pairs: Vec<(&str, &str)> = pairs.collect();
    let known = pairs.clone();
    pairs.retain(|(from, to)| {
        (!is_old(to) || known.iter().any(|(other, _)| other == to)) && (!is_new(from) || known.iter().any(|(_, other)| other == from))
    });
    if pairs.len() == known.len() { pairs } else { Vec::new() }
}

/// The spec of a system with its names.
pub fn renamed(system: &System, mut text: String) -> String {
    let is = |knob: &str| system.get(knob) == 1;
    if is("n_table") {
        text = text.replace("[table.a]", "[table.alpha]").replace("[table.a.", "[table.alpha.").replace("public.a as", "public.alpha as");
        text = text.replace("\"public.a\"", "\"public.alpha\"");
    }
    if is("n_b") {
        text = text.replace("[table.b]", "[table.beta]").replace("references = \"b\"", "references = \"beta\"");
        text = text.replace("table = \"b\"", "table = \"beta\"").replace("public.b as", "public.beta as").replace("[table.b.", "[table.beta.");
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
    let [x, y] = attributes(system);
    text = text.replace("x = \"integer\", y = \"integer\"", &format!("{x} = \"integer\", {y} = \"integer\""));
    text = text.replace("{ x = \"integer\"", &format!("{{ {x} = \"integer\"")).replace("c5).x", &format!("c5).{x}"));
    let [c1, c6] = columns(system);
    if c1 == "c6" {
        text = word(&word(&word(&text, "c6", "c_aside"), c6, "c6"), "c_aside", c6);
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

/// Whether a column gets the name of one that goes: two releases make that.
pub fn takes_a_name(before: &System, old: &Catalog, after: &System, new: &Catalog) -> bool {
    let names = |system: &System| QualifiedName::new("public", ["a", "alpha"][system.get("n_table")]);
    let (table, new_table) = (names(before), names(after));
    let is_old = |column: &str| old.contains(&Id::part(Kind::Column, &table, column));
    let is_new = |column: &str| new.contains(&Id::part(Kind::Column, &new_table, column));
    let differ = columns(before).into_iter().zip(columns(after)).any(|(from, to)| from != to && is_old(from) && is_new(to));
    differ && possible(columns(before), columns(after), &is_old, &is_new).is_empty()
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
    let is_old = |column: &str| old.contains(&Id::part(Kind::Column, &table, column));
    let is_new = |column: &str| new.contains(&Id::part(Kind::Column, &new_table, column));
    for (from, to) in possible(columns(before), columns(after), &is_old, &is_new) {
        intent.renames.push(Rename::Column { table: table.clone(), from: from.to_owned(), to: to.to_owned() });
    }
    let (pair, new_pair) = (public(name(before, "n_composite", ["pair", "couple"])), public(name(after, "n_composite", ["pair", "couple"])));
    if let (Some(Object::Composite(old)), Some(Object::Composite(new))) =
        (old.get(&Id::of(Kind::Composite, &pair)), new.get(&Id::of(Kind::Composite, &new_pair)))
    {
        let is_old = |attribute: &str| old.attributes.iter().any(|(name, _)| name == attribute);
        let is_new = |attribute: &str| new.attributes.iter().any(|(name, _)| name == attribute);
        for (from, to) in possible(attributes(before), attributes(after), &is_old, &is_new) {
            intent.renames.push(Rename::Member { kind: Kind::Composite, of: pair.clone(), from: from.to_owned(), to: to.to_owned() });
        }
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
