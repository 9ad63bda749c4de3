//! Statements of bodies that are weakened: assertions, refusals, handlers.

use trust_schema::sql::lexer::TokenKind;

use super::tokens::{Edit, Tokens};

/// Every weakened statement of a body.
pub fn edits(body: &str) -> Vec<Edit> {
    let tokens = Tokens::new(body);
    let mut edits = Vec::new();
    for place in 0..tokens.len() {
        if !tokens.begins_statement(place) {
            handler(&tokens, place, &mut edits);
            continue;
        }
        let Some(end) = tokens.semicolon(place) else { continue };
        if tokens.is(place, "raise") && !tokens.is_any(place + 1, &["notice", "warning", "info", "log", "debug"]) {
            edits.push(Edit::new("dropped raise", tokens.bytes(place, end), "null;"));
        }
        if tokens.is(place, "perform") && !tokens.is(place + 1, "from") {
            let bytes = tokens.bytes(place, end);
            edits.push(Edit::new("dropped assertion", bytes.clone(), "null;"));
            let swallowed = format!("begin {} exception when others then null; end;", &body[bytes.clone()]);
            edits.push(Edit::new("swallowed assertion", bytes, swallowed));
            moved(&tokens, place, end, &mut edits);
        }
        handler(&tokens, place, &mut edits);
    }
    swallowed_errors(&tokens, &mut edits);
    edits
}

/// The assertion behind the first write that follows it.
fn moved(tokens: &Tokens<'_>, place: usize, end: usize, edits: &mut Vec<Edit>) {
    let is_write = |write: &usize| tokens.begins_statement(*write) && tokens.is_any(*write, &["insert", "update", "delete"]);
    let Some(write) = (end + 1..tokens.len()).find(is_write) else { return };
    let Some(last) = tokens.semicolon(write) else { return };
    let (assertion, between) = (&tokens.text[tokens.bytes(place, end)], &tokens.text[tokens.end(end)..tokens.end(last)]);
    edits.push(Edit::new("moved assertion", tokens.bytes(place, last), format!("null;{between}\n{assertion}")));
}

/// `when foreign_key_violation then …`: catches everything, and says nothing.
fn handler(tokens: &Tokens<'_>, place: usize, edits: &mut Vec<Edit>) {
    if !tokens.is(place, "exception") || !tokens.is(place + 1, "when") {
        return;
    }
    if let Some(then) = (place + 2..tokens.len()).find(|then| tokens.is(*then, "then")) {
        edits.push(Edit::new("handler of everything", tokens.bytes(place + 2, then - 1), "others"));
    }
}

/// The outermost block swallows every error.
fn swallowed_errors(tokens: &Tokens<'_>, edits: &mut Vec<Edit>) {
    let Some(last) = (0..tokens.len()).rev().find(|place| tokens.kind(*place) != Some(TokenKind::Semicolon)) else { return };
    let is_block = tokens.is(last, "end") && tokens.is_any(0, &["begin", "declare"]);
    let has_handler = (0..tokens.len()).any(|place| tokens.are(place, &["exception", "when"]));
    if is_block && !has_handler {
        edits.push(Edit::new("swallowed errors", tokens.start(last)..tokens.start(last), "exception when others then null; "));
    }
}
