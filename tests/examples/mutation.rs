//! Tries every mutant of Trust-lite, of the spec of the introduction and of the case specs, and writes `docs/mutation.md`.
//!
//! Each outcome is printed as one line; `mutation report` reads such lines and writes the document of them.
//!
//! `cargo run -p tests --example mutation [STEP [SYSTEM|static [OPERATOR]]]`: every how manieth mutant is tried, of which system and operator, or
//! without servers; then the
//! document stays as it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tests::compile::{folder, introduction};
use tests::mutation::{Bench, Family, Judged, Mutant, Outcome, Prover, Stage, System, report};
use tests::postgres;
use trust_schema::catalog::Catalog;
use trust_schema::live::server::Cluster;

/// Mutants at a time.
const WORKERS: usize = 2;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if std::env::args().nth(1).is_some_and(|first| first == "report") {
        let mut outcomes: Vec<Outcome> = std::io::stdin().lines().map_while(Result::ok).filter_map(|line| Outcome::read(&line)).collect();
        outcomes.sort_by(|a, b| (a.family, &a.operator, &a.system, &a.place).cmp(&(b.family, &b.operator, &b.system, &b.place)));
        return std::fs::write(root.join("../docs/mutation.md"), report(&outcomes));
    }
    let step: usize = std::env::args().nth(1).and_then(|step| step.parse().ok()).unwrap_or(1);
    let mut systems = vec![System::new("trust-lite", folder(&root.join("../spec"))), System::new("introduction", introduction())];
    let mut cases: Vec<_> =
        std::fs::read_dir(root.join("cases/kinds"))?.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    systems.extend(cases.iter().map(|case| System::new(&format!("case {}", case.file_name().unwrap_or_default().to_string_lossy()), folder(case))));
    if std::env::args().nth(2).is_some_and(|only| only == "static") {
        return print_static(&systems, step);
    }
    if let Some(only) = std::env::args().nth(2) {
        systems.retain(|system| system.name.contains(&only));
    }
    let mut done = done();
    let cluster = Arc::new(postgres::own_cluster(postgres::any_major()));
    let mut outcomes = Vec::new();
    for system in &systems {
        outcomes.extend(run(system, &cluster, step, &mut done));
    }
    // Of a part of the run the document says nothing.
    if std::env::args().len() > 1 { Ok(()) } else { std::fs::write(root.join("../docs/mutation.md"), report(&outcomes)) }
}

/// The outcomes of a run that was interrupted: the file that `MUTATION_DONE` names holds its lines, all of those at
/// least that need no server.
fn done() -> Vec<Outcome> {
    let text = std::env::var_os("MUTATION_DONE").map(|path| std::fs::read_to_string(path).expect("the file is readable")).unwrap_or_default();
    text.lines().filter_map(Outcome::read).collect()
}

/// All stages over one system.
fn run(system: &System, cluster: &Arc<Cluster>, step: usize, done: &mut Vec<Outcome>) -> Vec<Outcome> {
    let begun = Instant::now();
    let mut outcomes: Vec<Outcome> = done.extract_if(.., |outcome| outcome.system == system.name).collect();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for outcome in &outcomes {
        *known.entry(format!("{}: {}", outcome.operator, outcome.place)).or_default() += 1;
    }
    let mut mutants: Vec<Mutant> = system.mutants().into_iter().step_by(step).collect();
    let only = std::env::args().nth(3);
    mutants.retain(|mutant| only.as_ref().is_none_or(|only| mutant.operator == *only));
    mutants.retain(|mutant| {
        let known = known.get_mut(&format!("{}: {}", mutant.operator, mutant.place)).filter(|count| **count > 0);
        known.map(|count| *count -= 1).is_none()
    });
    // Where all that is told without a server is known, what is not known is left.
    let is_known = std::env::var_os("MUTATION_DONE").is_some() && !outcomes.is_empty();
    let judged = in_parallel(&mutants, |mutant| if is_known { left(system, mutant) } else { system.judge(mutant) });
    let mut waiting: Vec<(Mutant, Box<Catalog>)> = Vec::new();
    for (mutant, judged) in mutants.into_iter().zip(judged) {
        match judged {
            Judged::Stillborn => {}
            Judged::Told(stage, by) => {
                let outcome = outcome(system, &mutant, stage, by);
                println!("{}", outcome.record());
                outcomes.push(outcome);
            }
            Judged::Survives(catalog) => waiting.push((mutant, catalog)),
        }
    }
    eprintln!("{}: {} told without a server, {} left, {:?}", system.name, outcomes.len(), waiting.len(), begun.elapsed());
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let bench = runtime().block_on(Bench::new(system, Arc::clone(cluster))).unwrap_or_else(|error| panic!("{}: {error}", system.name));
    let prover = runtime().block_on(Prover::new(system, Arc::clone(cluster))).unwrap_or_else(|error| panic!("{}: {error}", system.name));
    eprintln!("{}: ready {:?}, {:?}", system.name, bench.as_ref().map(Bench::size), begun.elapsed());
    outcomes.extend(in_parallel(&waiting, |(mutant, catalog)| {
        let begun = Instant::now();
        let tried = match (mutant.family(), &bench) {
            (Family::Migration, _) => runtime().block_on(prover.try_out(mutant)),
            (_, Some(bench)) => runtime().block_on(bench.try_out(catalog)),
            (_, None) => Ok((Stage::NotTried, ["the spec has no table".to_owned()].into())),
        };
        let (stage, by) = tried.unwrap_or_else(|error| (Stage::NotTried, [format!("error: {error}")].into()));
        let outcome = outcome(system, mutant, stage, by);
        println!("{}", outcome.record());
        eprintln!("{:?} {}", begun.elapsed(), outcome.record());
        outcome
    }));
    outcomes.sort_by(|a, b| (a.family, &a.operator, &a.place).cmp(&(b.family, &b.operator, &b.place)));
    eprintln!("{}: done in {:?}", system.name, begun.elapsed());
    outcomes
}

/// The results in the order of the items, each of which takes long.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(place) else { break };
                    let result = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((place, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

fn outcome(system: &System, mutant: &Mutant, stage: Stage, by: std::collections::BTreeSet<String>) -> Outcome {
    Outcome { system: system.name.clone(), family: mutant.family(), operator: mutant.operator.to_owned(), place: mutant.place.clone(), stage, by }
}

fn left(system: &System, mutant: &Mutant) -> Judged {
    let catalog = mutant.catalog(system).filter(|catalog| mutant.family() == Family::Migration || *catalog != system.resolution.catalog);
    catalog.map_or(Judged::Stillborn, |catalog| Judged::Survives(Box::new(catalog)))
}

/// Without servers: what is told, and what is left.
fn print_static(systems: &[System], step: usize) -> std::io::Result<()> {
    for system in systems {
        for mutant in system.mutants().iter().step_by(step) {
            let (stage, by) = match system.judge(mutant) {
                Judged::Stillborn => continue,
                Judged::Told(stage, by) => (stage, by),
                Judged::Survives(_) => (Stage::Withstands, Default::default()),
            };
            println!("{}", outcome(system, mutant, stage, by).record());
        }
    }
    Ok(())
}
