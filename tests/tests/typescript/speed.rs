//! Large specs.

use std::fmt::Write as _;
use std::time::Instant;

use trust_schema::source::SourceFile;

use crate::spec::Compiled;

fn compiled(tables: usize) -> Compiled {
    let mut text = String::from("[module]\nmigration = \"20260101000001_many\"\nsummary = \"Many tables.\"\n[enum.mood]\nvalues = [\"a\", \"b\"]\n");
    for number in 0..tables {
        let previous = number.saturating_sub(1);
        write!(
            text,
            "[table.t{number}]\nprimary_key = [\"id\"]\ncolumns = {{ id = \"uuid\", mood = \"mood\", \
             previous = {{ type = \"uuid\", references = \"t{previous}\" }}, note = {{ type = \"text\", nullable = true }} }}\n"
        )
        .unwrap();
    }
    let project = "[project]\nname = \"many\"\nplatform = \"supabase\"\n".to_owned();
    Compiled::new(vec![SourceFile { path: "trust.toml".to_owned(), text: project }, SourceFile { path: "many.toml".to_owned(), text }])
}

/// Ten times as many tables take about ten times as long: far less than the hundredfold of a quadratic pass.
#[test]
fn the_time_grows_with_the_number_of_tables() {
    let seconds = |tables: usize| {
        let compiled = compiled(tables);
        let measure = || {
            let start = Instant::now();
            let (database, _) = compiled.typescript();
            assert_eq!(database.matches("Relationships: [").count(), tables);
            start.elapsed().as_secs_f64()
        };
        // The fastest of three: others share the machine.
        (0..3).map(|_| measure()).fold(f64::INFINITY, f64::min)
    };
    let (few, many) = (seconds(200), seconds(2_000));
    assert!(many < few * 40.0, "200 tables: {few} s, 2,000 tables: {many} s");
}
