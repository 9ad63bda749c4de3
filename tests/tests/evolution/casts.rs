//! Which casts there are, as the compiler has them and as PostgreSQL does.

use std::collections::BTreeSet;

use tests::postgres::{majors, plain_database};
use trust_schema::sql::{casts, lossy_cast};

const CASTS: &str = "select format_type(c.castsource, null), format_type(c.casttarget, null)
    from pg_cast c join pg_type s on s.oid = c.castsource join pg_type t on t.oid = c.casttarget
    where s.typtype in ('b', 'r', 'm') and t.typtype in ('b', 'r', 'm') and c.castsource <> c.casttarget
      and s.typcategory <> 'S' and t.typcategory <> 'S' and s.oid <> '\"char\"'::regtype and t.oid <> '\"char\"'::regtype
      and s.typname not like 'reg%' and t.typname not like 'reg%' and s.typname not like 'pg\\_%' and t.typname not like 'pg\\_%'
      and s.oid <> 'xml'::regtype and t.oid <> 'xml'::regtype";

#[tokio::test]
async fn no_cast_is_known_that_postgresql_has_not() {
    let known: BTreeSet<(String, String)> = casts::all().map(|(source, target)| (source.to_owned(), target.to_owned())).collect();
    for &major in majors() {
        let scratch = plain_database(major).await;
        let client = scratch.connect().await.expect("a connection");
        let there: BTreeSet<(String, String)> =
            client.query(CASTS, &[]).await.expect("the casts").iter().map(|row| (row.get(0), row.get(1))).collect();
        let missing: Vec<_> = known.difference(&there).collect();
        assert!(missing.is_empty(), "PostgreSQL {major} has not {missing:?}");
        // Later versions have more: whoever uses them says `using`.
        let more: Vec<_> = there.difference(&known).collect();
        assert!(major > 15 || more.is_empty(), "PostgreSQL {major} has besides {more:?}");
    }
}

