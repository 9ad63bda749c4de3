//! Trust-lite as it is: nothing leaks, and nothing that was refused is left without somebody who succeeds.

use tests::postgres;
use trust_schema::compile::compile;
use trust_schema::live::attack::{Options, attack, report};
use trust_schema::live::server::Target;

use crate::trust_lite;

/// What nothing was written for: the spec of the introduction, with a domain, a composite type, column grants and views.
#[tokio::test]
async fn the_spec_of_the_introduction_withstands_the_attack() {
    let compilation = compile(tests::compile::introduction());
    let (Some(resolution), Some(files)) = (&compilation.resolution, &compilation.outputs) else { panic!("the introduction compiles") };
    let tenancy = resolution.operations.tenancy.as_ref().expect("it says what a tenant is");
    let target = Target::Cluster(Box::new(postgres::own_cluster(postgres::any_major())));
    let options = Options { regime: None, sequences: 20, seed: 1 };
    let attacked = attack(&target, resolution, files, tenancy, options).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(attacked.withstood(), "{}", report::text(&attacked));
}

#[tokio::test]
async fn trust_lite_withstands_the_attack() {
    let compilation = trust_lite();
    let (Some(resolution), Some(files)) = (&compilation.resolution, &compilation.outputs) else { panic!("Trust-lite compiles") };
    let tenancy = resolution.operations.tenancy.as_ref().expect("Trust-lite says what a tenant is");
    let cluster = postgres::own_cluster(postgres::any_major());
    let target = Target::Cluster(Box::new(cluster));
    let options = Options { regime: None, sequences: 60, seed: 20260224 };
    let attacked = attack(&target, resolution, files, tenancy, options).await.unwrap_or_else(|error| panic!("{error}"));
    let text = report::text(&attacked);
    assert!(attacked.withstood(), "{text}");
    assert_eq!(attacked.regimes.len(), 2);
    for regime in &attacked.regimes {
        let tried = |object: &str| regime.attempts.iter().filter(|attempt| attempt.object == object).count();
        for object in resolution.catalog.objects() {
            let id = object.id();
            if matches!(id.kind(), trust_schema::catalog::Kind::Table | trust_schema::catalog::Kind::Function) {
                assert!(tried(&id.to_string()) > 0, "{id} was not attacked");
            }
        }
        assert_eq!((regime.twins.sequences, regime.twins.differences), (60, 0));
        assert!(regime.twins.succeeded > regime.twins.statements / 10, "random statements must do something: {:?}", regime.twins);
    }
    println!("{text}");
}
