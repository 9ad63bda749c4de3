//! What the model does not cover, as raw blocks in an order in which they can be run.

use std::collections::{BTreeMap, BTreeSet};

use super::access;
use super::file::File;
use super::inventory::{Fate, Item, Key, Privilege, Remark};
use super::state::{Sort, State};
use crate::catalog::{Id, Kind, Object};
use crate::spec::toml::{string, strings, text};
use crate::sql::fragment::{MAXIMUM_EXPRESSION_LENGTH, check_statements};
use crate::sql::identifier::{forbidden, quote};

/// Statements, what undoes them, and queries that tell whether they are in force.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub name: String,
    pub summary: String,
    pub up: Vec<String>,
    /// In the order in which they undo.
    pub down: Vec<String>,
    pub verify: Vec<String>,
    /// Objects of the spec that must be there, and other blocks.
    pub needs: BTreeSet<String>,
    pub alters: BTreeSet<Id>,
    /// Where it belongs.
    pub schema: Option<String>,
    /// Everything that it is about.
    pub about: Vec<usize>,
    /// Whether `up` holds code that is read in a file of its own.
    pub is_code: bool,
}

/// Something that one or more statements do.
struct Atom {
    place: Option<usize>,
    /// The relation, or other object, to which it belongs.
    owner: Option<usize>,
    up: Vec<String>,
    down: Vec<String>,
    verify: Vec<String>,
    needs: BTreeSet<usize>,
    rank: u8,
}

