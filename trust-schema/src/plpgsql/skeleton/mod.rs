//! The skeleton of a body: what decides whether it goes on, which rows it touches and what it answers. Two bodies with the same skeleton
//! ask the same of their caller.
//!
//! It holds conditions, assertions, refusals, results, the rows that statements select, and what the variables that all of these name were
//! set to; and what is written into columns by which something is decided. It leaves out what else is written into rows, and texts for people. How
//! a body is laid out makes no difference.

mod text;
mod writes;

use std::collections::BTreeSet;

use super::read;
use super::syntax::{Block, Branch, Header, Kind, Part, Statement};
use super::system::Language;
use super::tokens::Tokens;
use crate::sql::fragment::one_line;
use text::{condition, plain, refusal, rows};
use writes::writes;

pub use text::expression;

/// How deep what is inside of something is set in.
const INDENT: &str = "  ";

/// A part of a skeleton.
enum Item {
    Line(Line),
    /// What stands between branches, each with its head: it counts where something is in one of them.
    Branches(Vec<(Line, Vec<Item>)>),
}

/// A line, and whether it counts.
struct Line {
    text: String,
    weight: Weight,
}

/// When a line counts.
enum Weight {
    /// Always, and the names in it with it.
    Always(BTreeSet<String>),
    /// Where one of the variables that it sets does; each with the names in its value.
    Variables(Vec<(String, BTreeSet<String>)>),
    /// Where one of the columns that it writes does, here or for others.
    Columns(Vec<(String, BTreeSet<String>)>),
}

/// A body that has been read.
pub struct Skeleton {
    items: Vec<Item>,
    /// The names by which it decides.
    counted: BTreeSet<String>,
    variables: BTreeSet<String>,
}

/// Reads a body. What cannot be read is one line that holds everything.
pub fn skeleton(body: &str, language: Language) -> Skeleton {
    let opaque = |text: String| {
        let line = Line { text, weight: Weight::Always(BTreeSet::new()) };
        Skeleton { items: vec![Item::Line(line)], counted: BTreeSet::new(), variables: BTreeSet::new() }
    };
    let Ok(tokens) = Tokens::new(body) else { return opaque(one_line(body)) };
    let block = match language {
        Language::Sql => read::sql(&tokens),
        Language::Plpgsql => read::plpgsql(&tokens),
    };
    let Ok(block) = block else { return opaque(plain(&tokens, &(0..tokens.len()))) };
    let mut reader = Reader { tokens: &tokens, is_sql: language == Language::Sql, variables: BTreeSet::new() };
    let mut items = Vec::new();
    reader.block(&block, &mut items);
    let variables = reader.variables;
    let mut counted = BTreeSet::new();
    close(&items, &|_| false, &mut counted);
    Skeleton { items, counted, variables }
}

impl Skeleton {
    /// The names by which it decides.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.counted.iter().map(String::as_str)
    }

    /// Its lines, in the order of the text. What is written into a column counts where it decides by the column itself, or others do.
    pub fn lines(&self, others_decide: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut counted = self.counted.clone();
        close(&self.items, others_decide, &mut counted);
        let mut lines = Vec::new();
        write(&self.items, &Counted { names: &counted, others_decide }, 0, &mut lines);
        lines
    }

    /// Whether it writes into one of these columns, be that counted or not.
    pub fn writes(&self, is_one: &dyn Fn(&str) -> bool) -> bool {
        writes_one(&self.items, is_one)
    }

    /// The names that it declares, which nobody else knows.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }
}

/// What counts.
struct Counted<'c> {
    names: &'c BTreeSet<String>,
    others_decide: &'c dyn Fn(&str) -> bool,
}

impl Counted<'_> {
    /// The names that a line brings with it; none where it does not count.
    fn names_of<'l>(&self, line: &'l Line) -> Option<Vec<&'l BTreeSet<String>>> {
        let counts = |name: &str, is_column: bool| self.names.contains(name) || is_column && (self.others_decide)(name);
        let of = |sets: &'l [(String, BTreeSet<String>)], is_column: bool| {
            let found: Vec<_> = sets.iter().filter(|(name, _)| counts(name, is_column)).map(|(_, names)| names).collect();
            (!found.is_empty()).then_some(found)
        };
        match &line.weight {
            Weight::Always(names) => Some(vec![names]),
            Weight::Variables(sets) => of(sets, false),
            Weight::Columns(sets) => of(sets, true),
        }
    }
}

