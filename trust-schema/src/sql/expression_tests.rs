use super::*;

/// The references of an expression in one line for each kind.
fn describe(text: &str) -> String {
    let expression = parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let references = references(&expression);
    let mut parts = Vec::new();
    for column in &references.columns {
        let written = column.qualifier.iter().chain([&column.column]).cloned().collect::<Vec<_>>().join(".");
        let target = match &column.target {
            Target::Outer => "outer".to_owned(),
            Target::Local => "local".to_owned(),
            Target::Relation(index) => references.relations[*index].name.clone(),
            Target::Candidates(levels) => {
                let level = |level: &Vec<Candidate>| {
                    let one = |candidate: &Candidate| match candidate {
                        Candidate::Relation(index) => references.relations[*index].name.clone(),
                        other => format!("{other:?}").to_lowercase(),
                    };
                    level.iter().map(one).collect::<Vec<_>>().join(",")
                };
                levels.iter().map(level).collect::<Vec<_>>().join("|")
            }
        };
        if column.column != "*" {
            let range = text[column.range.clone()].replace([' ', '"'], "").to_lowercase();
            assert_eq!(range, written.to_lowercase(), "{text}");
        }
        parts.push(format!("{written}={target}"));
    }
    for relation in &references.relations {
        let schema = relation.schema.as_deref().map_or(String::new(), |schema| format!("{schema}."));
        let alias = relation.alias.as_deref().map_or(String::new(), |alias| format!(":{alias}"));
        parts.push(format!("[{schema}{}{alias}]", relation.name));
    }
    for call in &references.functions {
        let schema = call.schema.as_deref().map_or(String::new(), |schema| format!("{schema}."));
        let star = if call.is_star { "*" } else { "" };
        let distinct = if call.is_distinct { "distinct " } else { "" };
        parts.push(format!("{schema}{}({distinct}{star}{})", call.name, call.arguments));
    }
    for reference in &references.types {
        parts.push(format!("::{}", reference.type_name));
    }
    parts.join(" ")
}

#[test]
fn references_are_resolved() {
    for (text, expected) in [
        ("a > 0", "a=outer"),
        ("T.A = \"B\"", "t.a=outer B=outer"),
        ("public.t.a is null", "public.t.a=outer"),
        ("new.a is distinct from old.a", "new.a=outer old.a=outer"),
        ("id = (select auth.uid())", "id=outer auth.uid(0)"),
        ("kind = 'user' and id = (select auth.uid())::text", "kind=outer id=outer auth.uid(0) ::text"),
        ("exists (select 1 from public.m where m.user_id = id)", "m.user_id=m id=m [public.m]"),
        ("exists (select 1 from public.members m where m.user_id = t.id and m.x)", "m.user_id=members t.id=outer m.x=members [public.members:m]"),
        ("exists (select 1 from public.m where public.m.a = 1)", "public.m.a=m [public.m]"),
        ("exists (select 1 from public.m x where m.a = 1)", "m.a=outer [public.m:x]"),
        ("a in (select b from public.t)", "a=outer b=t [public.t]"),
        ("a in (select b from public.t, public.u)", "a=outer b=t,u [public.t] [public.u]"),
        ("exists (select 1 from t where exists (select 1 from u where c = 1))", "c=u|t [t] [u]"),
        ("exists (select 1 from (select a, b as c from t) s where c and d and s.a)", "a=t b=t c=local d=outer s.a=local [t]"),
        ("exists (select 1 from (select * from t) s where c)", "c=unknown [t]"),
        ("exists (select 1 from t, (select x from u where t.a) s)", "x=u t.a=outer [t] [u]"),
        ("exists (select 1 from t, lateral (select x from u where t.a) s)", "x=u|t t.a=t [t] [u]"),
        ("exists (with c as (select a from t) select a from c where b)", "a=t a=local b=outer [t]"),
        ("exists (with c(z) as (select a from t) select z from c)", "a=t z=local [t]"),
        ("exists (with recursive c(n) as (select 1 union all select n + 1 from c) select n from c)", "n=local n=local"),
        ("(with t as (select 1 as a) select count(*) from public.t) > 0", "[public.t] count(*0)"),
        ("exists (select 1 from jsonb_array_elements(payload) e where e ->> 'a' = b)", "payload=outer e=unknown b=unknown jsonb_array_elements(1)"),
        (
            "exists (select 1 from jsonb_to_recordset(p) as r(a int, b text) where r.a = 1 and b and c)",
            "p=outer r.a=local b=local c=outer jsonb_to_recordset(1)",
        ),
        ("exists (select 1 from unnest(ids) as u(x) where x = id)", "ids=outer x=local id=outer unnest(1)"),
        ("a = any (array(select b from t))", "a=outer b=t [t]"),
        ("a = any (array['x', 'y'])", "a=outer"),
        ("a = any (b)", "a=outer b=outer"),
        ("(select count(distinct x) from t) > 1", "x=t [t] count(distinct 1)"),
        ("(select sum(a) filter (where b) over (partition by c order by d) from t) > 1", "a=t b=t c=t d=t [t] sum(1)"),
        ("(select a from t union select b from u order by a) = 1", "a=t b=u a=local [t] [u]"),
        ("(select x as y from t order by y) = 1", "x=t y=local [t]"),
        ("(select count(*) from t group by lower(a) having count(*) > b) > 0", "a=t b=t [t] count(*0) lower(1) count(*0)"),
        ("exists (select from t left join u on t.id = u.id and k where t.* is not null)", "t.id=t u.id=u k=t,u t.*=t [t] [u]"),
        ("a between b and c and d like 'x%' escape '!'", "a=outer b=outer c=outer d=outer"),
        ("case a when 1 then b else c end", "a=outer b=outer c=outer"),
        ("coalesce(a, nullif(b, ''))", "a=outer b=outer coalesce(2) nullif(2)"),
        ("public.f(a => b, c := d)", "b=outer d=outer public.f(2)"),
        ("a[1] = b[c]", "a=outer b=outer c=outer"),
        ("(a).b = 1", "a=outer"),
        ("x::public.risk_tier = 'A'::\"Odd\".\"T\"[]", "x=outer ::public.risk_tier ::\"Odd\".\"T\"[]"),
        (
            "cast(x as numeric(5, 2)) > 0 and y::timestamptz(3) > z::double precision",
            "x=outer y=outer z=outer ::numeric(5,2) ::timestamp(3) with time zone ::double precision",
        ),
        ("now() - interval '1 day' > created_at at time zone 'utc'", "created_at=outer now(0) timezone(2)"),
        ("extract(epoch from a) > 0 and date '2020-01-01' < b", "a=outer b=outer extract(2) ::date"),
        ("current_user = a and session_user = b", "a=outer b=outer current_user(0) session_user(0)"),
        ("position('a' in b) > 0 and substring(a from 1 for 2) = trim(both ' ' from c)", "b=outer a=outer c=outer position(2) substring(3) trim(2)"),
        ("not a or b is not null and (c, d) = (1, 2)", "a=outer b=outer c=outer d=outer"),
        ("payload #>> '{a,b}' ~* '^x' and payload @> '{}'::jsonb and payload ? 'k'", "payload=outer payload=outer payload=outer ::jsonb"),
        ("value > 0", "value=outer"),
        ("exists (select t from t)", "t=wholerow [t]"),
    ] {
        assert_eq!(describe(text), expected, "{text}");
    }
}

