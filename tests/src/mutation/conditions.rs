//! Conditions and queries that are weakened: in bodies, policies, predicates, checks and views.

use trust_schema::sql::lexer::TokenKind;

use super::tokens::{Edit, Tokens};

/// What ends a conjunct at its own depth.
const BEHIND: [&str; 24] = [
    "and",
    "or",
    "then",
    "group",
    "order",
    "limit",
    "for",
    "returning",
    "loop",
    "union",
    "on",
    "into",
    "when",
    "else",
    "end",
    "having",
    "window",
    "offset",
    "join",
    "left",
    "inner",
    "where",
    "set",
    "cross",
];
/// What stands in front of the first conjunct.
const BEFORE: [&str; 9] = ["where", "on", "if", "elsif", "when", "having", "while", "and", "or"];

/// Every weakened condition of a text.
pub fn edits(text: &str) -> Vec<Edit> {
    let tokens = Tokens::new(text);
    let mut edits = Vec::new();
    let mut in_raise = false;
    for place in 0..tokens.len() {
        if tokens.is(place, "raise") && tokens.begins_statement(place) {
            in_raise = true;
        }
        if tokens.kind(place) == Some(TokenKind::Semicolon) {
            in_raise = false;
        }
        if in_raise {
            continue;
        }
        comparison(&tokens, place, &mut edits);
        connective(&tokens, place, &mut edits);
        tests(&tokens, place, &mut edits);
        clauses(&tokens, place, &mut edits);
    }
    edits
}

fn comparison(tokens: &Tokens<'_>, place: usize, edits: &mut Vec<Edit>) {
    if tokens.are(place, &["is", "distinct", "from"]) {
        let bytes = tokens.bytes(place, place + 2);
        edits.push(Edit::new("null-blind comparison", bytes.clone(), "<>"));
        edits.push(Edit::new("reversed comparison", bytes, "is not distinct from"));
    }
    if tokens.are(place, &["is", "not", "distinct", "from"]) {
        edits.push(Edit::new("null-blind comparison", tokens.bytes(place, place + 3), "="));
    }
    let reversed = match (tokens.kind(place), tokens.written(place)) {
        (Some(TokenKind::Operator), "=") if !assigns(tokens, place) => "<>",
        (Some(TokenKind::Operator), "<>" | "!=") => "=",
        (Some(TokenKind::Operator), "<") => ">=",
        (Some(TokenKind::Operator), ">") => "<=",
        (Some(TokenKind::Operator), "<=") => ">",
        (Some(TokenKind::Operator), ">=") => "<",
        (Some(TokenKind::Operator), "~") => "!~",
        _ => return,
    };
    edits.push(Edit::new("reversed comparison", tokens.bytes(place, place), reversed));
}

/// Whether an equals sign stands in a SET list and assigns.
fn assigns(tokens: &Tokens<'_>, place: usize) -> bool {
    let depth = tokens.depth(place);
    let before = (0..place).rev().find(|before| {
        (tokens.depth(*before) == depth && tokens.is_any(*before, &["set", "where", "on", "and", "or", "when", "if", "select", "from", "returning"]))
            || tokens.kind(*before) == Some(TokenKind::Semicolon)
            || tokens.depth(*before) < depth
    });
    before.is_some_and(|before| tokens.is(before, "set"))
}

fn connective(tokens: &Tokens<'_>, place: usize, edits: &mut Vec<Edit>) {
    let depth = tokens.depth(place);
    if tokens.is(place, "or") && !tokens.is(place + 1, "replace") {
        edits.push(Edit::new("disjunction made conjunction", tokens.bytes(place, place), "and"));
    }
    if !tokens.is(place, "and") || is_of_between(tokens, place) {
        return;
    }
    edits.push(Edit::new("conjunction made disjunction", tokens.bytes(place, place), "or"));
    let ends = |behind: &usize| {
        let is_end = tokens.depth(*behind) == depth && (tokens.is_any(*behind, &BEHIND) || matches!(tokens.kind(*behind), Some(TokenKind::Comma)));
        tokens.depth(*behind) < depth || is_end || tokens.kind(*behind) == Some(TokenKind::Semicolon)
    };
    let mut behind = (place + 1..tokens.len()).find(ends).unwrap_or(tokens.len());
    if behind < tokens.len() && tokens.is(behind, "and") && is_of_between(tokens, behind) {
        behind = (behind + 1..tokens.len()).find(ends).unwrap_or(tokens.len());
    }
    edits.push(Edit::new("dropped conjunct", tokens.bytes(place, behind.saturating_sub(1)), ""));
    let begins = |before: &usize| {
        tokens.depth(*before) < depth
            || (tokens.depth(*before) == depth && (tokens.is_any(*before, &BEFORE) || tokens.kind(*before) == Some(TokenKind::ColonEquals)))
            || tokens.kind(*before) == Some(TokenKind::Semicolon)
    };
    let before = (0..place).rev().find(begins);
    // A conjunct in the middle is the one behind another AND.
    if before.is_none_or(|before| !tokens.is(before, "and")) {
        let first = before.map_or(0, |before| before + 1);
        edits.push(Edit::new("dropped conjunct", tokens.start(first)..tokens.start(place + 1), ""));
    }
}

