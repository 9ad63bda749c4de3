//! Raw SQL is not read by the compiler; what it leaves open is found on the server.

use tests::postgres;
use trust_schema::live::prove::{Proof, prove, prove_in, report};
use trust_schema::live::server::{Regime, Target};
use trust_schema::source::SourceFile;

use crate::{complete, support};

const PROJECT: &str = "[project]\nname = \"raws\"\nplatform = \"supabase\"\n";

async fn proof(raw: &str, only: Option<Regime>) -> Proof {
    let module = format!(
        "[module]\nmigration = \"20260101000001_raws\"\n[table.t]\nprimary_key = [\"id\"]\ncolumns = {{ id = \"int\" }}\n[raw.r]\nverify = \"select true\"\n{raw}"
    );
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let (resolution, files) = support::compile(vec![file("trust.toml", PROJECT), file("raws.toml", &module)]);
    let target = Target::Cluster(Box::new(postgres::own_cluster(postgres::any_major())));
    prove_in(&target, &resolution, &complete(files), only, &mut |_| ()).await.unwrap()
}

fn said(proof: &Proof) -> Vec<String> {
    proof.problems().map(|(platform, _, problem)| format!("{platform}: {}: {}", problem.about, problem.message)).collect()
}

#[tokio::test]
async fn what_raw_sql_leaves_open_is_a_problem() {
    let open = "up = \"create table public.open (a int); create function public.f() returns int language sql as 'select 1'\"\ndown = \"drop function public.f(); drop table public.open\"";
    let said = said(&proof(open, None).await);
    for expected in [
        "supabase legacy: table public.open: raw SQL made this table without row-level security",
        "supabase hardened: table public.open: raw SQL made this table without row-level security",
        "supabase hardened: grant function public.f() to public: raw SQL left function public.f() open to PUBLIC: revoke it in the same block",
        "supabase legacy: grant function public.f() to anon: raw SQL made this in supabase legacy and not in supabase hardened: revoke what default privileges grant",
    ] {
        assert!(said.iter().any(|said| said == expected), "{expected}\n{}", said.join("\n"));
    }
    assert!(said.iter().any(|said| said.contains("raw SQL lets anon TRUNCATE table public.open")), "{}", said.join("\n"));
}

#[tokio::test]
async fn closed_raw_sql_holds_and_one_regime_is_said_to_be_one() {
    let closed = "up = \"create table public.closed (a int); alter table public.closed enable row level security; revoke all on table public.closed from public, anon, authenticated, service_role\"\ndown = \"drop table public.closed\"";
    let both = proof(closed, None).await;
    assert!(both.holds(), "{}", report::text(&both));
    assert!(!report::verdict(&both).contains("only"));
    let one = proof(closed, Some(Regime::Hardened)).await;
    assert!(one.holds() && one.regimes.len() == 1);
    assert!(report::verdict(&one).contains(" for supabase hardened only, not for supabase legacy: 1 regime, "), "{}", report::verdict(&one));
}

/// The refusal of the playbook is said once for each role, not once for each table.
#[tokio::test]
async fn a_refusal_is_said_once() {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let module = "[module]\nmigration = \"20260101000001_two\"\n[table.first]\nprimary_key = [\"id\"]\ncolumns = { id = \"int\" }\n[table.second]\nprimary_key = [\"id\"]\ncolumns = { id = \"int\" }\n";
    let (resolution, files) = support::compile(vec![file("trust.toml", PROJECT), file("two.toml", module)]);
    let target = Target::Cluster(Box::new(postgres::own_cluster(postgres::any_major())));
    let proof = prove(&target, &resolution, &complete(files), &mut |_| ()).await.unwrap();
    let text = report::text(&proof);
    assert_eq!(text.matches("its INSERT: permission denied for table first").count(), 6, "{text}");
    assert!(!text.contains("permission denied for table second"), "{text}");
}