fn writes_one(items: &[Item], is_one: &dyn Fn(&str) -> bool) -> bool {
    let of_line = |line: &Line| matches!(&line.weight, Weight::Columns(sets) if sets.iter().any(|(column, _)| is_one(column)));
    items.iter().any(|item| match item {
        Item::Line(line) => of_line(line),
        Item::Branches(branches) => branches.iter().any(|(head, inner)| of_line(head) || writes_one(inner, is_one)),
    })
}

/// What sets a variable that counts counts itself, and so do the variables in it.
fn close(items: &[Item], others_decide: &dyn Fn(&str) -> bool, counted: &mut BTreeSet<String>) {
    loop {
        let before = counted.len();
        let names = counted.clone();
        names_of(items, &Counted { names: &names, others_decide }, counted);
        if counted.len() == before {
            return;
        }
    }
}

fn names_of(items: &[Item], counted: &Counted<'_>, names: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Line(line) => names.extend(counted.names_of(line).into_iter().flatten().flatten().cloned()),
            Item::Branches(branches) => {
                for (head, inner) in branches {
                    names.extend(counted.names_of(head).into_iter().flatten().flatten().cloned());
                    names_of(inner, counted, names);
                }
            }
        }
    }
}

fn write(items: &[Item], counted: &Counted<'_>, depth: usize, lines: &mut Vec<String>) {
    for item in items {
        match item {
            Item::Line(line) if counted.names_of(line).is_some() => lines.push(format!("{}{}", INDENT.repeat(depth), line.text)),
            Item::Line(_) => {}
            Item::Branches(branches) => {
                let begun = lines.len();
                let mut is_empty = true;
                for (head, inner) in branches {
                    lines.push(format!("{}{}", INDENT.repeat(depth), head.text));
                    let before = lines.len();
                    write(inner, counted, depth + 1, lines);
                    is_empty &= lines.len() == before;
                }
                if is_empty {
                    lines.truncate(begun);
                }
            }
        }
    }
}

struct Reader<'t, 'a> {
    tokens: &'t Tokens<'a>,
    is_sql: bool,
    variables: BTreeSet<String>,
}

impl Reader<'_, '_> {
    fn names(&self, part: &Part) -> BTreeSet<String> {
        part.clone().filter_map(|at| self.tokens.name(at)).collect()
    }

    fn line(&self, text: String, part: &Part) -> Line {
        Line { text, weight: Weight::Always(self.names(part)) }
    }

    /// A line that counts anyway.
    fn always(&self, head: &str, part: &Part, items: &mut Vec<Item>) {
        items.push(Item::Line(self.line(format!("{head}{}", plain(self.tokens, part)), part)));
    }

    fn condition(&self, head: &str, part: &Part) -> Line {
        self.line(format!("{head}{}", condition(self.tokens, part)), part)
    }

    fn word(&self, text: &str) -> Line {
        Line { text: text.to_owned(), weight: Weight::Always(BTreeSet::new()) }
    }

    fn set(&self, name: &str, value: &Part, items: &mut Vec<Item>) {
        let text = format!("{name} := {}", condition(self.tokens, value));
        items.push(Item::Line(Line { text, weight: Weight::Variables(vec![(name.to_owned(), self.names(value))]) }));
    }

    fn block(&mut self, block: &Block, items: &mut Vec<Item>) {
        for declaration in &block.declarations {
            self.variables.insert(declaration.name.clone());
            match &declaration.initial {
                Some(initial) => self.set(&declaration.name, initial, items),
                // `alias for $1`
                None => {
                    let is_alias = self.tokens.is(declaration.data_type.start, &["alias"]);
                    if is_alias {
                        let text = format!("{} {}", declaration.name, plain(self.tokens, &declaration.data_type));
                        let names = self.names(&declaration.data_type);
                        items.push(Item::Line(Line { text, weight: Weight::Variables(vec![(declaration.name.clone(), names)]) }));
                    }
                }
            }
        }
        if block.handlers.is_empty() {
            for statement in &block.statements {
                self.statement(statement, items);
            }
            return;
        }
        let mut branches = vec![(self.word("begin"), self.inside(&block.statements))];
        for handler in &block.handlers {
            let head = self.tokens.part(&handler.bytes);
            branches.push((self.line(format!("exception {}", plain(self.tokens, &head)), &head), self.inside(&handler.statements)));
        }
        items.push(Item::Branches(branches));
    }

    fn inside(&mut self, statements: &[Statement]) -> Vec<Item> {
        let mut items = Vec::new();
        for statement in statements {
            self.statement(statement, &mut items);
        }
        items
    }

