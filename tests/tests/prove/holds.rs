//! What is right.

use tests::postgres;
use trust_schema::live::prove::{Stage, report};
use trust_schema::source::SourceFile;

use crate::{proof, support};

#[tokio::test]
async fn trust_lite_is_proved_on_every_major() {
    let (resolution, files) = support::trust_lite();
    for &major in postgres::majors() {
        let proof = proof(major, &resolution, &files).await;
        let text = report::text(&proof);
        assert!(proof.holds(), "{text}");
        // The goal is 15 s on a machine that does nothing else; several times that is a mistake somewhere.
        assert!(proof.regimes.iter().all(|regime| regime.milliseconds < 60_000), "{text}");
        assert_eq!(proof.regimes.len(), 2);
        assert!(text.trim_end().lines().last().unwrap().starts_with(&format!("proved on PostgreSQL {major}.")), "{text}");
        for regime in &proof.regimes {
            let denied = regime
                .attempts
                .iter()
                .find(|attempt| attempt.role == "authenticated" && attempt.action == "INSERT" && attempt.object == "table public.tenants");
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
    let proof = proof(postgres::any_major(), &resolution, &files).await;
    assert!(proof.holds(), "{}", report::text(&proof));
}

/// What was not run is said, and then nothing is claimed.
#[tokio::test]
async fn without_a_verification_nothing_is_claimed() {
    let (resolution, mut files) = support::trust_lite();
    assert!(files.0.remove("verification/verify.sql").is_some());
    let proof = proof(postgres::any_major(), &resolution, &files).await;
    assert_eq!(proof.problems().count(), 0);
    assert!(!proof.is_complete() && !proof.holds());
    assert!(proof.not_run().any(|(_, stage, why)| stage == Stage::Verify && why == "there is no file verification/verify.sql"));
    let verdict = report::verdict(&proof);
    assert!(verdict.starts_with("NOT proved") && verdict.contains("not run: ") && verdict.contains("verification"), "{verdict}");
}

/// Without a platform: one database, with the roles that the spec declares, and the extensions that it needs.
#[tokio::test]
async fn a_spec_for_plain_postgresql_is_proved_once() {
    let project = "[project]\nname = \"plain\"\nplatform = \"postgresql\"\n[role.reader]\napi = true\n[role.\"Back Office\"]\n[schema.app]\naccess = { reader = [\"usage\"] }\n[extension.pgcrypto]\nschema = \"tools\"\n";
    let module = "[module]\nmigration = \"20260101000001_plain\"\nschema = \"app\"\n[table.notes]\nprimary_key = [\"id\"]\ncolumns = { id = \"bigint\", secret = \"text\" }\naccess = { reader = { select = [\"id\"] }, \"Back Office\" = [\"select\"] }\n[table.notes.policy.all]\ncommand = \"select\"\nto = [\"reader\"]\nusing = \"true\"\n";
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let (resolution, files) = support::compile(vec![file("trust.toml", project), file("plain.toml", module)]);
    for &major in postgres::majors() {
        let proof = proof(major, &resolution, &files).await;
        assert!(proof.holds(), "{}", report::text(&proof));
        let [regime] = proof.regimes.as_slice() else { panic!("one database") };
        assert_eq!(regime.platform, "postgresql");
        let read =
            |action: &str| regime.attempts.iter().find(|attempt| attempt.role == "reader" && attempt.action == action).unwrap().refusal.clone();
        assert_eq!((read("SELECT (id)"), read("SELECT (secret)")), (None, Some("permission denied for table notes".to_owned())));
    }
}
