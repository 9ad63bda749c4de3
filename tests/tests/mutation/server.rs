//! Mutants of the spec of the introduction on a server: each stage tells of the one that is its own, and of those that change nothing none does.

use std::sync::Arc;

use tests::compile::introduction;
use tests::mutation::{Bench, Family, Judged, Mutant, Prover, Stage, System};
use tests::postgres::{any_major, cluster};

/// Mutants by their operator and a part of their place, and the stage that must tell of them.
const EXPECTED: [(Family, &str, &str, Stage); 8] = [
    (Family::Catalog, "policy always true", "public.tenants.members_read", Stage::Attack),
    (Family::Catalog, "dropped trigger", "public.order_events.append_only", Stage::Answers),
    (Family::Catalog, "dropped foreign key", "public.orders.orders_tenant_id_fkey", Stage::Answers),
    (Family::Spec, "dropped conjunct", "o.tenant_id = p_tenant_id", Stage::Answers),
    // Its domain does not allow NULL either.
    (Family::Catalog, "dropped not null", "column public.orders.amount", Stage::Withstands),
    (Family::Migration, "dropped ENABLE ROW LEVEL SECURITY", "public.orders", Stage::Proof),
    (Family::Migration, "dropped REVOKE", "ON TABLE public.members", Stage::Proof),
    // Nobody has anything on a new schema.
    (Family::Migration, "dropped REVOKE", "ON SCHEMA app_private", Stage::Same),
];

fn found<'m>(mutants: &'m [Mutant], family: Family, operator: &str, place: &str) -> &'m Mutant {
    let mut found = mutants.iter().filter(|mutant| mutant.family() == family && mutant.operator == operator && mutant.place.contains(place));
    found.next().unwrap_or_else(|| panic!("there is no {operator}: {place}"))
}

#[tokio::test]
async fn each_stage_tells_of_its_own() {
    let system = System::new("introduction", introduction());
    let mutants = system.mutants();
    let cluster = cluster(any_major());
    let bench = Bench::new(&system, Arc::clone(&cluster)).await.expect("the system is made").expect("it has tables");
    let prover = Prover::new(&system, cluster).await.expect("the migrations run");
    assert!(bench.size().0 > 300 && bench.size().1 > 0, "{:?}", bench.size());
    for (family, operator, place, expected) in EXPECTED {
        let mutant = found(&mutants, family, operator, place);
        let (stage, by) = match family {
            Family::Migration => prover.try_out(mutant).await,
            _ => bench.try_out(&mutant.catalog(&system).unwrap_or_else(|| panic!("{operator}: {place} is no spec"))).await,
        }
        .unwrap_or_else(|error| panic!("{operator}: {place}: {error}"));
        assert_eq!(stage, expected, "{operator}: {place}: {by:?}");
    }
}

#[test]
fn what_the_first_stages_tell_of_needs_no_server() {
    let system = System::new("introduction", introduction());
    let mutants = system.mutants();
    for (operator, place, expected, by) in [
        ("dropped guard", "orders.toml:", Stage::Refused, "write-without-guard"),
        ("search_path led by schema public", "assert_service_v1", Stage::Lint, "search-path-foreign-schema"),
        ("wider execute", "\"authenticated\", before \"service_role\"", Stage::Access, "widened EXECUTE"),
    ] {
        let of_operator = mutants.iter().filter(|mutant| mutant.operator == operator && mutant.place.contains(place));
        let judged: Vec<Judged> = of_operator.map(|mutant| system.judge(mutant)).collect();
        let is_told = |judged: &Judged| matches!(judged, Judged::Told(stage, told) if *stage == expected && told.contains(by));
        assert!(judged.iter().any(is_told), "{operator}: {place}: none of {} is told by {by}", judged.len());
    }
}
