//! `sequence-update-granted`

use crate::lint::rules::shared::*;

rule! {
    "TL0118" "sequence-update-granted" Warn;
    "A role of clients may set a sequence";
    why "UPDATE on a sequence is `setval`: a client turns the numbers back, and every insert after that fails with a duplicate key. Supabase's default privileges grant it in both of its regimes.";
    mend "revoke all on the sequence; `nextval` needs USAGE only, an identity column nothing";
    claims ["update_on_a_sequence_is_setval", "identity_columns_need_no_privilege"];
    bad Sql "create sequence public.numbers;\nrevoke all on sequence public.numbers from anon, authenticated;\ngrant update on sequence public.numbers to authenticated;";
    good Sql "create sequence public.numbers;\nrevoke all on sequence public.numbers from anon, authenticated;\ngrant usage on sequence public.numbers to authenticated;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, grant) in context.grants.iter().filter(|(_, grant)| grant.target.kind() == Kind::Sequence && context.is_untrusted(&grant.grantee)) {
        if grant.privileges.contains(&Privilege::Update) {
            findings.add(id, format!("`{}` may set sequence `{}`", grant.grantee, grant.target.name()));
        }
    }
}
