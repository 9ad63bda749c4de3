//! What a statement makes or changes, by name: read from its first words, without a catalog.

use crate::plpgsql::syntax::Part;
use crate::plpgsql::tokens::Tokens;
use crate::sql::lexer::TokenKind;

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    Schema,
    Extension,
    Type,
    Sequence,
    /// A table or view.
    Relation,
    /// A column; the part is its name.
    Column,
    /// A constraint; the part is its name.
    Constraint,
    Index,
    /// An index without a name, by its table.
    NamelessIndex,
    Function,
    /// A trigger; the part is its name.
    Trigger,
    /// A policy; the part is its name.
    Policy,
    /// A grant on an object; the part is the grantee.
    Grant,
    /// A grant on a schema; the part is the grantee.
    GrantOnSchema,
    /// A grant on all objects of a schema, which is the name; the part is the grantee.
    GrantOnAll,
    /// A role: made, changed, or put into another one.
    Role,
    /// A role that is given what is made later.
    DefaultPrivileges,
}

/// Something that a statement makes or changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub what: What,
    pub schema: Option<String>,
    pub name: String,
    pub part: Option<String>,
    /// The tokens that name it.
    pub place: Part,
    /// The token that holds its body.
    pub body: Option<usize>,
    /// It is made only where there is none yet.
    pub if_absent: bool,
}

/// Everything that a statement makes or changes.
pub fn mentions(tokens: &Tokens<'_>, statement: &Part) -> Vec<Mention> {
    let mut reader = Reader { tokens, at: statement.start, end: statement.end, found: Vec::new() };
    match () {
        () if reader.take(&["create"]) => reader.create(),
        () if reader.take(&["alter"]) => reader.alter(),
        () if reader.take(&["grant"]) => reader.grant(),
        () => {}
    }
    reader.found
}

/// The schema in which a statement that sets the search path has names without a schema looked up from now on.
pub fn search_path(tokens: &Tokens<'_>, statement: &Part) -> Option<String> {
    let mut reader = Reader { tokens, at: statement.start, end: statement.end, found: Vec::new() };
    if !reader.take(&["set"]) {
        return None;
    }
    reader.take(&["local", "session"]);
    let sets = reader.take(&["search_path"]) && (reader.take(&["to"]) || reader.tokens.is_operator(reader.at, &["="]));
    let first = if tokens.is_operator(reader.at, &["="]) { reader.at + 1 } else { reader.at };
    sets.then(|| tokens.name(first).unwrap_or_else(|| tokens.text(first).trim_matches('\'').to_owned())).filter(|name| !name.is_empty())
}

struct Reader<'t, 'a> {
    tokens: &'t Tokens<'a>,
    at: usize,
    end: usize,
    found: Vec<Mention>,
}

type Named = (Option<String>, String, Part);

impl Reader<'_, '_> {
    fn take(&mut self, words: &[&str]) -> bool {
        let taken = self.at < self.end && self.tokens.is(self.at, words);
        self.at += usize::from(taken);
        taken
    }

    fn skip(&mut self, words: &[&str]) {
        while self.take(words) {}
    }

    fn if_absent(&mut self) -> bool {
        let absent = self.take(&["if"]);
        self.skip(&["not", "exists"]);
        absent
    }

    /// `schema.name` or `name`.
    fn name(&mut self) -> Option<Named> {
        let (mut parts, behind) = self.tokens.dotted(self.at, self.end).filter(|_| self.at < self.end)?;
        let place = self.at..behind;
        self.at = behind;
        let name = parts.pop()?;
        Some((parts.pop(), name, place))
    }

    fn single(&mut self) -> Option<(String, Part)> {
        let name = self.tokens.name(self.at).filter(|_| self.at < self.end)?;
        self.at += 1;
        Some((name, self.at - 1..self.at))
    }