    fn branches(&mut self, first: &str, further: &str, branches: &[Branch]) -> Vec<(Line, Vec<Item>)> {
        let heads = std::iter::once(first).chain(std::iter::repeat(further));
        branches.iter().zip(heads).map(|(branch, head)| (self.condition(head, &branch.condition), self.inside(&branch.statements))).collect()
    }

    fn statement(&mut self, statement: &Statement, items: &mut Vec<Item>) {
        match &statement.kind {
            Kind::Block(block) => self.block(block, items),
            Kind::Assign { target, value, .. } => self.set(target, value, items),
            Kind::If { branches, otherwise } => {
                let mut all = self.branches("if ", "elsif ", branches);
                if !otherwise.is_empty() {
                    all.push((self.word("else"), self.inside(otherwise)));
                }
                items.push(Item::Branches(all));
            }
            Kind::Case { operand, branches, otherwise } => {
                let operand = operand.as_ref().map(|part| plain(self.tokens, part)).unwrap_or_default();
                let head = format!("case {operand} when ");
                let mut all = self.branches(&head, &head, branches);
                all.extend(otherwise.as_ref().map(|otherwise| (self.word("else"), self.inside(otherwise))));
                items.push(Item::Branches(all));
            }
            Kind::Loop { header, statements, .. } => {
                let head = match header {
                    Header::Endless => self.word("loop"),
                    Header::While(condition) => self.condition("while ", condition),
                    Header::Each { targets, source, .. } => {
                        self.line(format!("for {} in {}", targets.join(", "), plain(self.tokens, source)), source)
                    }
                };
                items.push(Item::Branches(vec![(head, self.inside(statements))]));
            }
            Kind::Exit { when, .. } => self.leave("exit", when.as_ref(), items),
            Kind::Continue { when, .. } => self.leave("continue", when.as_ref(), items),
            Kind::Return(part) if part.is_empty() => items.push(Item::Line(self.word("return"))),
            Kind::Return(part) => items.push(Item::Line(self.condition("return ", part))),
            Kind::ReturnMore(part) => self.always("return more ", part, items),
            Kind::Assert(part) => self.always("assert ", part, items),
            Kind::Perform(part) => self.always("perform ", part, items),
            Kind::RaiseException(part) => {
                items.push(Item::Line(self.line(format!("raise {}", refusal(self.tokens, part)), part)));
            }
            Kind::Execute { all, .. } | Kind::Cursor { all, .. } => self.always("", all, items),
            Kind::Sql { into, all, verb } => self.sql(verb, into, all, items),
            Kind::Transaction => items.push(Item::Line(self.word("end of the transaction"))),
            Kind::RaiseNotice(_) | Kind::Null => {}
        }
    }

    fn leave(&self, word: &str, when: Option<&Part>, items: &mut Vec<Item>) {
        items.push(Item::Line(match when {
            Some(condition) => self.condition(&format!("{word} when "), condition),
            None => self.word(word),
        }));
    }

