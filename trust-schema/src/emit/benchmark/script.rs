//! One script: what pgbench sends for each call.

use crate::kinds::function::Function;
use crate::operations::Benchmark;
use crate::sql::identifier::quote;
use crate::sql::lexer::{self, TokenKind};
use crate::sql::quoted::quoted;

/// A transaction as a gateway opens it: role and claims of the request, then the call.
pub fn call(benchmark: &Benchmark, function: &Function) -> String {
    let arguments = benchmark.arguments.iter().map(|(name, value)| format!("{} => ({})", quote(name), for_pgbench(value, benchmark)));
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    let claims: Vec<(String, String)> = benchmark.claims.iter().map(|(name, value)| (name.clone(), for_pgbench(value, benchmark))).collect();
    let end = if benchmark.undo { "ROLLBACK" } else { "COMMIT" };
    format!("{}{}SELECT * FROM {}({arguments});\n{end};\n", variables(benchmark), request(&benchmark.role, &claims), function.name)
}

/// The transaction alone.
pub fn nothing(role: &str) -> String {
    format!("{}SELECT 1;\nCOMMIT;\n", request(role, &[]))
}

/// The bare statement; in a transaction only where it is undone.
pub fn bare(benchmark: &Benchmark) -> String {
    let statement = for_pgbench(&benchmark.bare, benchmark);
    let statement = statement.trim();
    let variables = variables(benchmark);
    match benchmark.undo {
        true => format!("{variables}BEGIN;\n{statement};\nROLLBACK;\n"),
        false => format!("{variables}{statement};\n"),
    }
}

fn variables(benchmark: &Benchmark) -> String {
    benchmark.variables.iter().map(|(name, value)| format!("\\set {name} {value}\n")).collect()
}

/// What PostgREST sends before a call (its manual, "Transactions").
fn request(role: &str, claims: &[(String, String)]) -> String {
    let mut pairs: Vec<String> = claims.iter().map(|(name, value)| format!("{}, ({value})", literal(&quoted(name)))).collect();
    if !claims.iter().any(|(name, _)| name == "role") {
        pairs.push(format!("'role', {}", literal(&quoted(role))));
    }
    format!(
        "BEGIN;\nSELECT pg_catalog.set_config('role', {}, true), pg_catalog.set_config('request.jwt.claims', pg_catalog.jsonb_build_object({})::text, true);\n",
        literal(&quoted(role)),
        pairs.join(", ")
    )
}

/// SQL as pgbench reads it: each variable by its name becomes a variable of pgbench, and nothing else looks like one.
fn for_pgbench(sql: &str, benchmark: &Benchmark) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut end = 0;
    for token in lexer::lex(sql).tokens {
        text.push_str(sql.get(end..token.start).unwrap_or_default());
        let word = sql.get(token.start..token.end).unwrap_or_default();
        let is_variable = token.kind == TokenKind::Word && benchmark.variables.iter().any(|(name, _)| name == word);
        match token.kind {
            // pgbench ends a statement in a comment as little as PostgreSQL does, but looks for variables in it.
            kind if kind.is_comment() => text.push(' '),
            _ if is_variable => text.push_str(&format!("(:{word}::bigint)")),
            TokenKind::String | TokenKind::EscapeString => text.push_str(&literal(word)),
            _ => text.push_str(word),
        }
        end = token.end;
    }
    text.push_str(sql.get(end..).unwrap_or_default());
    text
}

/// A string constant in which pgbench sees no variable: it replaces `:name` within quotes, too. Constants on two lines are one in SQL.
fn literal(constant: &str) -> String {
    let mut text = String::with_capacity(constant.len());
    let mut characters = constant.chars().peekable();
    while let Some(character) = characters.next() {
        text.push(character);
        let follows = characters.peek().is_some_and(|next| next.is_alphanumeric() || *next == '_');
        if character == ':' && follows {
            text.push_str("'\n'");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn no_constant_looks_like_a_variable() {
        assert_eq!(literal("'dm:read'"), "'dm:'\n'read'");
        assert_eq!(literal("'{\"a\": 1}: '"), "'{\"a\": 1}: '");
        assert_eq!(literal("'::a'"), "'::'\n'a'");
    }
}