    /// Goes behind the first of these words outside of parentheses.
    fn seek(&mut self, words: &[&str]) -> bool {
        let mut depth = 0;
        while self.at < self.end {
            depth += self.tokens.turn(self.at);
            self.at += 1;
            if depth == 0 && self.tokens.is(self.at - 1, words) {
                return true;
            }
        }
        false
    }

    fn add(&mut self, what: What, (schema, name, place): Named, if_absent: bool) {
        self.found.push(Mention { what, schema, name, part: None, place, body: None, if_absent });
    }

    fn add_part(&mut self, what: What, (schema, name, _): &Named, (part, place): (String, Part)) {
        let (schema, name) = (schema.clone(), name.clone());
        self.found.push(Mention { what, schema, name, part: Some(part), place, body: None, if_absent: false });
    }

    fn create(&mut self) {
        const PREFIXES: &[&str] =
            &["or", "replace", "temp", "temporary", "global", "local", "unlogged", "recursive", "materialized", "unique", "constraint", "foreign"];
        self.skip(PREFIXES);
        match () {
            () if self.take(&["table"]) => self.create_table(),
            () if self.take(&["view"]) => {
                let if_absent = self.if_absent();
                if let Some(name) = self.name() {
                    self.add(What::Relation, name, if_absent);
                }
            }
            () if self.take(&["function", "procedure"]) => self.create_function(),
            () if self.take(&["policy"]) => self.part_of_table(What::Policy),
            () if self.take(&["trigger"]) => self.part_of_table(What::Trigger),
            () if self.take(&["index"]) => self.create_index(),
            () if self.take(&["type", "domain"]) => {
                if let Some(name) = self.name() {
                    self.add(What::Type, name, false);
                }
            }
            () if self.take(&["sequence"]) => {
                let if_absent = self.if_absent();
                if let Some(name) = self.name() {
                    self.add(What::Sequence, name, if_absent);
                }
            }
            () if self.take(&["role", "user", "group"]) => self.global(What::Role),
            () if self.take(&["schema"]) => self.global(What::Schema),
            () if self.take(&["extension"]) => self.global(What::Extension),
            () => {}
        }
    }

    fn global(&mut self, what: What) {
        let if_absent = self.if_absent();
        self.take(&["authorization"]);
        if let Some((name, place)) = self.single() {
            self.add(what, (None, name, place), if_absent);
        }
    }

    /// `name … on table`
    fn part_of_table(&mut self, what: What) {
        let Some(part) = self.single() else { return };
        if self.seek(&["on"])
            && let Some(table) = self.name()
        {
            self.add_part(what, &table, part);
        }
    }

    fn create_index(&mut self) {
        self.take(&["concurrently"]);
        let if_absent = self.if_absent();
        let head = self.at - 1..self.at;
        let named = if self.tokens.is(self.at, &["on"]) { None } else { self.single() };
        if !self.take(&["on"]) {
            return;
        }
        self.take(&["only"]);
        let Some((schema, table, _)) = self.name() else { return };
        match named {
            Some((name, place)) => self.add(What::Index, (schema, name, place), if_absent),
            None => self.add(What::NamelessIndex, (schema, table, head), if_absent),
        }
    }

    fn create_function(&mut self) {
        let Some(name) = self.name() else { return };
        let body = (self.at..self.end).rev().find(|at| self.tokens.kind(*at).is_some_and(TokenKind::is_string) && self.tokens.follows(*at, &["as"]));
        self.add(What::Function, name, false);
        if let Some(mention) = self.found.last_mut() {
            mention.body = body;
        }
    }

    fn create_table(&mut self) {
        let if_absent = self.if_absent();
        let Some(table) = self.name() else { return };
        self.add(What::Relation, table.clone(), if_absent);
        if !self.tokens.is_kind(self.at, TokenKind::LeftParenthesis) {
            return;
        }
        let close = self.tokens.behind(self.at, self.end).saturating_sub(1);
        for item in self.items(self.at + 1, close) {
            self.table_item(&table, item);
        }
    }

