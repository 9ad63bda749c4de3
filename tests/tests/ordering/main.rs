//! Whatever order a spec is written in, its migrations apply and roll back: every pair of kinds of which one needs the other, in the wrong
//! order in one file, in files that sort wrongly, and with what is needed in a later migration.

mod special;
mod table;

use std::collections::{BTreeSet, HashMap};

use table::{CONSUMERS, Consumer, Later, NEED_NOTHING, PROVIDERS, Provider};
use tests::compile::{Compiled, compile, files, round_trip};
use tests::postgres::{any_major, database};
use tokio_postgres::Client;
use trust_schema::diagnostic::codes;
use trust_schema::kinds::Kind;
use trust_schema::live::server::{Regime, Scratch};

const PROJECT: &str = "[project]\nname = 'order'\nplatform = 'supabase'\nprivate_schema = 'private'\n[schema.private]\n";

fn module(migration: &str, toml: &str) -> String {
    format!("[module]\nmigration = '{migration}'\n{toml}\n")
}

fn provider(consumer: &Consumer) -> &'static Provider {
    PROVIDERS.iter().find(|provider| provider.name == consumer.needs).unwrap_or_else(|| panic!("no provider `{}`", consumer.needs))
}

/// How a pair is laid out in files.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// One file, what needs first.
    OneFile,
    /// The file of what needs sorts first, its migration is the later one.
    FilesSortWrongly,
    /// What is needed has the later migration.
    NeedsLater,
}

fn compile_pair(consumer: &Consumer, layout: Layout) -> Compiled {
    let needed = provider(consumer).toml;
    let (first, second) = ("20260101000000_first", "20260102000000_second");
    match layout {
        Layout::OneFile => compile(files(&[("trust.toml", PROJECT), ("a.toml", &module(first, &format!("{}\n{needed}", consumer.toml)))])),
        Layout::FilesSortWrongly => {
            compile(files(&[("trust.toml", PROJECT), ("a.toml", &module(second, consumer.toml)), ("z.toml", &module(first, needed))]))
        }
        Layout::NeedsLater => {
            compile(files(&[("trust.toml", PROJECT), ("a.toml", &module(first, consumer.toml)), ("b.toml", &module(second, needed))]))
        }
    }
}

/// Whether the pair compiles as the table says; nothing else may be the matter with it.
fn compiles_as_expected(consumer: &Consumer, layout: Layout, compiled: &Compiled) -> Result<bool, String> {
    let refused = matches!((layout, consumer.later), (Layout::NeedsLater, Later::Refused));
    let codes = compiled.codes();
    let expected = if refused { !codes.is_empty() && codes.iter().all(|code| *code == &codes::NEEDS_LATER_MIGRATION) } else { codes.is_empty() };
    if expected {
        Ok(!refused)
    } else {
        Err(format!("{} that needs {} ({layout:?}, {:?}):\n{}", consumer.name, consumer.needs, consumer.later, compiled.full()))
    }
}

#[test]
fn every_kind_is_in_the_table() {
    let known: BTreeSet<Kind> = CONSUMERS.iter().map(|consumer| consumer.kind).chain(NEED_NOTHING.iter().map(|(kind, _)| *kind)).collect();
    let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !known.contains(kind)).collect();
    assert!(missing.is_empty(), "no line for {missing:?}");
    for consumer in CONSUMERS {
        let compiled = compile_pair(consumer, Layout::OneFile);
        let Some(resolution) = &compiled.0.resolution else { panic!("{} that needs {}:\n{}", consumer.name, consumer.needs, compiled.full()) };
        assert!(resolution.catalog.iter().any(|(id, _)| id.kind() == consumer.kind), "{} makes no {:?}", consumer.name, consumer.kind);
    }
    for provider in PROVIDERS {
        assert!(CONSUMERS.iter().any(|consumer| consumer.needs == provider.name), "nothing needs {}", provider.name);
    }
}

#[test]
fn every_pair_applies_and_rolls_back_in_every_order() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let mut failures = Vec::new();
        // A round trip that leaves nothing behind leaves its database to the next one.
        let mut free: HashMap<Regime, (Scratch, Client)> = HashMap::new();
        for consumer in CONSUMERS {
            let mut made: Option<Vec<String>> = None;
            for layout in [Layout::OneFile, Layout::FilesSortWrongly, Layout::NeedsLater] {
                let compiled = compile_pair(consumer, layout);
                match compiles_as_expected(consumer, layout, &compiled) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(message) => {
                        failures.push(message);
                        continue;
                    }
                }
                let emitted = compiled.expect_sql();
                for regime in [Regime::Hardened, Regime::Legacy] {
                    let context = format!("{} that needs {} ({layout:?}, {regime:?})", consumer.name, consumer.needs);
                    let (scratch, client) = match free.remove(&regime) {
                        Some(free) => free,
                        None => {
                            let scratch = database(any_major(), regime).await;
                            let client = scratch.connect().await.expect("the deployer connects");
                            (scratch, client)
                        }
                    };
                    let outcome = round_trip(&client, &emitted).await;
                    if outcome.as_ref().is_ok_and(|applied| applied.left.is_empty()) {
                        free.insert(regime, (scratch, client));
                    }
                    match outcome {
                        Err(failure) => failures.push(format!("{context}: {}: {}", failure.file, failure.message)),
                        Ok(applied) if !applied.left.is_empty() => failures.push(format!("{context}: {:#?}", applied.left)),
                        // The order in which a spec is written, and the regime, change nothing about what it makes.
                        Ok(applied) => match &made {
                            None => made = Some(applied.made),
                            Some(first) if *first != applied.made => failures.push(format!("{context} makes {:#?}, not {first:#?}", applied.made)),
                            Some(_) => {}
                        },
                    }
                }
            }
        }
        assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    });
}