/// Whether an AND belongs to a BETWEEN.
fn is_of_between(tokens: &Tokens<'_>, place: usize) -> bool {
    let depth = tokens.depth(place);
    let before = (0..place).rev().take_while(|before| tokens.depth(*before) >= depth).find(|before| {
        tokens.depth(*before) == depth
            && (tokens.is_any(*before, &["between", "and", "or", "where", "if", "when", "on"]) || tokens.kind(*before) == Some(TokenKind::Semicolon))
    });
    before.is_some_and(|before| tokens.is(before, "between"))
}

fn tests(tokens: &Tokens<'_>, place: usize, edits: &mut Vec<Edit>) {
    if tokens.are(place, &["is", "not", "null"]) {
        edits.push(Edit::new("reversed test", tokens.bytes(place, place + 2), "is null"));
    } else if tokens.are(place, &["is", "null"]) {
        edits.push(Edit::new("reversed test", tokens.bytes(place, place + 1), "is not null"));
    } else if tokens.are(place, &["is", "not", "true"]) {
        edits.push(Edit::new("reversed test", tokens.bytes(place, place + 2), "is true"));
        // `(x) is not true` becomes `not (x)`: the same but where x is NULL.
        if let Some(open) =
            place.checked_sub(1).filter(|before| tokens.kind(*before) == Some(TokenKind::RightParenthesis)).and_then(|before| tokens.opening(before))
        {
            let inner = &tokens.text[tokens.start(open)..tokens.end(place - 1)];
            edits.push(Edit::new("null-blind comparison", tokens.start(open)..tokens.end(place + 2), format!("not {inner}")));
        }
    } else if tokens.is(place, "not")
        && !(place > 0 && tokens.is(place - 1, "is"))
        && !tokens.is_any(place + 1, &["null", "distinct", "true", "valid"])
    {
        edits.push(Edit::new("dropped not", tokens.start(place)..tokens.start(place + 1), ""));
    }
    let opens = tokens.kind(place + 1) == Some(TokenKind::LeftParenthesis);
    if tokens.is(place, "coalesce") && opens {
        let depth = tokens.depth(place + 1) + 1;
        let close = tokens.closing(place + 1);
        let comma =
            close.and_then(|close| (place + 2..close).find(|comma| tokens.depth(*comma) == depth && tokens.kind(*comma) == Some(TokenKind::Comma)));
        if let (Some(close), Some(comma)) = (close, comma) {
            let first = &tokens.text[tokens.start(place + 2)..tokens.end(comma - 1)];
            edits.push(Edit::new("dropped coalesce", tokens.bytes(place, close), format!("({first})")));
        }
    }
}

fn clauses(tokens: &Tokens<'_>, place: usize, edits: &mut Vec<Edit>) {
    let depth = tokens.depth(place);
    if tokens.is(place, "where") {
        let behind = (place + 1..tokens.len()).find(|behind| {
            let ends = tokens.is_any(*behind, &["group", "order", "limit", "for", "returning", "loop", "union", "on"]);
            tokens.depth(*behind) < depth || (tokens.depth(*behind) == depth && ends) || tokens.kind(*behind) == Some(TokenKind::Semicolon)
        });
        let last = behind.unwrap_or(tokens.len()).saturating_sub(1);
        edits.push(Edit::new("dropped where", tokens.bytes(place, last), ""));
    }
    if tokens.is_any(place, &["if", "elsif"]) && !(place > 0 && tokens.is(place - 1, "end")) {
        let then = (place + 1..tokens.len()).find(|then| tokens.is(*then, "then") && tokens.depth(*then) == depth);
        if let Some(then) = then.filter(|then| *then > place + 1) {
            for by in ["true", "false"] {
                edits.push(Edit::new("constant condition", tokens.bytes(place + 1, then - 1), by));
            }
        }
    }
    let row_lock = (tokens.is(place, "for") && tokens.is_any(place + 1, &["update", "share"]))
        .then_some(place + 1)
        .or(tokens.are(place, &["for", "no", "key", "update"]).then_some(place + 3))
        .or(tokens.are(place, &["for", "key", "share"]).then_some(place + 2));
    if let Some(last) = row_lock {
        edits.push(Edit::new("dropped row lock", tokens.bytes(place, last), ""));
    }
    if tokens.is(place, "limit") {
        edits.push(Edit::new("dropped limit", tokens.bytes(place, place + 1), ""));
    }
}
