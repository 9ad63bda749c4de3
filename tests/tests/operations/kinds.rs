//! Kinds of objects that the spec in `spec/` does not use, and names that need quotes.

use tests::postgres;
use trust_schema::live::server::Regime;
use trust_schema::source::SourceFile;

use crate::support::{compile, failed, verify};

const PROJECT: &str = r#"
[project]
name = "kinds"
platform = "supabase"
private_schema = "hidden"

[schema.hidden]
comment = "Inside."
"#;

const MODULE: &str = r#"
[module]
migration = "20260101000001_kinds"

[enum."Odd kind"]
values = ["it's", "a\\b", "Z"]

[domain.positive]
type = "numeric(6,2)"
check = "value > 0"
nullable = true

[composite.address.attributes]
street = "text"
lines = "text[]"

[sequence.ticket]
type = "integer"
start = 100
increment = 5
access = { service_role = ["usage"] }

[table."Odd table"]
comment = "A | B."
primary_key = ["id"]
access = { authenticated = { select = ["id", "Odd column"], update = ["amount"] }, service_role = ["select", "insert"] }
force_row_level_security = true

[table."Odd table".columns]
id = { type = "bigint", identity = "by_default" }
"Odd column" = { type = '"Odd kind"', default = "it's" }
amount = { type = "positive", nullable = true }
place = { type = "address", nullable = true }
code = { type = "varchar(20)", collation = "C" }
codes = { type = "varchar(10)[]", default = [] }
double = { type = "text", generated = "code || code" }
taken_at = { type = "timestamptz(3)", default = { sql = "now()" } }

[table."Odd table".unique.code_key]
columns = ["code"]
include = ["amount"]

[table."Odd table".index.some_idx]
columns = [{ column = "taken_at", descending = true }, { expression = "lower(code)" }]
where = "amount is not null"
include = ["id"]

[table."Odd table".policy."reads: all"]
command = "select"
to = ["authenticated", "service_role"]
using = "true"

[function.numbers_v1]
summary = "Numbers."
effect = "read"
execute = ["authenticated"]
args = [{ name = "p_up_to", type = "numeric(5,2)", default = 3 }, { name = "p_kinds", type = '"Odd kind"[]', default = [] }]
returns = { set_of = "integer" }
strict = true
body = "begin return query select n::integer from generate_series(1, p_up_to) as n; end"

[view.codes]
query = "select t.code from public.\"Odd table\" as t"
columns = { code = "varchar(20)" }
access = { authenticated = ["select"] }

[seed."Odd table"]
table = '"Odd table"'
key = ["code"]
rows = [{ code = "a", "Odd column" = "a\\b", taken_at = { sql = "now()" } }, { code = "b|c\nd", amount = 5 }]

[raw.hint]
up = "create table hidden.by_hand (a int); alter table hidden.by_hand enable row level security"
down = "drop table hidden.by_hand"
verify = "select to_regclass('hidden.by_hand') is not null"
"#;

#[tokio::test]
async fn every_kind_is_verified() {
    let spec = [("trust.toml", PROJECT), ("kinds.toml", MODULE)].map(|(path, text)| SourceFile { path: path.to_owned(), text: text.to_owned() });
    let files = compile(spec.to_vec());
    let query = &files.0["verification/verify.sql"];
    for regime in Regime::ALL {
        let database = postgres::database(postgres::any_major(), regime).await;
        let client = database.connect().await.unwrap();
        assert!(!failed(&verify(&client, query).await).is_empty());
        client.batch_execute(&files.0["migrations/20260101000001_kinds.sql"]).await.unwrap_or_else(|error| panic!("{error:?}"));
        for path in ["verification/verify.sql", "verification/20260101000001_kinds.sql"] {
            let checks = verify(&client, &files.0[path]).await;
            assert!(failed(&checks).is_empty(), "{regime}: {path}: {:#?}", failed(&checks));
        }
        for (sabotage, object) in [
            ("grant select (amount) on public.\"Odd table\" to authenticated", "column public.\"Odd table\".amount"),
            ("revoke update (amount) on public.\"Odd table\" from authenticated", "column public.\"Odd table\".amount"),
            ("alter sequence public.ticket increment by 7", "sequence public.ticket"),
            ("delete from public.\"Odd table\"; alter domain public.positive set not null", "domain public.positive"),
            ("alter domain public.positive drop constraint positive_check", "domain public.positive"),
            ("alter type public.address add attribute city text", "composite type public.address"),
            ("alter table public.\"Odd table\" no force row level security", "table public.\"Odd table\""),
            ("alter type public.\"Odd kind\" rename value 'it''s' to 'its'", "enum public.\"Odd kind\""),
            ("alter table public.\"Odd table\" alter column id drop identity", "column public.\"Odd table\".id"),
            ("update public.\"Odd table\" set amount = 6", "seed \"Odd table\" in public.\"Odd table\" ('b|c\nd'::character varying(20))"),
            ("alter view public.codes reset (security_invoker)", "view public.codes"),
            ("drop table hidden.by_hand", "raw hint"),
        ] {
            client.batch_execute("begin").await.unwrap();
            client.batch_execute(sabotage).await.unwrap_or_else(|error| panic!("{sabotage}: {error:?}"));
            let checks = verify(&client, query).await;
            assert!(failed(&checks).iter().any(|check| check.object == object), "{sabotage}: {:#?}", failed(&checks));
            client.batch_execute("rollback").await.unwrap();
        }
    }
}
