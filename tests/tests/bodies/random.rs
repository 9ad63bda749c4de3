//! Random bodies, called on a real server by everybody who may not: one that is proved never writes.

use tests::postgres::{any_major, database};
use trust_schema::live::server::Regime;
use trust_schema::plpgsql::Verdict;

use super::oracle::{traces, world_on};
use super::shapes::{Function, report, world};

const BODIES: u64 = 1500;

const CONDITIONS: &[&str] = &[
    "p_user is null",
    "auth.uid() is null",
    "auth.uid() <> p_user",
    "auth.uid() = p_user",
    "auth.uid() is distinct from p_user",
    "auth.uid() is null or auth.uid() is distinct from p_user",
    "p_user is null or auth.uid() is distinct from p_user",
    "(auth.uid() = p_user) is not true",
    "not coalesce(auth.uid() = p_user, false)",
    "app.is_actor()",
    "not app.is_actor()",
    "app.is_actor() is not true",
    "not app.is_actor() or p_user is null",
    "app.is_actor() and p_user is not null",
    "found",
    "not found",
    "v is null or v <> p_user",
    "v is null",
    "ok is not true",
    "not ok",
    "ok",
    "exists (select from app.members m where m.user_id = auth.uid())",
    "not exists (select from app.members m where m.user_id = v)",
    "coalesce(auth.role(), '') <> 'service_role'",
    "random() < 0.5",
];

const SIMPLE: &[&str] = &[
    "insert into app.notes (owner) values (p_user);",
    "perform app.write_note(p_user);",
    "perform app.write_guarded(p_user);",
    "perform app.assert_actor();",
    "perform app.assert_actor();",
    "perform app.assert_user(p_user);",
    "perform app.assert_strictly(p_user);",
    "perform app.pass_on_assertion();",
    "perform app.sometimes_assert();",
    "perform app.assert_actor() where p_user is not null;",
    "raise notice 'x';",
    "raise exception 'x';",
    "return;",
    "v := auth.uid();",
    "select m.is_admin into ok from app.members m where m.user_id = auth.uid();",
    "select app.is_actor() into ok;",
    "perform 1;",
    "assert app.is_actor();",
];

/// Random bodies: Marsaglia's xorshift, the same in every run.
pub struct Source {
    state: u64,
    conditions: &'static [&'static str],
    simple: &'static [&'static str],
}

impl Source {
    pub fn new(seed: u64, conditions: &'static [&'static str], simple: &'static [&'static str]) -> Source {
        Source { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15), conditions, simple }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % bound as u64) as usize
    }

    fn of(&mut self, texts: &[&str]) -> String {
        texts[self.below(texts.len())].to_owned()
    }

    pub fn statements(&mut self, depth: usize, in_loop: bool) -> String {
        (0..1 + self.below(3)).map(|_| self.statement(depth, in_loop) + "\n").collect()
    }

    fn statement(&mut self, depth: usize, in_loop: bool) -> String {
        let what = if depth == 0 { 0 } else { self.below(14) };
        let condition = self.of(self.conditions);
        let mut inner = |in_loop| self.statements(depth.saturating_sub(1), in_loop);
        match what {
            4 | 5 => format!("if {condition} then raise exception 'no'; end if;"),
            6 => format!("if {condition} then\n{}end if;", inner(in_loop)),
            7 => format!("if {condition} then\n{}else\n{}end if;", inner(in_loop), inner(in_loop)),
            8 | 9 => format!("begin\n{}exception when others then\n{}end;", inner(in_loop), inner(in_loop)),
            10 => format!("begin\n{}exception when others then null; end;", inner(in_loop)),
            11 => format!("for i in 1..{} loop\n{}end loop;", depth - 1, inner(true)),
            12 => format!("case when {condition} then\n{}else\n{}end case;", inner(in_loop), inner(in_loop)),
            13 if in_loop => format!("{} when {condition};", if depth.is_multiple_of(2) { "exit" } else { "continue" }),
            _ => self.of(self.simple),
        }
    }
}

#[tokio::test]
async fn proved_bodies_never_write() {
    let world = world();
    let scratch = database(any_major(), Regime::Hardened).await;
    let client = scratch.connect().await.expect("a connection");
    world_on(&client, &world).await;
    let (mut proved, mut refuted, mut writing) = (0, 0, 0);
    for seed in 1..=BODIES {
        let mut source = Source::new(seed, CONDITIONS, SIMPLE);
        let body = format!("declare v uuid; ok boolean; begin\n{}end", source.statements(3, false));
        let function = Function {
            name: "shape".to_owned(),
            arguments: vec!["p_user".to_owned()],
            assert: false,
            strict: false,
            returns: "void".to_owned(),
            language: "plpgsql".to_owned(),
            body,
        };
        let verdict = report(&world, &function).verdict;
        match verdict {
            Verdict::Proved => proved += 1,
            Verdict::Refuted(_) => refuted += 1,
            Verdict::NoWrite => {}
            Verdict::NotAnalysable { .. } => panic!("{verdict:?}\n{}", function.body),
        }
        let run = async |sql: &str| client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{error:?}\n{}", function.body));
        run(&format!("begin; {} grant execute on function app.shape(uuid) to authenticated; savepoint created", function.create())).await;
        let mut writes = false;
        for claims in ["{}", r#"{"sub": "00000000-0000-0000-0000-000000000002", "role": "authenticated"}"#] {
            for argument in ["null", "'00000000-0000-0000-0000-000000000001'"] {
                run(&format!("set local plpgsql.check_asserts = off; set local request.jwt.claims = '{claims}'; savepoint call")).await;
                let before = traces(&client).await;
                let called = client.batch_execute(&format!("set local role authenticated; select app.shape({argument})")).await;
                run(if called.is_ok() { "reset role" } else { "rollback to savepoint call" }).await;
                if traces(&client).await != before {
                    writes = true;
                    assert!(
                        matches!(verdict, Verdict::Refuted(_)),
                        "{verdict:?}, but written with claims {claims}, argument {argument}:\n{}",
                        function.body
                    );
                }
                run("rollback to savepoint created").await;
            }
        }
        writing += usize::from(writes);
        run("rollback").await;
    }
    println!("{BODIES} bodies: {proved} proved, {refuted} refuted, of which {writing} wrote");
    assert!(proved > 50 && writing > 150, "{proved} proved, {refuted} refuted, {writing} wrote");
}
