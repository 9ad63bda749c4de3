//! The mapping on a real server: types, rows, calls and errors.

use std::error::Error;

use crate::sales::{
    Add, Address, CountTo, Defaults, Everything, Fail, Failure, History, HistoryRow, Move, Nothing, OddName, OlderStatus, OrderStatus, Positive,
    Quantities, Remember, Search, Something, Totals, TotalsRow,
};
use tests::postgres;
use tokio_postgres::{Client, types::ToSql};
use trust_lite::support::{Interval, Network, Raised};

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::test]
async fn the_mapping_holds_on_a_server() -> Outcome {
    let database = postgres::plain_database(postgres::any_major()).await;
    let client = database.connect().await?;
    client.batch_execute("set timezone = 'UTC'").await?;
    client.batch_execute(include_str!("schema.sql")).await?;
    rows_round_trip(&client).await?;
    null_and_foreign_values_are_errors(&client).await?;
    answers_are_read(&client).await?;
    defaults_hold_unless_passed(&client).await?;
    declared_errors_are_told_apart(&client).await?;
    a_transaction_is_a_client(database.connect().await?).await
}

async fn rows_round_trip(client: &Client) -> Outcome {
    let full = everything()?;
    store(client, &full).await?;
    let bare = Everything {
        id: uuid::Uuid::from_u128(2),
        tags: Vec::new(),
        history: Vec::new(),
        addresses: Vec::new(),
        quantities: Vec::new(),
        ranges: Vec::new(),
        r#type: None,
        cost: None,
        closed_at: None,
        previous: None,
        billing: None,
        ..full.clone()
    };
    store(client, &bare).await?;

    let query = format!("select {} from sales.everything order by id", Everything::SELECT_LIST);
    let rows = client.query(&query, &[]).await?;
    let read: Vec<Everything> = rows.iter().map(Everything::try_from).collect::<Result<_, _>>()?;
    assert_eq!(read, [full, bare]);

    // What PostgreSQL understood, in its own words.
    let query = "select span::text, host::text, network::text, address::text, at::text, amount::text
                 from sales.everything order by id limit 1";
    let row = client.query_one(query, &[]).await?;
    let texts: Vec<String> = (0..row.len()).map(|index| row.try_get(index)).collect::<Result<_, _>>()?;
    assert_eq!(
        texts,
        [
            "-1 years -1 mons +2 days -03:04:05.000006",
            "192.168.1.7/24",
            "2001:db8::/32",
            "(\"Long Lane\",5,\"in progress\",)",
            "2026-02-24 02:00:08.123456+00",
            "-12.3400",
        ]
    );
    Ok(())
}

async fn null_and_foreign_values_are_errors(client: &Client) -> Outcome {
    let row = client.query_one("select 'in progress'::sales.\"Order Status\", 'done'::text", &[]).await?;
    assert_eq!(row.try_get::<_, OrderStatus>(0)?, OrderStatus::InProgress);
    assert!(row.try_get::<_, OlderStatus>(0).is_err(), "the labels do not agree");
    assert!(row.try_get::<_, OrderStatus>(1).is_err(), "text is no enum");
    assert!(row.try_get::<_, Address>(1).is_err(), "text is no composite");

    let query = "select 'infinity'::timestamptz, 'NaN'::numeric, null::sales.address,
                        row(null, 1, null, null)::sales.address";
    let row = client.query_one(query, &[]).await?;
    assert!(row.try_get::<_, jiff::Timestamp>(0).is_err());
    assert!(row.try_get::<_, rust_decimal::Decimal>(1).is_err());
    assert!(row.try_get::<_, Address>(2).is_err());
    let error = row.try_get::<_, Address>(3).expect_err("the street is null");
    let source = error.source().map(ToString::to_string).unwrap_or_default();
    assert!(source.contains("attribute `street`"), "{source}");

    let error = client.execute("select $1::sales.positive", &[&Positive(0)]).await.expect_err("zero is not positive");
    assert_eq!(error.code().map(|state| state.code()), Some("23514"));
    Ok(())
}