#[test]
fn only_one_expression_passes() {
    for text in [
        "",
        "a b",
        "a,",
        "a, b",
        "a as b",
        "select 1",
        "a; b",
        "a)",
        "(a",
        "a -- x",
        "$1",
        ":a",
        "a ==",
        "1 +",
        "* from t",
        "a.*",
        "drop table t",
        "x -> x + 1 ->",
        "{'a': 1}",
        "map {'a': 1}",
        "case when a then b",
        "exists (delete from t)",
        "a in (insert into t values (1))",
        "exists (with x as (delete from t returning *) select * from x)",
        "exists (select 1 into t)",
        "x::serial",
        "x::int[[]",
        "a = select",
        "left > 1",
        "a := 1",
        "(select from.a from t) = 1",
    ] {
        assert!(parse(text).is_err(), "{text}: {:?}", parse(text).map(|expression| expression.references));
    }
}

#[test]
fn errors_have_a_place() {
    for (text, start) in [("a = 'é' b", 9), ("a\n= )", 4), ("a + ", 4), ("é + é + select", 10)] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.range.start, start, "{text}: {error:?}");
    }
}

#[test]
fn long_and_deep_expressions_do_not_overflow_the_stack() {
    let chain = fragment::MAXIMUM_CHAIN;
    for text in [
        format!("1{}", "+1".repeat(chain)),
        format!("a{}", " and a".repeat(chain)),
        format!("a{}", " is null".repeat(chain / 2)),
        format!("a{}", "::text".repeat(chain / 2)),
        format!("a{}", "[1]".repeat(chain)),
        format!("{}a{}", "(".repeat(64), ")".repeat(64)),
        format!("(select 1{}) = 1", " union select 1".repeat(chain / 2 - 1)),
    ] {
        let expression = parse(&text).unwrap_or_else(|error| panic!("{error:?}"));
        assert!(expression == expression.clone() && format!("{expression:?}").len() > text.len());
    }
    for text in [
        format!("{}a", "not ".repeat(chain)),
        format!("{}a", "- ".repeat(chain)),
        format!("{}a{}", "case when ".repeat(400), " then 1 end".repeat(400)),
        format!("{}1{}", "f(".repeat(64), ")".repeat(64)),
        format!("{}1{}", "(select ".repeat(64), ")".repeat(64)),
        format!("{}1{}", "exists (select ".repeat(64), ")".repeat(64)),
    ] {
        // Refused or not: it returns.
        let _ = parse(&text).is_ok();
    }
}