    /// The parts of a list, at its commas outside of parentheses.
    fn items(&self, start: usize, end: usize) -> Vec<Part> {
        let (mut items, mut begin, mut depth) = (Vec::new(), start, 0);
        for at in start..end {
            depth += self.tokens.turn(at);
            if depth == 0 && self.tokens.is_kind(at, TokenKind::Comma) {
                items.push(begin..at);
                begin = at + 1;
            }
        }
        items.push(begin..end);
        items
    }

    /// A column with its constraints, or a constraint.
    fn table_item(&mut self, table: &Named, item: Part) {
        let (was, end) = (self.at, self.end);
        (self.at, self.end) = (item.start, item.end);
        if !self.tokens.is(self.at, &["constraint", "primary", "unique", "check", "foreign", "exclude", "like"])
            && let Some(column) = self.single()
        {
            self.add_part(What::Column, table, column);
        }
        while self.seek(&["constraint"]) {
            if let Some(name) = self.single() {
                self.add_part(What::Constraint, table, name);
            }
        }
        (self.at, self.end) = (was, end);
    }

    fn alter(&mut self) {
        self.skip(&["materialized", "foreign"]);
        match () {
            () if self.take(&["table"]) => self.alter_table(),
            () if self.take(&["role", "user"]) => self.global(What::Role),
            () if self.take(&["default"]) && self.seek(&["grant"]) && self.seek(&["to"]) => self.roles(What::DefaultPrivileges),
            () if self.take(&["policy"]) => self.part_of_table(What::Policy),
            () if self.take(&["function"]) => {
                if let Some(name) = self.name() {
                    self.add(What::Function, name, false);
                }
            }
            () if self.take(&["view"]) => {
                self.skip(&["if", "exists"]);
                if let Some(name) = self.name() {
                    self.add(What::Relation, name, false);
                }
            }
            () => {}
        }
    }

    fn alter_table(&mut self) {
        self.skip(&["if", "exists"]);
        self.take(&["only"]);
        let Some(table) = self.name() else { return };
        for action in self.items(self.at, self.end) {
            (self.at, self.end) = (action.start, action.end);
            self.table_action(&table);
        }
    }

    fn table_action(&mut self, table: &Named) {
        if self.take(&["add"]) {
            self.take(&["column"]);
            self.if_absent();
            return self.table_item(table, self.at..self.end);
        }
        if self.take(&["alter"]) {
            self.take(&["column"]);
            if let Some(column) = self.single() {
                self.add_part(What::Column, table, column);
            }
            return;
        }
        // Without row-level security again: this is where a hole of the table comes from.
        if self.take(&["disable"]) && self.take(&["row"]) {
            return self.add(What::Relation, (table.0.clone(), table.1.clone(), self.at - 2..self.end), false);
        }
        if !self.take(&["rename"]) {
            return;
        }
        let is_constraint = self.take(&["constraint"]);
        let is_table = self.tokens.is(self.at, &["to"]);
        if !self.seek(&["to"]) {
            return;
        }
        let Some((name, place)) = self.single() else { return };
        match (is_table, is_constraint) {
            (true, _) => self.add(What::Relation, (table.0.clone(), name, place), false),
            (_, true) => self.add_part(What::Constraint, table, (name, place)),
            _ => self.add_part(What::Column, table, (name, place)),
        }
    }

    /// The roles that a list names.
    fn roles(&mut self, what: What) {
        for item in self.items(self.at, self.end) {
            (self.at, self.end) = (item.start, item.end);
            self.take(&["group"]);
            if let Some((name, place)) = self.single() {
                self.add(what, (None, name, place), false);
            }
        }
    }