async fn answers_are_read(client: &Client) -> Outcome {
    Remember::new("kept").call(client).await?;
    let kept: String = client.query_one("select note from sales.notes", &[]).await?.try_get(0)?;
    assert_eq!(kept, "kept");

    assert_eq!(CountTo::new(3).call(client).await?, [1, 2, 3]);
    assert_eq!(CountTo { last: 0 }.call(client).await?, [] as [i64; 0]);
    assert_eq!(Quantities::new().call(client).await?, [Positive(1), Positive(2), Positive(3)]);
    assert_eq!(Nothing::new().call(client).await?, None);
    assert!(matches!(Something::new().call(client).await, Err(Failure::Database(_))), "null is no i32");

    let first = HistoryRow { position: 1, status: OrderStatus::Done, words: "'1':2 'word':1".into(), note: None };
    let second = HistoryRow { position: 2, words: "'2':2 'word':1".into(), note: Some("n2".into()), ..first };
    assert_eq!(History::new(OrderStatus::Done).call(client).await?, [first, second]);
    assert_eq!(History::new(OrderStatus::New).with_limit(5).call(client).await?.len(), 5);
    assert_eq!(Totals::new().call(client).await?, TotalsRow { orders: 3, amount: "4.50".parse()? });

    let address = Address { street: "Lane".into(), number: Positive(5), state: Some(OrderStatus::New), note: Some("x".into()) };
    let moved = Address { street: "New Lane".into(), note: None, ..address.clone() };
    assert_eq!(Move::new(address).call(client).await?, moved);

    let found = Search::new("'fat':1", vec!["[1,3)".to_owned(), "empty".to_owned()]).call(client).await?;
    assert!(found.starts_with("'1':2") && found.contains("'fat':1") && found.contains("'empty'"), "{found}");
    Ok(())
}

async fn defaults_hold_unless_passed(client: &Client) -> Outcome {
    assert_eq!(Add::new(1).call(client).await?, "11 none");
    assert_eq!(Add::new(1).with_right(2).call(client).await?, "3 none");
    assert_eq!(Add::new(1).with_note(Some("n".into())).call(client).await?, "11 n");
    assert_eq!(Add::new(1).with_note(None).call(client).await?, "11 null");
    assert_eq!(Add { left: 1, right: None, note: Some(None) }.call(client).await?, "11 null");

    assert_eq!(Defaults::new().call(client).await?, "done 7");
    assert_eq!(Defaults::new().with_quantity(Positive(2)).call(client).await?, "done 2");
    assert_eq!(Defaults::new().with_status(OrderStatus::InProgress).call(client).await?, "in progress 7");

    assert_eq!(OddName::new(4).call(client).await?, "4x");
    assert_eq!(OddName::new(4).with_select("y").call(client).await?, "4y");
    Ok(())
}

async fn declared_errors_are_told_apart(client: &Client) -> Outcome {
    let failure = Fail::new("declared").call(client).await.expect_err("it fails");
    assert_eq!(failure.to_string(), "order_closed: order 7");
    assert_eq!(failure.declared().map(|declared| declared.status), Some(409));
    let Failure::OrderClosed(raised) = failure else {
        return Err("another failure".into());
    };
    assert_eq!(raised.detail.as_deref(), Some("order 7"));
    assert_eq!(raised.hint.as_deref(), Some("open it"));
    assert!(raised.context.is_some_and(|context| context.contains("sales.fail")));

    let failure = Fail::new("bare").call(client).await.expect_err("it fails");
    assert!(matches!(failure, Failure::OrderClosed(Raised { detail: None, hint: None, .. })));

    for (how, sqlstate) in [("other message", "PT409"), ("other sqlstate", "PT404"), ("division", "22012")] {
        let failure = Fail::new(how).call(client).await.expect_err("it fails");
        assert!(failure.declared().is_none(), "{how}");
        let Failure::Database(error) = failure else {
            return Err(how.into());
        };
        assert_eq!(error.code().map(|state| state.code()), Some(sqlstate));
    }
    Ok(())
}