    fn sql(&self, verb: &str, into: &[String], all: &Part, items: &mut Vec<Item>) {
        // What an SQL function selects is its result.
        if self.is_sql && verb != "insert" && verb != "update" && verb != "delete" {
            return self.always("", all, items);
        }
        let found = rows(self.tokens, all);
        items.push(Item::Line(Line { text: found.text, weight: Weight::Always(found.names) }));
        for write in writes(self.tokens, all) {
            let text = format!("{INDENT}with {} = {}", write.columns.join(", "), condition(self.tokens, &write.value));
            let names = self.names(&write.value);
            let sets = write.columns.into_iter().map(|column| (column, names.clone())).collect();
            items.push(Item::Line(Line { text, weight: Weight::Columns(sets) }));
        }
        if !into.is_empty() {
            let text = format!("{} := {}", into.join(", "), found.values);
            // A record takes all of them.
            let of_all = || found.value_names.iter().flatten().cloned().collect();
            let names = |place: usize| match found.value_names.get(place) {
                Some(names) if into.len() == found.value_names.len() => names.clone(),
                _ => of_all(),
            };
            let sets = into.iter().enumerate().map(|(place, name)| (name.clone(), names(place))).collect();
            items.push(Item::Line(Line { text, weight: Weight::Variables(sets) }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Vec<String> {
        skeleton(body, Language::Plpgsql).lines(&|_| false)
    }

    const BODY: &str = "declare
      v_tenant uuid;
      v_note   text;
    begin
      perform private.assert_member(p_tenant, 'admin');
      select t.tenant_id, t.note into v_tenant, v_note from public.tasks as t where t.task_id = p_task and t.open;
      if not found or v_tenant <> p_tenant then
        raise sqlstate 'PT404' using message = 'task_not_found', detail = 'None.';
      end if;
      update public.tasks set note = v_note || p_note where task_id = p_task and tenant_id = v_tenant;
      return true;
    end";

    #[test]
    fn it_holds_what_decides() {
        let expected = [
            "perform private.assert_member(p_tenant, 'admin')",
            "select from public.tasks as t where t.open and t.task_id = p_task",
            "v_tenant, v_note := t.tenant_id, t.note",
            "if not found or v_tenant <> p_tenant",
            "  raise sqlstate 'PT404' using message = 'task_not_found'",
            "update public.tasks where task_id = p_task and tenant_id = v_tenant",
            "return true",
        ];
        assert_eq!(of(BODY), expected);
    }

    #[test]
    fn layout_order_and_texts_make_no_difference() {
        let other = BODY
            .replace("\n      ", " ")
            .replace("perform", "PERFORM")
            .replace("<>", "!=")
            .replace("t.task_id = p_task and t.open", "(t.open\n and t.task_id=p_task) -- the open one\n")
            .replace("detail = 'None.'", "detail = 'There is none.', hint = 'Look.'")
            .replace("v_note || p_note", "p_note");
        assert_eq!(of(&other), of(BODY));
    }

    #[test]
    fn what_is_weaker_is_another() {
        for (was, is) in [
            ("and t.open", ""),
            ("or v_tenant <> p_tenant", "and v_tenant <> p_tenant"),
            ("and tenant_id = v_tenant", ""),
            ("'admin'", "'member'"),
            ("perform private.assert_member(p_tenant, 'admin');", ""),
            ("raise sqlstate 'PT404' using message = 'task_not_found', detail = 'None.';", "null;"),
            ("select t.tenant_id,", "select p_tenant,"),
            ("not found", "found"),
        ] {
            assert!(BODY.contains(was), "{was}");
            assert_ne!(of(&BODY.replace(was, is)), of(BODY), "{was} → {is}");
        }
    }

    #[test]
    fn what_guards_nothing_is_left_out() {
        let counted = "begin if p_loud then v_mood := 'loud'; end if; insert into public.moods (mood) values (v_mood); end";
        assert_eq!(of(counted), ["insert into public.moods"]);
        let guarding = "begin if p_loud then v_mood := 'loud'; end if; if v_mood = 'loud' then return; end if; insert into public.moods (mood) values (v_mood); end";
        assert_eq!(of(guarding), ["if p_loud", "  v_mood := 'loud'", "if v_mood = 'loud'", "  return", "insert into public.moods"]);
    }

    #[test]
    fn handlers_and_alternatives_are_kept_apart() {
        let body = "begin begin perform private.check_it(); exception when insufficient_privilege then null; end; return query select a from public.t where b; end";
        assert_eq!(
            of(body),
            ["begin", "  perform private.check_it()", "exception when insufficient_privilege", "return more select a from public.t where b"]
        );
        let conflict = "begin insert into public.t (a, b) select x, y from public.u where x is distinct from y on conflict (a) do update set b = excluded.b where t.c; end";
        assert_eq!(of(conflict)[..1], ["insert into public.t from public.u where x is distinct from y on conflict (a) do update where t.c"]);
        assert_eq!(skeleton("select a = 1 or b from public.t", Language::Sql).lines(&|_| false), ["select a = 1 or b from public.t"]);
    }
    #[test]
    fn what_is_written_counts_where_something_decides_by_the_column() {
        let body =
            "declare v_tenant uuid; begin v_tenant := private.tenant(); insert into public.tasks (tenant_id, note) values (v_tenant, p_note); end";
        assert_eq!(of(body), ["insert into public.tasks"]);
        let read = skeleton(body, Language::Plpgsql);
        assert_eq!(
            read.lines(&|column| column == "tenant_id"),
            ["v_tenant := private.tenant()", "insert into public.tasks", "  with tenant_id = v_tenant"]
        );
        assert_eq!(read.variables().collect::<Vec<_>>(), ["v_tenant"]);
        // By itself.
        let state = "begin update public.tasks set state = 'done', note = p_note where state = 'open'; end";
        assert_eq!(of(state), ["update public.tasks where state = 'open'", "  with state = 'done'"]);
    }
}
