//! Policies that read each other's tables: PostgreSQL answers every query of such a table with `infinite recursion detected in policy`
//! (SQLSTATE 42P17), at run time, so it is told here.
//!
//! The rule is that of `fireRIRrules` in PostgreSQL's `rewriteHandler.c`: while the policies of a table are expanded, a sub-query that comes back
//! to it is refused if its policies hold a sub-query. A sub-query reads: of the tables behind the first one only policies for `select` and `all`
//! count. A function that runs as its owner, and a view with the owner's rights, end the path: policies do not restrict the owner.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Id, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::Kind;
use crate::kinds::policy::{Command, Policy};
use crate::names::Origins;
use crate::sql::expression;

/// What the policies of a table read, for one role.
#[derive(Default)]
struct Reads<'c> {
    /// Through policies that a sub-query meets, with the policy.
    reading: BTreeMap<Id, &'c Id>,
    /// Through those for other commands.
    writing: BTreeMap<Id, &'c Id>,
    /// Those that a sub-query meets, and that may hold one: looked at where the answer counts, since parsing is dear.
    met: Vec<&'c str>,
}

impl Reads<'_> {
    /// Whether a policy that a sub-query meets holds a sub-query.
    fn has_query(&self) -> bool {
        self.met.iter().any(|text| expression::parse(text).is_ok_and(|parsed| expression::has_query(&parsed)))
    }
}

type Graph<'c> = BTreeMap<Id, Reads<'c>>;

/// A policy, what it reads, and whether a sub-query is among what readers meet.
struct Candidate<'c> {
    id: &'c Id,
    policy: &'c Policy,
    using: BTreeSet<Id>,
    check: BTreeSet<Id>,
}

/// Reports each cycle of policies once.
pub fn check(catalog: &Catalog, origins: &Origins, diagnostics: &mut Vec<Diagnostic>) {
    let candidates = candidates(catalog);
    if candidates.iter().all(|candidate| candidate.using.is_empty() && candidate.check.is_empty()) {
        return;
    }
    let mut roles: BTreeSet<&str> = candidates.iter().flat_map(|candidate| candidate.policy.roles.iter().map(String::as_str)).collect();
    if roles.len() > 1 {
        roles.remove("public");
    }
    let mut told: BTreeSet<BTreeSet<Id>> = BTreeSet::new();
    for role in roles {
        let graph = graph(&candidates, role);
        for path in cycles(&graph) {
            if told.insert(path.iter().map(|(table, _)| table.clone()).collect()) {
                diagnostics.push(diagnostic(&path, origins));
            }
        }
    }
}

/// The policies that hold a sub-query.
fn candidates(catalog: &Catalog) -> Vec<Candidate<'_>> {
    let mut candidates = Vec::new();
    for (id, entry) in catalog.iter() {
        let Object::Policy(policy) = &entry.object else { continue };
        let [using, check] = [&policy.using, &policy.check].map(|part| part.as_ref().map_or("", |part| part.text()));
        if ![using, check].into_iter().any(may_hold_query) {
            continue;
        }
        // Only what reads a relation of the spec can come back; the table itself is not among the needs of its policy.
        let may_read = entry.needs.iter().any(|need| matches!(need.kind(), Kind::Table | Kind::View));
        let may_read_itself =
            [using, check].into_iter().any(|text| may_name_relation(text) && holds_any(text, &[&policy.table.name.to_ascii_lowercase()]));
        let mut candidate = Candidate { id, policy, using: BTreeSet::new(), check: BTreeSet::new() };
        if may_read || may_read_itself {
            candidate.using = relations(using, catalog);
            candidate.check = relations(check, catalog);
        }
        candidates.push(candidate);
    }
    candidates
}

fn may_hold_query(text: &str) -> bool {
    holds_any(text, &["select", "values", "table"])
}

/// A relation stands behind one of these words.
fn may_name_relation(text: &str) -> bool {
    holds_any(text, &["from", "table"])
}

fn holds_any(text: &str, words: &[&str]) -> bool {
    let lower = text.to_ascii_lowercase();
    words.iter().any(|word| lower.contains(word))
}

