//! What is right.

use tests::postgres;
use trust_schema::live::prove::{Stage, report};

use crate::{complete, proof, support};

#[tokio::test]
async fn trust_lite_is_proved_on_every_major() {
    let (resolution, files) = support::trust_lite();
    let files = complete(files);
    for &major in postgres::majors() {
        let proof = proof(major, &resolution, &files).await;
        let text = report::text(&proof);
        assert!(proof.holds(), "{text}");
        // The goal is 15 s on a machine that does nothing else; several times that is a mistake somewhere.
        assert!(proof.regimes.iter().all(|regime| regime.milliseconds < 60_000), "{text}");
        assert_eq!(proof.regimes.len(), 2);
        assert!(text.trim_end().lines().last().unwrap().starts_with(&format!("proved on PostgreSQL {major}.")), "{text}");
        for regime in &proof.regimes {
            let denied = regime.attempts.iter().find(|attempt| attempt.role == "authenticated" && attempt.action == "INSERT" && attempt.object == "table public.tenants");
            assert_eq!(denied.unwrap().refusal.as_deref(), Some("permission denied for table tenants"));
        }
        let json: serde_json::Value = serde_json::from_str(&report::json(&proof).unwrap()).unwrap();
        assert_eq!(json["holds"], true);
        assert_eq!(json["checks"], proof.checks());
    }
}

#[tokio::test]
async fn every_kind_is_proved() {
    let (resolution, files) = support::everything();
    let proof = proof(postgres::any_major(), &resolution, &complete(files)).await;
    assert!(proof.holds(), "{}", report::text(&proof));
}

/// What was not run is said, and then nothing is claimed.
#[tokio::test]
async fn without_a_verification_nothing_is_claimed() {
    let (resolution, files) = support::trust_lite();
    let proof = proof(postgres::any_major(), &resolution, &files).await;
    assert_eq!(proof.problems().count(), 0);
    assert!(!proof.is_complete() && !proof.holds());
    assert!(proof.not_run().any(|(_, stage, why)| stage == Stage::Verify && why == "there is no file verification/verify.sql"));
    let verdict = report::verdict(&proof);
    assert!(verdict.starts_with("NOT proved") && verdict.contains("not run: ") && verdict.contains("verification"), "{verdict}");
}
