//! How long the stages take: `cargo bench -p tests`. Sizes grow tenfold; linear stages take ten times as long.

use divan::Bencher;
use divan::counter::ItemsCount;
use trust_schema::emit::sql::{Surroundings, migration, rollback};
use trust_schema::resolve::resolve;
use trust_schema::{emit, sql};

fn main() {
    divan::main();
}

const SIZES: &[usize] = &[10, 100, 1000];

/// Reading, resolving and planning.
#[divan::bench(args = SIZES, sample_count = 10)]
fn resolving(bencher: Bencher<'_, '_>, tables: usize) {
    let files = tests::large_spec::files(tables);
    bencher.counter(ItemsCount::new(tables)).with_inputs(|| files.clone()).bench_values(|files| resolve(files).resolution.is_some());
}

/// Migrations and rollbacks from a resolved spec.
#[divan::bench(args = SIZES, sample_count = 10)]
fn emitting_sql(bencher: Bencher<'_, '_>, tables: usize) {
    let resolved = resolve(tests::large_spec::files(tables));
    let Some(resolution) = &resolved.resolution else { return };
    bencher.counter(ItemsCount::new(tables)).bench(|| {
        let mut files = emit::Files::default();
        let surroundings = Surroundings::new(resolution, &resolved.sources);
        migration::emit(&surroundings, &mut files);
        rollback::emit(&surroundings, &mut files);
        files
    });
}

/// Every rule over a resolved spec.
#[divan::bench(args = SIZES, sample_count = 10)]
fn linting(bencher: Bencher<'_, '_>, tables: usize) {
    let resolved = resolve(tests::large_spec::files(tables));
    let Some(resolution) = &resolved.resolution else { return };
    bencher.counter(ItemsCount::new(tables)).bench(|| trust_schema::lint::lint(&trust_schema::lint::Subject::of(resolution)).len());
}

/// Who can do what.
#[divan::bench(args = SIZES, sample_count = 10)]
fn computing_access(bencher: Bencher<'_, '_>, tables: usize) {
    let resolved = resolve(tests::large_spec::files(tables));
    let Some(resolution) = &resolved.resolution else { return };
    bencher.counter(ItemsCount::new(tables)).bench(|| trust_schema::access::access(&resolution.catalog, &resolution.project.owner).doors.len());
}

/// The lexer alone, in bytes.
#[divan::bench(args = SIZES, sample_count = 10)]
fn lexing(bencher: Bencher<'_, '_>, statements: usize) {
    let text = "select a.b, 'it''s', $tag$body$tag$, \"Q\" from public.t as a where x <> 1.5e3 -- end\n".repeat(statements);
    bencher.counter(divan::counter::BytesCount::new(text.len())).bench(|| sql::lexer::lex(&text).tokens.len());
}