/// Types, and values of them that show what they hold.
const VALUES: &[(&str, &[&str])] = &[
    ("smallint", &["-32768", "0", "1", "7", "1234", "32767"]),
    ("integer", &["-16777217", "0", "1", "7", "255", "16777217", "2147483647"]),
    ("bigint", &["-9007199254740993", "0", "1", "7", "2147483648", "9007199254740993"]),
    ("numeric", &["0", "1", "1.5", "1.005", "-12345.678901", "12345678901234567890.123", "123456.7", "9.12345678901234567"]),
    ("numeric(5)", &["0", "1", "99999", "-12345"]),
    ("numeric(5,-2)", &["0", "100", "9999900"]),
    ("numeric(6,2)", &["0", "1", "1.25", "-9999.99"]),
    ("numeric(10,2)", &["0", "1", "1.25", "-12345678.91"]),
    ("numeric(10,4)", &["0", "1", "1.2345", "123456.7891"]),
    ("numeric(15,3)", &["0", "1", "1.125", "123456789012.345"]),
    ("numeric(20,2)", &["0", "1", "1.25", "123456789012345678.91"]),
    ("real", &["0", "1", "1.5", "3.1415927", "0.1", "16777216", "1e-7"]),
    ("double precision", &["0", "1", "1.5", "3.141592653589793", "0.1", "9007199254740991", "0.30000000000000004"]),
    ("money", &["0", "1", "1.25", "100"]),
    ("boolean", &["true", "false"]),
    ("bit(8)", &["00000000", "10101010"]),
    ("bit(32)", &["00000000000000000000000000000001", "10000000000000000000000000000000"]),
    ("bit(64)", &["1000000000000000000000000000000000000000000000000000000000000001"]),
    ("bit varying", &["1", "10101010", "00000000000000000000000000000001"]),
    (
        "text",
        &[
            "a",
            "long: 0123456789012345678901234567890123456789012345678901234567890123456789",
            "1",
            "1.239",
            "0.12345678901234567890",
            "{\"b\": 1, \"a\": 2}",
            "2024-02-03 04:05:06.123456+07",
            "2024-02-03 04:05:06.123456",
            "1 day 02:03:04.123456",
            "(0.12345678901234567890,1)",
            "((0.12345678901234567890,1),(2,3))",
            "<(0.12345678901234567890,1),2>",
        ],
    ),
    (
        "character varying(50)",
        &[
            "a",
            "1",
            "1.239",
            "0.12345678901234567890",
            "{\"b\": 1, \"a\": 2}",
            "2024-02-03 04:05:06.123456+07",
            "1 day 02:03:04.123456",
            "(0.12345678901234567890,1)",
            "((0.12345678901234567890,1),(2,3))",
            "<(0.12345678901234567890,1),2>",
        ],
    ),
    (
        "name",
        &[
            "a",
            "1",
            "1.239",
            "0.12345678901234567890",
            "{\"b\": 1, \"a\": 2}",
            "2024-02-03 04:05:06.123456+07",
            "1 day 02:03:04.123456",
            "(0.12345678901234567890,1)",
            "((0.12345678901234567890,1),(2,3))",
            "<(0.12345678901234567890,1),2>",
        ],
    ),
    ("\"char\"", &["a", "1"]),
    ("date", &["2024-02-03", "1999-12-31"]),
    ("time without time zone", &["04:05:06.123456", "23:00:00"]),
    ("time(3) without time zone", &["04:05:06.123", "23:00:00"]),
    ("time with time zone", &["04:05:06.123456+07", "23:00:00+00"]),
    ("time(0) with time zone", &["04:05:06+07", "23:00:00+00"]),
    ("timestamp without time zone", &["2024-02-03 04:05:06.123456", "2024-02-04 04:05:06.123456", "1999-12-31 00:00:00"]),
    ("timestamp(3) without time zone", &["2024-02-03 04:05:06.123", "2024-02-04 04:05:06.123", "1999-12-31 00:00:00"]),
    (
        "timestamp with time zone",
        &["2024-02-03 04:05:06.123456+07", "2024-02-04 04:05:06.123456+07", "2024-11-03 05:30:00+00", "2024-11-03 06:30:00+00"],
    ),
    ("timestamp(0) with time zone", &["2024-02-03 04:05:06+07", "2024-02-04 04:05:06+07", "2024-11-03 05:30:00+00", "2024-11-03 06:30:00+00"]),
    ("interval", &["1 year 2 days 03:04:05.123456", "25 hours", "1 day"]),
    ("interval(3)", &["1 year 2 days 03:04:05.123", "25 hours"]),
    ("interval year", &["2 years"]),
    ("interval day", &["2 days", "1 year 2 days"]),
    ("interval hour to minute", &["2 days 03:04", "1 year 2 days"]),
    ("interval day to second(2)", &["1 year 2 days 03:04:05.12", "25 hours"]),
    ("json", &["1", "\"a\"", "{\"b\": 1, \"a\": 2}", "{\"a\": 1, \"a\": 2}", "true"]),
    ("jsonb", &["1", "1.4", "1.2", "1.004", "1.001", "0.12345678901234567890", "0.12345678901234567891", "\"a\"", "{\"a\": 1}", "true", "null"]),
    ("inet", &["10.1.2.3/8", "10.1.2.3"]),
    ("cidr", &["10.0.0.0/8", "10.1.2.3/32"]),
    ("macaddr", &["08:00:2b:01:02:03"]),
    ("macaddr8", &["08:00:2b:ff:fe:01:02:03", "08:00:2b:01:02:03:04:05"]),
    ("point", &["(1,2)", "(0.5,0.25)"]),
    ("lseg", &["[(1,2),(3,4)]", "[(3,4),(1,2)]"]),
    ("box", &["(3,4),(1,2)", "(3,3),(0,1)", "(2,3),(1,1)"]),
    ("path", &["((1,2),(3,4),(5,0))"]),
    ("polygon", &["((1,2),(3,4),(5,0))", "((0,0),(0,1),(1,1),(1,0))", "((0,0),(1,0),(1,1),(0,1))"]),
    ("circle", &["<(1,2),3>", "<(0,0),1>", "<(0,0),2>"]),
    ("xid8", &["1", "4294967297"]),
    ("xid", &["1"]),
    ("oid", &["1", "4294967295"]),
    ("int4range", &["[1,5)", "empty"]),
    ("int4multirange", &["{[1,5)}", "{[1,5),[7,9)}"]),
];

