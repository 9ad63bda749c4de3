use super::*;
use crate::sql::raise::Level;

#[test]
fn one_block_is_a_body() {
    for text in [
        "begin end",
        "begin null; end;",
        "BEGIN NULL; END",
        "<<outer>> begin null; end outer;",
        "<<\"Odd\">> begin null; end \"Odd\"",
        "declare a int; begin a := 1; end",
        "declare a int := (select 1); b constant text default 'x; begin'; begin return; end",
        "begin if a then b := 1; elsif c then b := 2; else b := 3; end if; end",
        "begin case a when 1 then null; else null; end case; end",
        "begin case when a then null; end case; end",
        "begin <<l>> loop exit l when true; end loop l; end",
        "begin for i in 1..10 loop null; end loop; for r in select * from public.t loop null; end loop; end",
        "begin foreach x in array xs loop continue; end loop; while true loop exit; end loop; end",
        "begin begin null; exception when others then null; end; end",
        "begin null; exception when unique_violation or sqlstate '22012' then raise; when others then null; end",
        "begin select 1 into a; select a, b into strict x, y.z from public.t; end",
        "begin insert into public.t values (1) returning id into v_id; update public.t set a = 1 where b returning a into c[1]; end",
        "begin a := case when b then c else d end; return (case when x then 1 end); end",
        "begin perform set_config('a', 'end; begin', true); -- end; begin\n /* end */ end",
        "begin with x as (delete from public.t returning id) select count(*) into n from x; end",
        "begin execute format('select %I', a) into b using c; return query select 1; return query execute 'x'; end",
        "begin get diagnostics n = row_count; raise notice 'a % b', n; assert n > 0, 'no'; return next; end",
        "begin open c for select 1; fetch c into a; move c; close c; end",
        "begin a[1:n] := b[2:3]; return $1; end",
        "declare start int; begin start = 1; start := 2; set local lock_timeout = '1s'; lock table public.t; end",
        "declare begin_at timestamptz; begin begin_at := now(); end",
    ] {
        assert!(check_plpgsql(text).is_ok(), "{text}: {:?}", check_plpgsql(text));
    }
}

#[test]
fn everything_else_is_refused() {
    for text in [
        "",
        "null;",
        "-- only a comment",
        "null; exception when others then delete from t;",
        "begin null; end; begin null; end",
        "begin null; end; null",
        "begin null; end begin null; end",
        "begin null; end;;",
        "begin null; end x",
        "<<a>> begin null; end b",
        "begin null; end; exception when others then null;",
        "begin null; exception when others then null; end; exception when others then null;",
        "begin null; end $body$; drop table t; $body$",
        "begin null; end; $$",
        "begin null; end /* x",
        "begin null; end; -- x\n drop",
        "begin null; end if; end",
        "begin if true then null; end; end",
        "begin loop null; end; end",
        "begin null; end loop; end",
        "declare a int; null; end",
        "declare begin null; end; declare begin null; end",
        "begin null",
        "begin null; ",
        "end; begin",
        "begin null; else null; end",
        "begin null; when others then null; end",
        "begin ; end",
        "begin (null; end); end",
        "begin a := (1; end; begin b := 2); end",
        "begin a := ']; end; begin null; end",
        "begin commit; end",
        "begin rollback; null; end",
        "begin savepoint a; end",
        "begin prepare transaction 'x'; end",
        "begin start transaction; end",
        "#variable_conflict use_column begin null; end",
        "begin selec 1; end",
        "begin null null; end",
        "begin a := 'x\u{202E}'; end",
        "begin \\i x; end",
        "begin create function public.f() returns int language sql begin atomic select 1; end; end",
        "<<l>> null; begin end",
        "begin <<l>> null; end",
        "begin if then null; end if; end",
    ] {
        assert!(check_plpgsql(text).is_err(), "{text}: {:?}", check_plpgsql(text));
    }
    let deep = format!("{}null;{}", "begin ".repeat(500), "end;".repeat(500));
    assert!(check_plpgsql(&deep).is_err_and(|errors| errors.iter().any(|error| error.message.contains("64 blocks"))));
}

#[test]
fn errors_are_where_they_are() {
    for (text, found) in [
        ("begin null; end; begin null; end", "begin null; end"),
        ("begin  commit; end", "commit"),
        ("begin é := 'é'; select * frm public.t; end", " frm"),
    ] {
        let errors = check_plpgsql(text).expect_err(text);
        let range = errors.first().map(|error| error.range.clone()).unwrap_or_default();
        assert!(text[range.start..].starts_with(found) || text[range.clone()].contains(found), "{text}: {errors:?}");
    }
}

