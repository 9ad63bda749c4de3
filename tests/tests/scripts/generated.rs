//! What the compiler makes is found right by what looks at migrations of others, which knows nothing of the spec behind it.

use tests::compile::{compile, folder};
use tests::postgres::any_major;
use trust_schema::diagnostic::{Diagnostic, Severity};
use trust_schema::lint::{Subject, lint};
use trust_schema::live::server::Regime;

use super::{checked, project, root, runtime, target};

/// What is told of the migrations and not of the spec, with the reason why it is told there.
const ACCEPTED: &[(&str, &str, &str)] = &[
    (
        "caller-identity-unchecked",
        "function `public.add_tenant_member_v1` takes its caller's word for `p_user_id`: nothing compares it with who calls before it is written to \
         `user_id`",
        "the function waives it with a reason: an administrator adds another person",
    ),
    (
        "policy-always-true-read",
        "policy `everyone_signed_in_reads_scopes` shows every row of `public.scope_definitions`",
        "`[tenancy] shared` lists the table; migrations have no word for that",
    ),
];

fn line(diagnostic: &Diagnostic) -> (String, String) {
    (diagnostic.code.name.to_owned(), diagnostic.message.clone())
}

#[test]
fn the_migrations_of_trust_lite_have_no_finding_that_their_spec_has_not() {
    let compiled = compile(folder(&root().join("spec")));
    let resolution = compiled.0.resolution.as_ref().unwrap_or_else(|| panic!("{}", compiled.full()));
    let of_spec: Vec<_> = lint(&Subject::of(resolution)).iter().map(line).collect();
    let (project, diagnostics) = project(&root().join("generated/migrations"));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let found = runtime().block_on(async { checked(&target(any_major()), &project, &Regime::ALL).await });
    assert!(found.is_complete && found.not_checked.is_empty(), "{:?} {:?}", found.diagnostics, found.not_checked);
    let errors: Vec<_> = found.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).map(line).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let more: Vec<_> = found.diagnostics.iter().map(line).filter(|line| !of_spec.contains(line)).collect();
    let accepted: Vec<_> = ACCEPTED.iter().map(|(name, message, _)| ((*name).to_owned(), (*message).to_owned())).collect();
    assert_eq!(more, accepted);
    // Each finding stands at the line that made the object.
    let places: Vec<&str> = found.diagnostics.iter().map(|diagnostic| project.sources.text(diagnostic.labels[0].span)).collect();
    assert_eq!(places, ["p_user_id", "everyone_signed_in_reads_scopes"]);
}
