use trust_macros::{Errors, MatchesTable, PostgresComposite, PostgresDomain, PostgresEnum, Row, Rpc};

#[derive(PostgresEnum)]
struct NoEnum;

#[derive(PostgresComposite)]
struct Unit;

#[derive(PostgresDomain)]
struct Named {
    value: i32,
}

#[derive(PostgresDomain)]
struct Two(i32, i32);

#[derive(Row)]
enum NoStruct {}

#[derive(Rpc)]
struct Tuple(String);

#[derive(Errors)]
struct NoErrors;

#[derive(MatchesTable)]
struct Nothing;

fn main() {}
