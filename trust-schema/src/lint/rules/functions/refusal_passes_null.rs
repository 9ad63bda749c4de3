//! `refusal-passes-null`

use std::collections::BTreeSet;

use crate::lint::expression::{Assumption, Truth, tree, truth};
use crate::lint::rules::shared::*;
use crate::plpgsql::syntax::{Block, Kind as Statement, Part, Statement as Placed};
use crate::plpgsql::tokens::Tokens;
use crate::sql::lexer::TokenKind;
use crate::sql::fragment::one_line;

rule! {
    "TL0413" "refusal-passes-null" Warn;
    "A refusal asks for something unequal, and is passed over where an operand is NULL";
    why "`x <> y` and `not (x = y)` are NULL where an operand is, and IF takes NULL for false: `if p_owner <> auth.uid() then raise …` refuses nobody who is not signed in, nor a call that passes NULL.";
    mend "write `is distinct from`, or `(x = y) is not true`; or refuse NULL first", fixed;
    claims ["a_refusal_of_what_is_unequal_lets_null_pass"];
    bad Spec r#"[function.close_note_v1]
summary = "Check an owner."
effect  = "internal"
args    = [{ name = "p_owner", type = "uuid" }]
returns = "void"
body    = "begin if p_owner <> auth.uid() then raise exception 'not yours'; end if; end"
"#;
    good Spec r#"[function.close_note_v1]
summary = "Check an owner."
effect  = "internal"
args    = [{ name = "p_owner", type = "uuid" }]
returns = "void"
body    = "begin if (p_owner = auth.uid()) is not true then raise exception 'not yours'; end if; end"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.functions.iter().filter(|(_, function)| function.language == "plpgsql") {
        // Most bodies refuse nothing: they are not read.
        let words = words::words(&function.body);
        if !words.iter().any(|word| word == "raise") {
            continue;
        }
        let (Ok(block), Ok(tokens)) = (crate::plpgsql::read(&function.body), Tokens::new(&function.body)) else { continue };
        let mut reader = Reader { context, tokens: &tokens, variables: BTreeSet::new(), found: None };
        if !function.strict {
            reader.variables.extend(function.parameter_names());
        }
        reader.block(&block, &mut Vec::new());
        if let Some((condition, operand)) = reader.found {
            let edit = rewrite::distinct(&condition)
                .map(|new| Edit::Rewrite { object: (*id).clone(), keys: &["body"], rewrite: Rewrite::Only { old: condition.clone(), new } });
            let message = format!("`{}` refuses where `{condition}`, but not where `{operand}` is NULL", function.signature());
            findings.mendable(id, message, edit);
        }
    }
}

/// A condition after which nobody goes on, as bytes of the body, and what may be NULL in it.
struct Reader<'r, 'c, 'a> {
    context: &'r Context<'c>,
    tokens: &'r Tokens<'a>,
    /// Arguments, and variables that nothing has been put into at their declaration.
    variables: BTreeSet<&'r str>,
    found: Option<(String, String)>,
}

impl<'r> Reader<'r, '_, '_> {
    fn block(&mut self, block: &'r Block, refused: &mut Vec<Part>) {
        let empty = block.declarations.iter().filter(|declaration| declaration.initial.is_none() && !declaration.is_cursor);
        let may_be_null = empty.filter(|declaration| !declaration.data_type.clone().any(|at| self.tokens.is(at, &["null"])));
        self.variables.extend(may_be_null.map(|declaration| declaration.name.as_str()));
        self.statements(&block.statements, refused);
        for handler in &block.handlers {
            self.statements(&handler.statements, &mut refused.clone());
        }
    }

    /// Refusals hold for what follows them.
    fn statements(&mut self, statements: &'r [Placed], refused: &mut Vec<Part>) {
        for statement in statements {
            match &statement.kind {
                Statement::If { branches, otherwise } => {
                    for branch in branches {
                        self.statements(&branch.statements, &mut refused.clone());
                        if matches!(branch.statements.last().map(|last| &last.kind), Some(Statement::RaiseException(_))) {
                            self.refusal(&branch.condition, refused);
                        }
                    }
                    self.statements(otherwise, &mut refused.clone());
                    // Only the first branch is asked in any case.
                    let leaves = |last: &Placed| matches!(last.kind, Statement::RaiseException(_) | Statement::Return(_));
                    let first = branches.first().filter(|branch| branch.statements.last().is_some_and(leaves));
                    refused.extend(first.map(|branch| branch.condition.clone()));
                }
                Statement::Block(block) => self.block(block, refused),
                Statement::Loop { statements, .. } => self.statements(statements, &mut refused.clone()),
                Statement::Case { branches, otherwise, .. } => {
                    for branch in branches {
                        self.statements(&branch.statements, &mut refused.clone());
                    }
                    self.statements(otherwise.as_deref().unwrap_or_default(), &mut refused.clone());
                }
                _ => {}
            }
        }
    }

