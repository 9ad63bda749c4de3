//! Bodies and blocks of statements: no panic.

#![cfg_attr(feature = "libfuzzer", no_main)]

use trust_schema::sql::{body, fragment};

fn run(text: &str) {
    let _ = body::check_plpgsql(text);
    let _ = body::check_sql_body(text);
    let _ = fragment::check_statements(text);
}

trust_schema_fuzz::target!(run);
