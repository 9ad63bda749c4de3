//! `storage-policy-unscoped`

use crate::lint::rules::shared::*;

rule! {
    "TL0912" "storage-policy-unscoped" Warn;
    "A policy on stored files does not say for which bucket it is";
    why "`storage.objects` holds the files of all buckets, those that come later included: what was meant for one opens the others.";
    mend "compare `bucket_id`: `bucket_id = 'avatars' and …`";
    claims ["a_policy_counts_for_every_row_that_it_does_not_tell_apart"];
    bad Sql r#"create policy example on storage.objects for select to authenticated using (owner = (select auth.uid()));"#;
    good Sql r#"create policy example on storage.objects for select to authenticated using (bucket_id = 'avatars' and owner = (select auth.uid()));"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let on_files = |policy: &&PolicyView<'_>| policy.policy.table == QualifiedName::new("storage", "objects");
    for policy in context.policies.iter().filter(on_files).filter(|policy| policy.policy.permissive) {
        let names_bucket = |tree: &Tree| tree.any(|part| part.as_column() == Some("bucket_id"));
        if policy.trees().any(|tree| !names_bucket(tree)) {
            findings.add(policy.id, format!("policy `{}` of `storage.objects` is for the files of every bucket", policy.policy.name));
        }
    }
}