    fn refusal(&mut self, condition: &Part, refused: &[Part]) {
        if self.found.is_some() || !self.asks_for_unequal(condition) {
            return;
        }
        for operand in self.operands(condition) {
            let without = |part: &Part| self.truth(part, &operand);
            let judged = without(condition);
            // What may be NULL for another reason, too, must not be able to refuse.
            let passes = judged.can_be_unknown() && (!judged.can_be_true() || !self.truth(condition, "").can_be_unknown());
            if passes && !refused.iter().any(|before| without(before).is_always_true()) {
                let text = |part: &Part| one_line(self.tokens.text.get(self.tokens.bytes(part)).unwrap_or_default());
                self.found = Some((text(condition), operand.clone()));
                return;
            }
        }
    }

    /// Whether equal operands are what the condition lets pass. Sub-queries are not judged.
    fn asks_for_unequal(&self, condition: &Part) -> bool {
        let is_unequal = |at: usize| {
            let negates = self.tokens.is(at, &["not"]) && !self.tokens.follows(at, &["is"]) && !self.tokens.is(at + 1, &["null", "exists", "distinct", "found"]);
            self.tokens.is_operator(at, &["<>", "!="]) || negates
        };
        condition.clone().any(is_unequal) && !condition.clone().any(|at| self.tokens.is(at, &["select"]))
    }

    /// The variables and calls in a condition that may be NULL, as they are written.
    fn operands(&self, condition: &Part) -> BTreeSet<String> {
        self.names(condition).into_iter().filter(|(_, may_be_null)| *may_be_null).map(|(part, _)| self.written(&part)).collect()
    }

    fn written(&self, part: &Part) -> String {
        self.tokens.text.get(self.tokens.bytes(part)).unwrap_or_default().to_owned()
    }

    /// Names and calls, with whether they may be NULL.
    fn names(&self, condition: &Part) -> Vec<(Part, bool)> {
        let mut names = Vec::new();
        let mut at = condition.start;
        while at < condition.end {
            let start = at;
            at += 1;
            if !self.tokens.is_kind(start, TokenKind::Word) || self.tokens.follows_kind(start, TokenKind::Dot) {
                continue;
            }
            while self.tokens.is_kind(at, TokenKind::Dot) && at + 1 < condition.end {
                at += 2;
            }
            let first = self.tokens.text(start).to_ascii_lowercase();
            if !self.tokens.is_kind(at, TokenKind::LeftParenthesis) {
                names.push((start..at, self.variables.contains(first.as_str())));
                continue;
            }
            let name = self.written(&(start..at)).to_ascii_lowercase();
            if self.is_nullable(&name) {
                // With its arguments: they are no operands of the comparison.
                let mut depth = 0;
                while at < condition.end {
                    depth += i32::from(self.tokens.is_kind(at, TokenKind::LeftParenthesis)) - i32::from(self.tokens.is_kind(at, TokenKind::RightParenthesis));
                    at += 1;
                    if depth == 0 {
                        break;
                    }
                }
                names.push((start..at, true));
            }
        }
        names
    }

    /// Whether a function is known to return NULL to some callers.
    fn is_nullable(&self, name: &str) -> bool {
        if ["auth.uid", "auth.email", "auth.jwt", "auth.role", "current_setting", "pg_catalog.current_setting"].contains(&name) {
            return true;
        }
        let Some((schema, name)) = name.split_once('.') else { return false };
        self.context.functions_named(&QualifiedName::new(schema, name)).any(|(id, _)| {
            let contract = self.context.surroundings.contract.and_then(|contract| contract.functions.get(id));
            contract.is_some_and(|contract| contract.nullable.contains(""))
        })
    }

    /// What a condition can be where an operand is NULL, and no other name is.
    fn truth(&self, condition: &Part, operand: &str) -> Truth {
        let mut text = String::new();
        let mut at = self.tokens.bytes(condition).start;
        for (part, _) in self.names(condition).into_iter().filter(|(part, _)| self.written(part) == operand) {
            let bytes = self.tokens.bytes(&part);
            text.push_str(self.tokens.text.get(at..bytes.start).unwrap_or_default());
            text.push_str("null");
            at = bytes.end;
        }
        text.push_str(self.tokens.text.get(at..self.tokens.bytes(condition).end).unwrap_or_default());
        tree(&text, "").map_or(Truth::TRUE, |tree| truth(&tree, Assumption { not_null: &|_| true, anonymous: false }))
    }
}