#[test]
fn a_body_says_what_it_holds() {
    let text = "declare t public.risk_tier; begin\n perform public.guard_v1('public.no'); insert into public.t (a) values (\"S\".f(1)); \
                if x then raise exception sqlstate 'PT403' using message = 'forbidden', hint = 'x'; end if; \
                raise exception using errcode = '22023', message = 'bad'; raise notice '100%% of %', a; raise warning '5%%'; \
                begin null; exception when others then raise; end; raise unique_violation using message = 'a' || b; end";
    let body = check_plpgsql(text).expect(text);
    let references: Vec<_> = body.references.iter().map(|reference| (reference.parts.join("."), reference.is_called)).collect();
    let expected = [("public.risk_tier", false), ("public.guard_v1", true), ("public.t", true), ("S.f", true)];
    assert_eq!(references, expected.map(|(name, called)| (name.to_owned(), called)));
    assert!(body.references.iter().all(|reference| text[reference.range.clone()].contains('.')));
    let verbs: Vec<_> = body.statements.iter().map(|statement| statement.verb.as_str()).collect();
    assert_eq!(verbs, ["perform", "insert", "if", "raise", "raise", "raise", "begin", "raise"]);
    assert_eq!(body.statements.first().map(|statement| &text[statement.range.clone()]), Some("perform public.guard_v1('public.no')"));
    assert!(!body.has_dynamic_sql);
    let raises: Vec<_> =
        body.raises.iter().map(|raise| (raise.level, raise.sqlstate.as_deref(), raise.condition.as_deref(), raise.message.as_deref())).collect();
    assert_eq!(
        raises,
        [
            (Level::Exception, Some("PT403"), None, Some("forbidden")),
            (Level::Exception, Some("22023"), None, Some("bad")),
            (Level::Notice, None, None, None),
            (Level::Warning, None, None, Some("5%")),
            (Level::Exception, None, None, None),
            (Level::Exception, None, Some("unique_violation"), None),
        ]
    );
    assert_eq!(body.raises.iter().filter(|raise| raise.is_again).count(), 1);
}

#[test]
fn dynamic_sql_is_found() {
    let has = |text: &str| check_plpgsql(text).expect(text).has_dynamic_sql;
    assert!(has("begin execute 'select 1'; end"));
    assert!(has("begin for r in execute 'select 1' loop null; end loop; end"));
    assert!(has("begin return query execute 'select 1'; end"));
    assert!(has("begin open c for execute 'select 1'; end"));
    assert!(!has("begin grant execute on function public.f() to anon; end"));
}

#[test]
fn sql_bodies_are_statements() {
    let body = check_sql_body("select a from public.t where id = $1; delete from public.u").expect("a body");
    assert_eq!(body.statements.iter().map(|statement| statement.verb.as_str()).collect::<Vec<_>>(), ["select", "delete"]);
    for text in ["", "commit", "select 1; rollback", "select (", "begin null; end"] {
        assert!(check_sql_body(text).is_err(), "{text}");
    }
}

#[test]
fn long_and_deep_bodies_do_not_overflow_the_stack() {
    let chain = crate::sql::fragment::MAXIMUM_CHAIN - 10;
    for expression in [
        format!("1{}", "+1".repeat(chain)),
        format!("{}true", "not ".repeat(chain)),
        format!("{}1", "- ".repeat(chain)),
        format!("{}1{}", "(".repeat(64), ")".repeat(64)),
        format!("{}1{}", "(select ".repeat(64), ")".repeat(64)),
        format!("{}1{}", "case when ".repeat(chain / 4), " then 1 end".repeat(chain / 4)),
        format!("x{}", "::text".repeat(chain)),
        format!("x{}", "[1]".repeat(chain)),
        format!("x{}", ".a".repeat(10_000)),
        format!("select 1{}", " union select 1".repeat(chain / 2 - 1)),
    ] {
        // Refused or not: it returns.
        let _ = check_plpgsql(&format!("begin x := {expression}; end")).is_ok();
        let _ = check_sql_body(&format!("select {expression}")).is_ok();
        let _ = crate::sql::fragment::check_statements(&format!("select {expression}")).is_ok();
    }
    let blocks = |text: &str, close: &str| format!("{}null;{}", text.repeat(60), close.repeat(60));
    for text in
        [blocks("begin ", "end;"), format!("begin {} end", blocks("if a then ", "end if;")), format!("begin {} end", blocks("loop ", "end loop;"))]
    {
        assert!(check_plpgsql(&text).is_ok(), "{:?}", check_plpgsql(&text));
    }
}