/// The tables that an expression reads under the caller's policies, through views with the caller's rights, too.
fn relations(text: &str, catalog: &Catalog) -> BTreeSet<Id> {
    let Ok(parsed) = expression::parse(text) else { return BTreeSet::new() };
    let mut tables = BTreeSet::new();
    let mut seen: BTreeSet<Id> = BTreeSet::new();
    let named =
        expression::references(&parsed).relations.iter().filter_map(|relation| relation.schema.as_ref().map(|schema| (schema, &relation.name)));
    let mut pending: Vec<Id> = named
        .map(|(schema, name)| QualifiedName::new(schema.as_str(), name.as_str()))
        .flat_map(|name| [Id::of(Kind::Table, &name), Id::of(Kind::View, &name)])
        .collect();
    while let Some(id) = pending.pop() {
        match catalog.get(&id) {
            Some(Object::Table(_)) => {
                tables.insert(id);
            }
            Some(Object::View(view)) if view.security_invoker && seen.insert(id.clone()) => {
                pending.extend(catalog.needs(&id).filter(|need| matches!(need.kind(), Kind::Table | Kind::View)).cloned());
            }
            _ => {}
        }
    }
    tables
}

fn graph<'c>(candidates: &[Candidate<'c>], role: &str) -> Graph<'c> {
    let mut graph: Graph<'c> = BTreeMap::new();
    for candidate in candidates.iter().filter(|candidate| candidate.policy.roles.iter().any(|known| known == role || known == "public")) {
        let reads = graph.entry(Id::of(Kind::Table, &candidate.policy.table)).or_default();
        let using = candidate.using.iter().map(|table| (table.clone(), candidate.id));
        if matches!(candidate.policy.command, Command::Select | Command::All) {
            reads.reading.extend(using);
            reads.met.extend(candidate.policy.using.as_ref().map(|using| using.text()));
        } else {
            reads.writing.extend(using);
        }
        reads.writing.extend(candidate.check.iter().map(|table| (table.clone(), candidate.id)));
    }
    graph
}

/// Tables and the policies that lead to the next one, the last one back to the first.
type Path<'c> = Vec<(Id, &'c Id)>;

/// From each table the shortest way back to it, where PostgreSQL would refuse it.
fn cycles<'c>(graph: &Graph<'c>) -> Vec<Path<'c>> {
    let back = |start: &Id, reads: &Reads<'c>| way_back(graph, start, &reads.reading).or_else(|| way_back(graph, start, &reads.writing));
    graph.iter().filter_map(|(start, reads)| back(start, reads).filter(|_| reads.has_query())).collect()
}

fn way_back<'c>(graph: &Graph<'c>, start: &Id, first: &BTreeMap<Id, &'c Id>) -> Option<Path<'c>> {
    // For each table that was reached: from where, and by which policy.
    let mut reached: BTreeMap<Id, (Id, &'c Id)> = first.iter().map(|(table, policy)| (table.clone(), (start.clone(), *policy))).collect();
    let mut pending: std::collections::VecDeque<Id> = first.keys().cloned().collect();
    while let Some(table) = pending.pop_front() {
        if table == *start {
            let (mut path, mut place) = (Vec::new(), start.clone());
            while let Some((before, policy)) = reached.remove(&place) {
                place = before.clone();
                path.push((before, policy));
                if place == *start {
                    break;
                }
            }
            path.reverse();
            return Some(path);
        }
        for (next, policy) in graph.get(&table).into_iter().flat_map(|reads| &reads.reading) {
            if !reached.contains_key(next) {
                reached.insert(next.clone(), (table.clone(), *policy));
                pending.push_back(next.clone());
            }
        }
    }
    None
}

fn diagnostic(path: &Path<'_>, origins: &Origins) -> Diagnostic {
    let names: Vec<&str> = path.iter().chain(path.first()).map(|(table, _)| table.name()).collect();
    let message = match names.as_slice() {
        [table, _] => format!("a policy of `{table}` reads `{table}` itself, without end"),
        names => {
            format!("policies read each other's tables without end: {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" → "))
        }
    };
    let mut places = path.iter().filter_map(|(_, policy)| origins.get(*policy).map(|origin| origin.span));
    let mut diagnostic = match places.next() {
        Some(span) => Diagnostic::error(&codes::POLICY_RECURSION, message, span),
        None => Diagnostic::global(&codes::POLICY_RECURSION, message),
    };
    for span in places {
        diagnostic = diagnostic.label(span, "and this policy leads on");
    }
    diagnostic.help("let one of them ask a function of effect `read`: it runs as its owner, whom no policy restricts")
}
