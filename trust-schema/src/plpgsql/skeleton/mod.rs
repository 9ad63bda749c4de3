//! The skeleton of a body: what decides whether it goes on, which rows it touches and what it answers. Two bodies with the same skeleton
//! ask the same of their caller.
//!
//! It holds conditions, assertions, refusals, results, the rows that statements select, and what the variables that all of these name were
//! set to. It leaves out what is written into rows, and texts for people. How a body is laid out makes no difference.

mod text;

use std::collections::BTreeSet;

use super::read;
use super::syntax::{Block, Branch, Header, Kind, Part, Statement};
use super::system::Language;
use super::tokens::Tokens;
use text::{condition, plain, refusal, rows};

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
    /// The variables that it sets: it counts where one of them does. None where it counts anyway.
    sets: Option<Vec<String>>,
    names: BTreeSet<String>,
}

/// The lines of a body, in the order of the text. What cannot be read is one line that holds everything.
pub fn skeleton(body: &str, language: Language) -> Vec<String> {
    let Ok(tokens) = Tokens::new(body) else { return vec![body.split_whitespace().collect::<Vec<_>>().join(" ")] };
    let block = match language {
        Language::Sql => read::sql(&tokens),
        Language::Plpgsql => read::plpgsql(&tokens),
    };
    let Ok(block) = block else { return vec![plain(&tokens, &(0..tokens.len()))] };
    let reader = Reader { tokens: &tokens, is_sql: language == Language::Sql };
    let mut items = Vec::new();
    reader.block(&block, &mut items);
    let mut counted = BTreeSet::new();
    names_of(&items, &mut counted);
    // What sets a variable that counts counts itself, and so do the variables in it.
    loop {
        let before = counted.len();
        names_of(&items, &mut counted);
        if counted.len() == before {
            break;
        }
    }
    let mut lines = Vec::new();
    write(&items, &counted, 0, &mut lines);
    lines
}

fn is_counted(line: &Line, counted: &BTreeSet<String>) -> bool {
    line.sets.as_ref().is_none_or(|sets| sets.iter().any(|name| counted.contains(name)))
}

fn names_of(items: &[Item], counted: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Line(line) if is_counted(line, counted) => counted.extend(line.names.iter().cloned()),
            Item::Line(_) => {}
            Item::Branches(branches) => {
                for (head, inner) in branches {
                    counted.extend(head.names.iter().cloned());
                    names_of(inner, counted);
                }
            }
        }
    }
}

fn write(items: &[Item], counted: &BTreeSet<String>, depth: usize, lines: &mut Vec<String>) {
    for item in items {
        match item {
            Item::Line(line) if is_counted(line, counted) => lines.push(format!("{}{}", INDENT.repeat(depth), line.text)),
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
}

impl Reader<'_, '_> {
    fn names(&self, part: &Part) -> BTreeSet<String> {
        part.clone().filter_map(|at| self.tokens.name(at)).collect()
    }

    fn line(&self, text: String, part: &Part) -> Line {
        Line { text, sets: None, names: self.names(part) }
    }

    /// A line that counts anyway.
    fn always(&self, head: &str, part: &Part, items: &mut Vec<Item>) {
        items.push(Item::Line(self.line(format!("{head}{}", plain(self.tokens, part)), part)));
    }

    fn condition(&self, head: &str, part: &Part) -> Line {
        self.line(format!("{head}{}", condition(self.tokens, part)), part)
    }

    fn word(&self, text: &str) -> Line {
        Line { text: text.to_owned(), sets: None, names: BTreeSet::new() }
    }

    fn set(&self, name: &str, value: &Part, items: &mut Vec<Item>) {
        let text = format!("{name} := {}", condition(self.tokens, value));
        items.push(Item::Line(Line { text, sets: Some(vec![name.to_owned()]), names: self.names(value) }));
    }

    fn block(&self, block: &Block, items: &mut Vec<Item>) {
        for declaration in &block.declarations {
            match &declaration.initial {
                Some(initial) => self.set(&declaration.name, initial, items),
                // `alias for $1`
                None => {
                    let is_alias = self.tokens.is(declaration.data_type.start, &["alias"]);
                    if is_alias {
                        let text = format!("{} {}", declaration.name, plain(self.tokens, &declaration.data_type));
                        let names = self.names(&declaration.data_type);
                        items.push(Item::Line(Line { text, sets: Some(vec![declaration.name.clone()]), names }));
                    }
                }
            }
        }
        if block.handlers.is_empty() {
            return block.statements.iter().for_each(|statement| self.statement(statement, items));
        }
        let mut branches = vec![(self.word("begin"), self.inside(&block.statements))];
        for handler in &block.handlers {
            let head = self.tokens.part(&handler.bytes);
            branches.push((self.line(format!("exception {}", plain(self.tokens, &head)), &head), self.inside(&handler.statements)));
        }
        items.push(Item::Branches(branches));
    }

    fn inside(&self, statements: &[Statement]) -> Vec<Item> {
        let mut items = Vec::new();
        statements.iter().for_each(|statement| self.statement(statement, &mut items));
        items
    }

    fn branches(&self, first: &str, further: &str, branches: &[Branch]) -> Vec<(Line, Vec<Item>)> {
        let heads = std::iter::once(first).chain(std::iter::repeat(further));
        branches.iter().zip(heads).map(|(branch, head)| (self.condition(head, &branch.condition), self.inside(&branch.statements))).collect()
    }

    fn statement(&self, statement: &Statement, items: &mut Vec<Item>) {
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
                    Header::Each { targets, source } => self.line(format!("for {} in {}", targets.join(", "), plain(self.tokens, source)), source),
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
        items.push(Item::Line(Line { text: found.text, sets: None, names: found.names }));
        if !into.is_empty() {
            let text = format!("{} := {}", into.join(", "), found.values);
            items.push(Item::Line(Line { text, sets: Some(into.to_vec()), names: found.value_names }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Vec<String> {
        skeleton(body, Language::Plpgsql)
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
        assert_eq!(of(conflict), ["insert into public.t from public.u where x is distinct from y on conflict (a) do update where t.c"]);
        assert_eq!(skeleton("select a = 1 or b from public.t", Language::Sql), ["select a = 1 or b from public.t"]);
    }
}
