//! `typescript/errors.ts`.

use crate::spec::Compiled;

#[test]
fn errors_and_their_functions_are_told() {
    insta::assert_snapshot!("errors_of_every_form", Compiled::synthetic().typescript().1);
}

#[test]
fn a_function_has_the_errors_of_its_guards() {
    let compiled = Compiled::trust_lite();
    let (_, errors) = compiled.typescript();
    assert!(errors.contains("  actor_context_required: {\n    code: \"PT403\",\n    status: 403,\n"), "{errors}");
    let line = errors.lines().skip_while(|line| !line.starts_with("    record_risk_event_v1:")).take(6).collect::<Vec<_>>().join("\n");
    assert!(line.contains("\"actor_context_required\""), "{line}");
}
