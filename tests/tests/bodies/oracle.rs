//! Every shape is called on a real server by everybody who may not, and what they leave behind is compared with the verdict.

use tests::postgres::{any_major, database};
use tokio_postgres::{Client, SimpleQueryMessage};
use trust_schema::live::server::Regime;

use super::shapes::{Function, Shape, World, report, shapes, world};

const CLAIMS: [&str; 4] = ["", "{}", r#"{"role": "authenticated"}"#, r#"{"sub": "00000000-0000-0000-0000-000000000002", "role": "authenticated"}"#];
const ARGUMENTS: [&str; 3] = ["null", "'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000003'"];
const SETTINGS: [&str; 2] = ["", "set plpgsql.check_asserts = off;"];
const ROWS: [&str; 2] = ["", "delete from app.members;"];

/// What a call may leave behind.
const TRACES: &str = "select (select coalesce(string_agg(n.id || n.note, ',' order by n.id), '') from app.notes n), (select last_value || is_called::text from app.numbers), current_setting('app.flag', true)";

pub async fn traces(client: &Client) -> String {
    let rows = client.simple_query(TRACES).await.expect("the traces are read");
    let row = rows.iter().find_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None }).expect("a row");
    (0..3).map(|column| row.get(column).unwrap_or_default()).collect::<Vec<_>>().join("|")
}

/// The contexts in which a call leaves something behind.
async fn writers(client: &Client, shape: &Shape) -> Vec<String> {
    let mut writers = Vec::new();
    let run = async |sql: &str| client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{}: {error:?}", shape.name));
    run(&format!("begin; {} grant execute on function app.shape(uuid) to authenticated; savepoint created", shape.function().create())).await;
    let settings = if shape.body.contains("assert ") { SETTINGS.as_slice() } else { &SETTINGS[..1] };
    for (claims, argument) in CLAIMS.iter().flat_map(|claims| ARGUMENTS.map(|argument| (claims, argument))) {
        for (setting, rows) in settings.iter().flat_map(|setting| ROWS.map(|rows| (setting, rows))) {
            run(&format!("{rows} {setting} set local request.jwt.claims = '{claims}'; savepoint call")).await;
            let before = traces(client).await;
            let called = client.batch_execute(&format!("set local role authenticated; select * from app.shape({argument})")).await;
            run(if called.is_ok() { "reset role" } else { "rollback to savepoint call" }).await;
            if traces(client).await != before {
                writers.push(format!("claims {claims}, argument {argument}, {setting} {rows}"));
            }
            run("rollback to savepoint created").await;
        }
    }
    run("rollback").await;
    writers
}

/// Makes the tables and functions.
pub async fn world_on(client: &Client, world: &World) {
    client.batch_execute(&format!("{} grant usage on schema app to authenticated", world.tables)).await.expect("the tables");
    // PostgreSQL looks into bodies of SQL when it creates them: what they call comes first in the file, or is created later.
    let functions: String = world.function.iter().map(Function::create).collect();
    client.batch_execute(&format!("set check_function_bodies = off; {functions} reset check_function_bodies")).await.expect("the functions");
}

#[tokio::test]
async fn postgresql_agrees_with_every_verdict() {
    let world = world();
    let scratch = database(any_major(), Regime::Hardened).await;
    let client = scratch.connect().await.expect("a connection");
    world_on(&client, &world).await;
    let (mut wrong, mut proved, mut refuted) = (Vec::new(), 0, 0);
    for shape in shapes() {
        let verdict = super::shapes::label(&report(&world, &shape.function()).verdict);
        let writers = writers(&client, &shape).await;
        match verdict {
            "proved" | "none" => {
                proved += 1;
                wrong.extend(writers.first().map(|writer| format!("{}: {verdict}, but written with {writer}", shape.name)));
            }
            _ => {
                refuted += 1;
                match (&shape.reason, writers.is_empty()) {
                    (None, true) => wrong.push(format!("{}: refuted, but nobody could write", shape.name)),
                    (Some(reason), false) => wrong.push(format!("{}: written with {}, so {reason:?} is not so", shape.name, writers[0])),
                    _ => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(proved > 30 && refuted > 60, "{proved} proved, {refuted} refuted");
}