async fn a_transaction_is_a_client(mut client: Client) -> Outcome {
    let transaction = client.transaction().await?;
    Remember::new("undone").call(&transaction).await?;
    transaction.rollback().await?;
    // A spawned task needs a future that is `Send`.
    let counted = tokio::spawn(async move { CountTo::new(2).call(&client).await }).await??;
    assert_eq!(counted, [1, 2]);
    Ok(())
}

fn everything() -> Result<Everything, Box<dyn Error>> {
    let address = Address { street: "Long Lane".into(), number: Positive(5), state: Some(OrderStatus::InProgress), note: None };
    Ok(Everything {
        id: uuid::Uuid::from_u128(1),
        flag: true,
        small: i16::MIN,
        middle: i32::MAX,
        big: i64::MIN,
        single: 1.5,
        double: -2.25,
        amount: "-12.3400".parse()?,
        title: "Grüße, \"quoted\" \\ 'text'".into(),
        code: "abc".into(),
        at: "2026-02-24T02:00:08.123456Z".parse()?,
        local: "1999-12-31T23:59:59.000001".parse()?,
        day: "0001-01-01".parse()?,
        clock: "23:59:59.999999".parse()?,
        span: Interval { months: -13, days: 2, microseconds: -11_045_000_006 },
        document: serde_json::json!({"a": [1, null, "ü"]}),
        plain: serde_json::json!([true, {"b": 1.5}]),
        content: vec![0, 255, 10],
        host: Network { address: "192.168.1.7".parse()?, prefix: 24 },
        network: Network { address: "2001:db8::".parse()?, prefix: 32 },
        tags: vec!["a".into(), "{b,\"c\"}".into()],
        status: OrderStatus::Done,
        history: vec![OrderStatus::New, OrderStatus::InProgress],
        address: address.clone(),
        addresses: vec![address.clone(), Address { state: None, note: Some("n".into()), ..address.clone() }],
        quantity: Positive(1),
        quantities: vec![Positive(2), Positive(3)],
        words: "'fat':1 'rat':2".into(),
        ranges: vec!["[1,3)".into(), "empty".into()],
        r#type: Some("t".into()),
        cost: Some("0.00000001".parse()?),
        closed_at: Some(jiff::Timestamp::UNIX_EPOCH),
        previous: Some(OrderStatus::New),
        billing: Some(address),
    })
}

/// Inserts a row; the columns' types give the parameters theirs, by way of `text` where a column has no Rust type.
async fn store(client: &Client, row: &Everything) -> Outcome {
    let columns = Everything::COLUMNS;
    let names: Vec<_> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let values = columns.iter().enumerate().map(|(index, column)| match (column.as_text, column.postgres_type) {
        (false, _) => format!("${}", index + 1),
        (true, ty) if ty.ends_with("[]") => format!("${}::text[]::{ty}", index + 1),
        (true, ty) => format!("${}::text::{ty}", index + 1),
    });
    let values: Vec<_> = values.collect();
    let statement = format!("insert into sales.everything ({}) values ({})", names.join(", "), values.join(", "));
    let parameters: [&(dyn ToSql + Sync); 34] = [
        &row.id,
        &row.flag,
        &row.small,
        &row.middle,
        &row.big,
        &row.single,
        &row.double,
        &row.amount,
        &row.title,
        &row.code,
        &row.at,
        &row.local,
        &row.day,
        &row.clock,
        &row.span,
        &row.document,
        &row.plain,
        &row.content,
        &row.host,
        &row.network,
        &row.tags,
        &row.status,
        &row.history,
        &row.address,
        &row.addresses,
        &row.quantity,
        &row.quantities,
        &row.words,
        &row.ranges,
        &row.r#type,
        &row.cost,
        &row.closed_at,
        &row.previous,
        &row.billing,
    ];
    assert_eq!(client.execute(&statement, &parameters).await?, 1);
    Ok(())
}