    /// `grant … on … to …`, or `grant role to …`
    fn grant(&mut self) {
        let begin = self.at;
        if !self.seek(&["on"]) {
            self.at = begin;
            if self.seek(&["to"]) {
                self.roles(What::Role);
            }
            return;
        }
        let start = self.at;
        if !self.seek(&["to"]) {
            return;
        }
        let targets = start..self.at - 1;
        let mut grantees = Vec::new();
        for item in self.items(self.at, self.end) {
            let at = item.start + usize::from(self.tokens.is(item.start, &["group"]));
            grantees.extend(self.tokens.name(at).filter(|_| at < item.end));
        }
        (self.at, self.end) = (targets.start, targets.end);
        let what = match () {
            () if self.take(&["all"]) => What::GrantOnAll,
            () if self.take(&["schema"]) => What::GrantOnSchema,
            () => What::Grant,
        };
        if what == What::GrantOnAll {
            self.seek(&["schema"]);
        }
        self.skip(&["table", "function", "procedure", "routine", "sequence", "type", "domain"]);
        for item in self.items(self.at, self.end) {
            (self.at, self.end) = (item.start, item.end);
            let Some(target) = self.name() else { continue };
            for grantee in &grantees {
                self.add_part(what, &target, (grantee.clone(), target.2.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let tokens = Tokens::new(text).expect(text);
        let all = 0..tokens.len();
        let describe = |mention: Mention| {
            let name = mention.schema.iter().chain([&mention.name]).chain(&mention.part).cloned().collect::<Vec<_>>().join(".");
            format!("{:?} {name} at `{}`", mention.what, &text[tokens.bytes(&mention.place)])
        };
        mentions(&tokens, &all).into_iter().map(describe).collect()
    }

    #[test]
    fn every_statement_says_what_it_makes() {
        for (text, expected) in [
            (
                "create table if not exists app.t (id uuid primary key, \"B\" numeric(5, 2) constraint positive check (a > 0), constraint k unique (id))",
                "Relation app.t at `app.t`, Column app.t.id at `id`, Column app.t.B at `\"B\"`, Constraint app.t.positive at `positive`, Constraint app.t.k at `k`",
            ),
            ("create or replace view v with (security_invoker = true) as select 1", "Relation v at `v`"),
            ("create unique index concurrently if not exists i on only app.t (a)", "Index app.i at `i`"),
            ("create index on t (a)", "NamelessIndex t at `index`"),
            ("create policy \"see all\" on public.t for select using (true)", "Policy public.t.see all at `\"see all\"`"),
            ("create trigger g after insert or update of a, b on auth.users for each row execute function f()", "Trigger auth.users.g at `g`"),
            ("create or replace function app.f(a int default 1) returns int language sql as $$ select 1 $$", "Function app.f at `app.f`"),
            ("create type mood as enum ('a')", "Type mood at `mood`"),
            ("create schema if not exists app authorization x", "Schema app at `app`"),
            (
                "alter table only t add column if not exists a int, add constraint k check (a > 0), alter b set not null, disable row level security",
                "Column t.a at `a`, Constraint t.k at `k`, Column t.b at `b`, Relation t at `disable row level security`",
            ),
            ("alter table t rename to u", "Relation u at `u`"),
            ("alter table t rename column a to b", "Column t.b at `b`"),
            (
                "grant select, insert (a, b) on t, app.u to anon, \"Role\"",
                "Grant t.anon at `t`, Grant t.Role at `t`, Grant app.u.anon at `app.u`, Grant app.u.Role at `app.u`",
            ),
            ("grant all on all tables in schema public, app to anon", "GrantOnAll public.anon at `public`, GrantOnAll app.anon at `app`"),
            ("grant usage on schema app to anon", "GrantOnSchema app.anon at `app`"),
            ("grant execute on function f(int, text) to authenticated", "Grant f.authenticated at `f`"),
            ("grant a to b", "Role b at `b`"),
            ("create role a nologin", "Role a at `a`"),
            ("alter role a set x = 1", "Role a at `a`"),
            ("alter default privileges in schema s grant select on tables to a, group b", "DefaultPrivileges a at `a`, DefaultPrivileges b at `b`"),
            ("alter default privileges revoke select on tables from a", ""),
            ("create table", ""),
            ("select 1", ""),
        ] {
            assert_eq!(found(text).join(", "), expected, "{text}");
        }
    }
}