/// A text as a string constant without any character that a spec refuses.
pub fn literal(text: &str) -> String {
    if !text.chars().any(|character| forbidden(character).is_some() || character == '\\') {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("E'");
    for character in text.chars() {
        match character {
            '\'' => out.push_str("''"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            character if forbidden(character).is_some() => out.push_str(&format!("\\u{:04X}", u32::from(character))),
            character => out.push(character),
        }
    }
    out.push('\'');
    out
}

/// A statement as raw blocks take it. One that their gate does not understand is run as a text.
pub fn gated(statement: &str) -> String {
    let statement = statement.trim().trim_end_matches(';');
    if !statement.contains('\r') && check_statements(statement).is_ok_and(|statements| statements.len() == 1) {
        return statement.to_owned();
    }
    let body = format!("begin execute {}; end", literal(statement));
    let body = crate::sql::quoted::dollar_quoted(&body, "raw");
    format!("do {body}")
}

/// Words for which `pg_identify_object` has others than DROP and COMMENT.
fn keyword(kind: &str) -> String {
    match kind {
        kind if kind.ends_with(" column") => "COLUMN".to_owned(),
        "table constraint" => "CONSTRAINT".to_owned(),
        "statistics object" => "STATISTICS".to_owned(),
        kind => kind.to_uppercase().replace('-', " "),
    }
}

fn drop(item: &Item) -> Vec<String> {
    if let Some(down) = &item.down {
        return vec![down.clone()];
    }
    item.identity.iter().map(|(kind, identity)| format!("DROP {} {identity}", keyword(kind))).collect()
}

/// A query that is true where an object exists.
fn exists(item: &Item) -> Option<String> {
    let (kind, identity) = item.identity.as_ref()?;
    let catalog = &item.key.catalog;
    let column = match catalog.as_str() {
        "pg_class" => "relname",
        "pg_proc" => "proname",
        "pg_type" => "typname",
        "pg_constraint" => "conname",
        "pg_trigger" => "tgname",
        "pg_policy" => "polname",
        "pg_rewrite" => "rulename",
        _ => "",
    };
    // A look at every row would be slow in the large catalogs.
    let named = item.name.as_ref().filter(|_| !column.is_empty()).map(|name| format!("o.{column} = {} and ", literal(name))).unwrap_or_default();
    Some(format!(
        "exists (select from pg_catalog.{catalog} as o cross join lateral pg_catalog.pg_identify_object('pg_catalog.{catalog}'::pg_catalog.regclass, o.oid, 0) as i (type, schema, name, identity) \
         where {named}i.type = {} and i.identity = {})",
        literal(kind),
        literal(identity)
    ))
}

/// A query that is true where a part is in force; as far as it can be told shortly.
fn in_force(item: &Item) -> String {
    let of_relation = |condition: &str| match (&item.schema, &item.name) {
        (Some(schema), Some(name)) => Some(format!(
            "exists (select from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace where n.nspname = {} and c.relname = {} and {condition})",
            literal(schema),
            literal(name)
        )),
        _ => None,
    };
    let condition = match item.class.as_str() {
        "row-level security" if item.key.part == -3 => "c.relforcerowsecurity",
        "row-level security" if item.up.as_ref().is_some_and(|up| up.contains("DISABLE")) => "not c.relrowsecurity",
        "row-level security" => "c.relrowsecurity",
        "options" => "c.reloptions is not null",
        "replica identity" => "c.relreplident <> 'd'",
        "attachment of a partition" => "c.relispartition",
        "view option" => "not coalesce(c.reloptions::pg_catalog.text, '') like '%security_barrier%'",
        "owner of a sequence" => "exists (select from pg_catalog.pg_depend as d where d.objid = c.oid and d.deptype = 'a')",
        "clustering" => "exists (select from pg_catalog.pg_index as i where i.indrelid = c.oid and i.indisclustered)",
        "default" => {
            return item
                .name
                .as_ref()
                .map(|name| format!("exists (select from pg_catalog.pg_attribute as a where a.attname = {} and a.atthasdef)", literal(name)))
                .unwrap_or_default();
        }
        "column option" => {
            return item
                .name
                .as_ref()
                .map(|name| format!("exists (select from pg_catalog.pg_attribute as a where a.attname = {})", literal(name)))
                .unwrap_or_default();
        }
        _ => "true",
    };
    of_relation(condition).unwrap_or_else(|| "true".to_owned())
}

/// A query that is true where privileges are granted, told by the ACLs themselves.
fn granted(item: &Item, privileges: &[Privilege]) -> Vec<String> {
    let (catalog, acl, owner, default) = match item.key.catalog.as_str() {
        "pg_class" if item.class == "sequence" => ("pg_class", "relacl", "relowner", "s"),
        "pg_class" if item.class != "composite type" => ("pg_class", "relacl", "relowner", "r"),
        "pg_proc" => ("pg_proc", "proacl", "proowner", "f"),
        "pg_type" => ("pg_type", "typacl", "typowner", "T"),
        "pg_namespace" => ("pg_namespace", "nspacl", "nspowner", "n"),
        _ => return Vec::new(),
    };
    let Some((_, identity)) = &item.identity else { return Vec::new() };
    let name = match catalog {
        "pg_class" => "relname",
        "pg_proc" => "proname",
        "pg_type" => "typname",
        _ => "nspname",
    };
    let Some(bare) = &item.name else { return Vec::new() };
    let count = privileges.iter().filter(|one| one.column.is_empty() && one.grantee.is_empty()).count();
    if count == 0 {
        return Vec::new();
    }
    vec![format!(
        "(select pg_catalog.count(*) >= {count} from pg_catalog.{catalog} as o cross join lateral pg_catalog.aclexplode(coalesce(o.{acl}, pg_catalog.acldefault('{default}', o.{owner}))) as a (grantor, grantee, privilege_type, is_grantable) \
         cross join lateral pg_catalog.pg_identify_object('pg_catalog.{catalog}'::pg_catalog.regclass, o.oid, 0) as i (type, schema, name, identity) \
         where o.{name} = {} and i.identity = {} and a.grantee = 0)",
        literal(bare),
        literal(identity)
    )]
}

fn comment(remark: &Remark) -> Option<(String, String)> {
    let on = match remark.kind.as_str() {
        "domain constraint" => {
            let (name, domain) = remark.identity.rsplit_once(" on ")?;
            format!("CONSTRAINT {name} ON DOMAIN {domain}")
        }
        "transform" => format!("TRANSFORM {}", remark.identity.replacen("for ", "FOR ", 1).replacen(" on language ", " LANGUAGE ", 1)),
        "default value" | "user mapping" | "role" => return None,
        kind => format!("{} {}", keyword(kind), remark.identity),
    };
    Some((format!("COMMENT ON {on} IS {}", literal(&remark.text)), format!("COMMENT ON {on} IS NULL")))
}

/// A block, and how long its texts are.
type Measured = (Block, usize);

/// How long the texts of a block about many objects get. A query has an end ([`MAXIMUM_EXPRESSION_LENGTH`]), and so has a reader's patience.
const FULL: usize = MAXIMUM_EXPRESSION_LENGTH / 2;

/// What stands beside the modelled objects: what is special about them.
pub fn alterations(state: &State<'_>, comments: &BTreeSet<(Key, i32)>, execute: &dyn Fn(usize) -> bool) -> Vec<Block> {
    let mut blocks: BTreeMap<(Option<String>, &str), Vec<Measured>> = BTreeMap::new();
    let mut add =
        |schema: &Option<String>, class: &'static str, summary: &str, target: usize, up: Vec<String>, down: Vec<String>, verify: Vec<String>| {
            if up.is_empty() {
                return;
            }
            let length = up.iter().chain(&down).chain(&verify).map(String::len).sum::<usize>();
            let blocks = blocks.entry((schema.clone(), class)).or_default();
            if blocks.last().is_none_or(|(_, known)| known + length > FULL) {
                blocks.push((Block::default(), 0));
            }
            let Some((block, known)) = blocks.last_mut() else { return };
            *known += length;
            block.summary = summary.to_owned();
            block.schema.clone_from(schema);
            block.up.extend(up);
            block.down.splice(0..0, down);
            block.verify.extend(verify);
            block.about.push(target);
            let id = state.item(target).id.clone();
            block.alters.extend(id.map(|id| table_of(&id, state)));
        };
    for (place, item) in state.inventory.items.iter().enumerate() {
        if state.is_foreign(place) || item.fate == Fate::Alias || state.sorts[place] == Sort::Left {
            continue;
        }
        let modelled = |place: usize| item_is_modelled(state, place);
        match (&item.fate, state.of(place)) {
            (Fate::Part | Fate::UnlessRaw, Some(of)) if modelled(of) && !is_covered(state, place) => {
                let (class, summary) = subject(&item.class);
                let (up, down) = (item.up.iter().map(|up| gated(up)).collect(), item.down.iter().map(|down| gated(down)).collect());
                add(&item.schema, class, summary, of, up, down, vec![in_force(item)]);
            }
            _ => {}
        }
        if !modelled(place) {
            continue;
        }
        let kind = item.id.as_ref().map_or(Kind::Table, Id::kind);
        let refused = access::split(state.inventory, &item.key, kind, kind != Kind::Function || execute(place)).refused;
        // What another than the owner granted is told.
        let along = state.other_privileges.get(&place).into_iter().flatten().map(|one| (*one).clone());
        let refused: Vec<Privilege> = refused.into_iter().chain(along).filter(|one| one.by_owner).collect();
        if !refused.is_empty() {
            let (up, down) = access::statements(&refused);
            let (up, down) = (up.iter().map(|up| gated(up)).collect(), down.iter().map(|down| gated(down)).collect());
            add(&item.schema, "privileges", "Privileges that `access` does not grant.", place, up, down, granted(item, &refused));
        }
        let own = state.inventory.comments.get(&item.key).into_iter().flatten().filter(|remark| !comments.contains(&(item.key.clone(), remark.part)));
        for remark in own.chain(state.other_comments.get(&place).into_iter().flatten().copied()) {
            let Some((up, down)) = comment(remark) else { continue };
            add(&item.schema, "comments", "Comments on what the spec has no key for.", place, vec![gated(&up)], vec![gated(&down)], Vec::new());
        }
    }
    let mut taken = BTreeSet::new();
    let blocks = blocks.into_iter().flat_map(|(key, blocks)| blocks.into_iter().map(move |(block, _)| (key.clone(), block)));
    blocks
        .map(|((schema, class), mut block)| {
            block.name = super::modules::unique(super::modules::slug(&format!("{}_{class}", schema.as_deref().unwrap_or_default())), &mut taken);
            if block.verify.is_empty() {
                block.verify.push("true".to_owned());
            }
            block
        })
        .collect()
}

fn item_is_modelled(state: &State<'_>, place: usize) -> bool {
    let item = state.item(place);
    state.sorts[place] == Sort::Modelled
        && !state.is_foreign(place)
        && item.id.as_ref().is_some_and(|id| state.catalog.contains(id) && id.kind() != Kind::Extension)
}

/// A block alters what it can name: parts of a table are altered with it.
fn table_of(id: &Id, state: &State<'_>) -> Id {
    state.catalog.get(id).and_then(Object::part_of_table).map_or_else(|| id.clone(), |(table, _)| Id::of(Kind::Table, table))
}

/// Whether the model says it.
fn is_covered(state: &State<'_>, place: usize) -> bool {
    let item = state.item(place);
    match item.class.as_str() {
        "row-level security" => item.up.as_ref().is_some_and(|up| !up.contains("DISABLE")) && !is_forced_without(state, place),
        "default" => state.sorts[place] == Sort::Modelled && !item.up.as_ref().is_some_and(|up| up.starts_with("ALTER VIEW")),
        _ => false,
    }
}

/// FORCE without ENABLE cannot be said.
fn is_forced_without(state: &State<'_>, place: usize) -> bool {
    let item = state.item(place);
    let table = state.of(place).and_then(|of| state.item(of).id.as_ref());
    item.key.part == -3 && matches!(table.and_then(|id| state.catalog.get(id)), Some(Object::Table(table)) if !table.row_level_security)
}

fn subject(class: &str) -> (&'static str, &'static str) {
    match class {
        "row-level security" => ("row_level_security", "Tables without row-level security."),
        "default" => ("defaults", "Defaults that need what is not modelled."),
        "view option" => ("view_options", "Views that are no security barrier."),
        "owner of a sequence" => ("owned_sequences", "Sequences that go with their column."),
        "options" => ("options", "Storage options."),
        "column option" => ("column_options", "Storage of columns."),
        "replica identity" => ("replica_identity", "What is sent to replicas of a changed row."),
        "clustering" => ("clustering", "The index by which CLUSTER orders."),
        _ => ("names", "Names of constraints."),
    }
}

/// The blocks of what is not modelled.
pub fn blocks(state: &State<'_>, revoke_from: &str) -> Vec<Block> {
    let mut atoms: Vec<Atom> = Vec::new();
    let mut by_place: BTreeMap<usize, usize> = BTreeMap::new();
    for (place, item) in state.inventory.items.iter().enumerate() {
        let takes = matches!(item.fate, Fate::Object | Fate::Report(_)) && state.sorts[place] == Sort::Raw;
        let of_raw = item.fate == Fate::Part
            && state.of(place).is_some_and(|of| state.sorts[of] == Sort::Raw && state.item(of).fate != Fate::Alias)
            && state.sorts[place] != Sort::Left;
        if state.is_foreign(place) || !(takes || of_raw) {
            continue;
        }
        // Nothing is to be said where row-level security is off by default.
        if item.class == "row-level security" && item.up.as_ref().is_some_and(|up| up.contains("DISABLE")) {
            continue;
        }
        // A body may name what comes later: nothing in the catalogs tells.
        let checks = |value: &str| format!("select pg_catalog.set_config('check_function_bodies', '{value}', true)");
        let is_code = item.key.catalog == "pg_proc" && item.class != "aggregate";
        by_place.insert(place, atoms.len());
        let owner = state.of(place).filter(|of| state.sorts[*of] == Sort::Raw).or(Some(place));
        atoms.push(Atom {
            place: Some(place),
            owner,
            up: is_code
                .then(|| checks("off"))
                .into_iter()
                .chain(item.up.iter().flat_map(|up| in_parts(up)))
                .chain(is_code.then(|| checks("on")))
                .collect(),
            down: drop(item),
            verify: if takes { exists(item).into_iter().collect() } else { vec![in_force(item)] },
            needs: state.needs[place].clone(),
            rank: rank(item),
        });
        if takes {
            atoms.extend(protection(state, place, revoke_from));
        }
    }
    let order = order(&atoms, &by_place);
    let mut blocks: Vec<(Block, Option<usize>)> = Vec::new();
    let mut block_of: BTreeMap<usize, String> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for atom in order.into_iter().filter_map(|place| atoms.get(place)) {
        let continues = blocks.last().is_some_and(|(_, owner)| owner.is_some() && *owner == atom.owner);
        if !continues {
            let item = atom.owner.map(|owner| state.item(owner));
            let label = item.map(Item::label).unwrap_or_default();
            let name = super::modules::unique(super::modules::slug(&label), &mut taken);
            let is_code = item.is_some_and(|item| item.key.catalog == "pg_proc");
            let schema = item.and_then(|item| item.schema.clone());
            blocks.push((Block { name, summary: printable(&label), schema, is_code, ..Block::default() }, atom.owner));
        }
        let Some((block, _)) = blocks.last_mut() else { continue };
        block.up.extend(atom.up.iter().map(|up| gated(up)));
        block.down.splice(0..0, atom.down.iter().map(|down| gated(down)));
        block.verify.extend(atom.verify.iter().filter(|verify| !verify.is_empty()).cloned());
        block.about.extend(atom.place);
        for need in &atom.needs {
            match (block_of.get(need), nameable(state, *need)) {
                (Some(other), _) if *other != block.name => {
                    block.needs.insert(format!("raw {}", quote(other)));
                }
                (None, Some(id)) => {
                    block.needs.insert(id.to_string());
                }
                _ => {}
            }
        }
        if let Some(place) = atom.place {
            block_of.insert(place, block.name.clone());
        }
    }
    blocks.into_iter().map(|(block, _)| block).collect()
}

fn printable(text: &str) -> String {
    text.chars().map(|character| if forbidden(character).is_some() { ' ' } else { character }).collect()
}

/// Whom a raw block can name among what it needs.
fn nameable(state: &State<'_>, place: usize) -> Option<Id> {
    let id = state.item(place).id.as_ref().filter(|_| item_is_modelled(state, place))?;
    let id = table_of(id, state);
    let known =
        matches!(id.kind(), Kind::Table | Kind::View | Kind::Function | Kind::Enum | Kind::Domain | Kind::Composite | Kind::Sequence | Kind::Schema);
    (known && !id.name().chars().any(|character| forbidden(character).is_some())).then_some(id)
}

/// The statements of a definition that has several.
fn in_parts(up: &str) -> Vec<String> {
    match check_statements(up) {
        Ok(statements) => statements.iter().filter_map(|statement| up.get(statement.range.clone())).map(str::to_owned).collect(),
        Err(_) => vec![up.to_owned()],
    }
}

/// Everything is taken from everybody, then what is granted is granted; comments.
fn protection(state: &State<'_>, place: usize, revoke_from: &str) -> Option<Atom> {
    let item = state.item(place);
    let own = state.inventory.privileges.get(&item.key).into_iter().flatten();
    let along = || state.other_privileges.get(&place).into_iter().flatten().copied();
    let privileges: Vec<Privilege> = own.chain(along()).filter(|one| one.by_owner).cloned().collect();
    let mut up = Vec::new();
    let mut down = Vec::new();
    if let Some((kind, identity)) = &item.identity {
        let on = match kind.as_str() {
            "table" | "view" | "materialized view" | "foreign table" => Some(format!("TABLE {identity}")),
            "sequence" => Some(format!("SEQUENCE {identity}")),
            "function" | "aggregate" | "window function" => Some(format!("FUNCTION {identity}")),
            "procedure" => Some(format!("PROCEDURE {identity}")),
            "type" if item.class != "shell type" => Some(format!("TYPE {identity}")),
            "domain" => Some(format!("DOMAIN {identity}")),
            "schema" => Some(format!("SCHEMA {identity}")),
            _ => None,
        };
        up.extend(on.map(|on| format!("REVOKE ALL ON {on} FROM {revoke_from}")));
        up.extend(state.sequences_of(place).map(|sequence| format!("REVOKE ALL ON SEQUENCE {sequence} FROM {revoke_from}")));
    }
    if item.class == "shell type" {
        return None;
    }
    up.extend(access::statements(&privileges).0);
    for remark in state.inventory.comments.get(&item.key).into_iter().flatten().chain(state.other_comments.get(&place).into_iter().flatten().copied())
    {
        if let Some((set, unset)) = comment(remark) {
            up.push(set);
            down.push(unset);
        }
    }
    (!up.is_empty()).then(|| Atom {
        place: None,
        owner: state.of(place).filter(|of| state.sorts[*of] == Sort::Raw).or(Some(place)),
        up,
        down: Vec::new(),
        verify: Vec::new(),
        needs: BTreeSet::from([place]),
        rank: 1,
    })
}

/// What comes first among what could come.
fn rank(item: &Item) -> u8 {
    match item.class.as_str() {
        "schema" => 0,
        "foreign key" => 4,
        "attachment of a partition" => 3,
        "trigger" | "rule" | "policy" => 5,
        "publication" | "publication of a table" | "event trigger" => 6,
        _ => 2,
    }
}

/// An order in which each comes behind what it needs; what belongs to one object stays together where it can.
fn order(atoms: &[Atom], by_place: &BTreeMap<usize, usize>) -> Vec<usize> {
    let needs: Vec<BTreeSet<usize>> = atoms
        .iter()
        .enumerate()
        .map(|(own, atom)| atom.needs.iter().filter_map(|place| by_place.get(place)).copied().filter(|need| *need != own).collect())
        .collect();
    let mut waiting: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut wanted_by: Vec<Vec<usize>> = vec![Vec::new(); atoms.len()];
    for (own, needs) in needs.iter().enumerate() {
        needs.iter().for_each(|need| wanted_by[*need].push(own));
    }
    let key = |atom: usize| (atoms[atom].rank, atoms[atom].owner, atom);
    let of_owner = |atom: usize| (atoms[atom].owner, atoms[atom].rank, atom);
    let mut ready: BTreeSet<(u8, Option<usize>, usize)> = (0..atoms.len()).filter(|atom| waiting[*atom] == 0).map(key).collect();
    let mut by_owner: BTreeSet<(Option<usize>, u8, usize)> = ready.iter().map(|(.., atom)| of_owner(*atom)).collect();
    let mut order = Vec::with_capacity(atoms.len());
    let mut done = vec![false; atoms.len()];
    let mut current: Option<usize> = None;
    while order.len() < atoms.len() {
        let same = by_owner.range((current, 0, 0)..(current, 4, 0)).next().filter(|_| current.is_some()).map(|(.., atom)| *atom);
        let next = same.or_else(|| ready.first().map(|(.., atom)| *atom)).or_else(|| {
            // Objects that need each other: the first that is left.
            (0..atoms.len()).find(|atom| !done[*atom])
        });
        let Some(atom) = next else { break };
        ready.remove(&key(atom));
        by_owner.remove(&of_owner(atom));
        done[atom] = true;
        order.push(atom);
        current = atoms[atom].owner;
        for other in &wanted_by[atom] {
            waiting[*other] = waiting[*other].saturating_sub(1);
            if waiting[*other] == 0 && !done[*other] {
                ready.insert(key(*other));
                by_owner.insert(of_owner(*other));
            }
        }
    }
    order
}

impl Block {
    /// The statements, each ended.
    pub fn up_text(&self) -> String {
        self.up.iter().map(|statement| format!("{statement};\n")).collect()
    }

    /// Writes the block; `path` where its statements lie in a file of their own.
    pub fn write(&self, path: Option<&str>, file: &mut File) {
        let first = self.about.first().copied();
        let write = |file: &mut File| {
            file.head(&["raw", &self.name]);
            let mut keys = vec![("summary", string(&self.summary))];
            keys.push(match path {
                Some(path) => ("up", format!("{{ file = {} }}", string(path))),
                None => ("up", text(&joined(&self.up))),
            });
            keys.push(("down", text(&joined(&self.down))));
            keys.push(("verify", text(&format!("select {}", self.verify.join("\n  and ")))));
            keys.extend((!self.needs.is_empty()).then(|| ("needs", strings(&self.needs))));
            keys.extend((!self.alters.is_empty()).then(|| ("alters", strings(self.alters.iter().map(Id::to_string)))));
            file.keys(&keys);
        };
        match first {
            Some(place) => file.about(place, write),
            None => write(file),
        }
    }
}

fn joined(statements: &[String]) -> String {
    if statements.is_empty() { "select 1".to_owned() } else { statements.join(";\n") }
}