/// What becomes of a value that is cast and cast back: `same`, `other`, `no cast`, or `error`; where there is no cast back, ` ` and what it became.
const TRIAL: &str = "create function pg_temp.trial(source text, target text, value text) returns text language plpgsql as $$
    declare became text; same boolean;
    begin
        begin
            execute format('select %3$L::%1$s::%2$s::text', source, target, value) into became;
        exception when cannot_coerce then return 'no cast'; when others then return 'error';
        end;
        if became is null then return 'other'; end if;
        execute format(case when source like 'numeric%' then 'select (v::%1$s::%2$s) is not distinct from v'
            else 'select (v::%1$s::%2$s)::text is not distinct from v::text' end || ' from (select %3$L::%2$s) as s (v)', target, source, value) into same;
        return case when same then 'same' else 'other' end;
    exception when cannot_coerce then return ' ' || coalesce(became, 'NULL'); when others then return 'error';
    end $$";

/// Types that the compiler does not cast values to: it assigns them, which fails for what does not fit.
fn is_assigned(source: &str, target: &str) -> bool {
    target.starts_with("character") || target.starts_with("bit") && !["integer", "bigint"].contains(&source)
}

/// What is lost on the newest servers alone, where JSON's null becomes NULL.
fn needs_18(source: &str, target: &str) -> bool {
    source == "jsonb" && ["boolean", "numeric"].contains(&target)
}

#[tokio::test]
async fn what_values_lose_in_a_cast_is_known() {
    let (mut sources, mut targets, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (source, samples) in VALUES {
        for (target, _) in VALUES {
            for value in *samples {
                sources.push(*source);
                targets.push(*target);
                values.push(*value);
            }
        }
    }
    let sql = "select source, target, array_agg(pg_temp.trial(source, target, value)) from unnest($1::text[], $2::text[], $3::text[]) as t (source, target, value)
        group by 1, 2";
    for &major in majors().iter().filter(|major| **major >= 15) {
        let scratch = plain_database(major).await;
        let client = scratch.connect().await.expect("a connection");
        // A zone with summer time: the servers of others have one.
        client.batch_execute("set timezone = 'America/New_York'").await.expect("a time zone");
        client.batch_execute(TRIAL).await.expect("a function");
        let mut wrong = Vec::new();
        let mut losing = 0;
        for row in client.query(sql, &[&sources, &targets, &values]).await.expect("trials") {
            let (source, target, found): (String, String, Vec<String>) = (row.get(0), row.get(1), row.get(2));
            if is_assigned(&source, &target) || found.iter().any(|found| found == "no cast") {
                continue;
            }
            let told = lossy_cast::between(&source, &target);
            // Two that became one lost what told them apart.
            let became: Vec<&String> = found.iter().filter(|found| found.starts_with(' ')).collect();
            let loses = found.iter().any(|found| found == "other") || became.iter().collect::<BTreeSet<_>>().len() < became.len();
            losing += usize::from(loses && told.is_some());
            // How a text was written is not what counts: ` 01` is 1.
            let is_text = ["text", "character varying(50)", "name"].contains(&source.as_str());
            match (told, loses) {
                (None, true) if !is_text => wrong.push(format!("{source} to {target}: values lose something, and nothing is told: {found:?}")),
                // Of no type but a text, the samples are that long.
                (Some(what), false) if target != "name" && (major >= 18 || !needs_18(&source, &target)) => {
                    wrong.push(format!("{source} to {target}: no value loses {what}"));
                }
                _ => {}
            }
        }
        assert!(wrong.is_empty(), "PostgreSQL {major}:\n{}", wrong.join("\n"));
        assert!(losing > 100, "{losing} casts in which something is lost");
    }
}
