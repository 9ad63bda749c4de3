//! `exception-swallowed`

use crate::lint::rules::shared::*;
use crate::plpgsql::syntax::{Block, Handler, Kind as Statement, Statement as Placed};

rule! {
    "TL0412" "exception-swallowed" Warn;
    "A handler catches every error and goes on";
    why "`when others` also catches what an assertion raises: the block is undone, and what follows runs as if the caller had been let in.";
    mend "catch the conditions that are expected by name; otherwise `raise;` at the handler's end, or return what means no";
    claims ["a_swallowed_assertion_lets_the_caller_past"];
    bad Sql r#"create function public.f() returns void language plpgsql as $$
begin
  begin
    perform 1 / 0;
  exception when others then
    null;
  end;
end $$;
revoke all on function public.f() from public;"#;
    good Sql r#"create function public.f() returns boolean language plpgsql as $$
begin
  perform 1 / 0;
  return true;
exception
  when division_by_zero then null;
  when others then return false;
end $$;
revoke all on function public.f() from public;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.functions.iter().filter(|(_, function)| function.language == "plpgsql") {
        // Most bodies catch nothing: they are not read.
        if !words::words(&function.body).iter().any(|word| word == "others") {
            continue;
        }
        let Ok(block) = crate::plpgsql::read(&function.body) else { continue };
        if swallows(&block, &function.body) {
            findings.add(id, format!("`{}` catches every error and goes on", function.signature()));
        }
    }
}

fn swallows(block: &Block, body: &str) -> bool {
    let caught = block.handlers.iter().any(|handler| catches_everything(handler, body) && !handler.statements.iter().any(ends));
    caught || block.handlers.iter().flat_map(|handler| &handler.statements).chain(&block.statements).any(|statement| within(statement, body))
}

fn within(statement: &Placed, body: &str) -> bool {
    let any = |statements: &[Placed]| statements.iter().any(|statement| within(statement, body));
    match &statement.kind {
        Statement::Block(block) => swallows(block, body),
        Statement::If { branches, otherwise } => branches.iter().any(|branch| any(&branch.statements)) || any(otherwise),
        Statement::Case { branches, otherwise, .. } => {
            branches.iter().any(|branch| any(&branch.statements)) || otherwise.as_ref().is_some_and(|otherwise| any(otherwise))
        }
        Statement::Loop { statements, .. } => any(statements),
        _ => false,
    }
}

/// Whether `others` stands among the conditions.
fn catches_everything(handler: &Handler, body: &str) -> bool {
    let head = body.get(handler.bytes.clone()).unwrap_or_default();
    words::words(head).iter().take_while(|word| *word != "then").any(|word| word == "others")
}

/// Whether a statement may end the function or raise: somebody thought of what follows.
fn ends(statement: &Placed) -> bool {
    let any = |statements: &[Placed]| statements.iter().any(ends);
    match &statement.kind {
        Statement::RaiseException(_) | Statement::Return(_) | Statement::Exit { .. } | Statement::Continue { .. } => true,
        Statement::If { branches, otherwise } => branches.iter().any(|branch| any(&branch.statements)) || any(otherwise),
        Statement::Case { branches, .. } => branches.iter().any(|branch| any(&branch.statements)),
        Statement::Block(block) => any(&block.statements),
        _ => false,
    }
}
