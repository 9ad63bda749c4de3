//! What the derives expand to, without a database.

use std::error::Error;

use tokio_postgres::types::{Field, FromSql, IsNull, Kind, ToSql, Type};
use trust_lite::{
    Errors, MatchesTable, PostgresComposite, PostgresDomain, PostgresEnum, Row, Rpc,
    support::{Column, Interval, Network, Raised, Table, bytes::BytesMut},
};

type Outcome = Result<(), Box<dyn Error + Sync + Send>>;

#[derive(Clone, Copy, Debug, PartialEq, PostgresEnum)]
#[postgres(schema = "sales", name = "status", support = "trust_lite::support")]
enum Status {
    #[postgres(label = "in progress")]
    InProgress,
    #[postgres(label = "done")]
    Done,
    Lost,
}

#[derive(Debug, PartialEq, PostgresDomain)]
#[postgres(schema = "sales", name = "positive", support = "trust_lite::support")]
struct Positive(i32);

#[derive(Debug, PartialEq, PostgresComposite)]
#[postgres(schema = "sales", name = "line", support = "trust_lite::support")]
struct Line {
    r#type: Option<String>,
    amount: Positive,
}

#[derive(Debug, Row)]
#[row(schema = "sales", view = "open \"orders\"", support = "trust_lite::support")]
#[allow(dead_code)]
struct OpenOrders {
    #[column(type = "bigint", default)]
    id: i64,
    #[column(name = "The \"note\"", type = "text")]
    note: Option<String>,
    #[column(type = "tsvector", text)]
    words: Option<String>,
    #[column(type = "int4range[]", text)]
    ranges: Option<Vec<String>>,
}

#[derive(Rpc)]
#[rpc(schema = "sales", name = "f", returns = "rows", output = "OpenOrders")]
#[rpc(support = "trust_lite::support", error = "Failure")]
struct Call {
    #[rpc(argument = "p_first", type = "text")]
    first: String,
    #[rpc(argument = "p_words", type = "tsvector", text, default)]
    words: Option<String>,
    #[rpc(type = "integer", default)]
    r#type: Option<i32>,
}

#[derive(Debug, Errors)]
#[errors(support = "trust_lite::support")]
enum Failure {
    #[declared(name = "order_closed", sqlstate = "PT409", status = 409)]
    OrderClosed(Raised),
    #[declared(name = "order_missing", sqlstate = "PT404", status = 404)]
    OrderMissing(Raised),
    #[database]
    Database(tokio_postgres::Error),
}

/// A struct of a user, for a part of what the view has.
#[derive(MatchesTable)]
#[matches(OpenOrders::TABLE)]
#[allow(dead_code)]
struct Summary {
    id: i64,
    words: Option<String>,
}

/// A column of every type that has a Rust type, in a spelling that PostgreSQL or a spec uses.
const WIDE: Table = {
    const fn column(name: &'static str, postgres_type: &'static str) -> Column {
        Column { name, postgres_type, nullable: false, has_default: false, as_text: false }
    }
    let columns = &[
        column("id", "uuid"),
        column("amount", "numeric(5,2)"),
        column("cost", "decimal"),
        column("at", "timestamp(3) with time zone"),
        column("local", "timestamp without time zone"),
        column("day", "date"),
        column("clock", "time(0)"),
        column("span", "interval"),
        column("document", "jsonb"),
        column("content", "bytea"),
        column("host", "inet"),
        column("title", "character varying(10)"),
        column("flags", "boolean[]"),
        column("status", "sales.status"),
        column("history", "sales.status[]"),
        column("previous", "sales.\"status\""),
        column("quantity", "sales.positive"),
        column("lines", "sales.line[]"),
    ];
    Table { schema: "sales", name: "wide", columns }
};

#[derive(MatchesTable)]
#[matches(WIDE)]
#[allow(dead_code)]
struct Wide {
    id: uuid::Uuid,
    amount: rust_decimal::Decimal,
    cost: Option<rust_decimal::Decimal>,
    at: jiff::Timestamp,
    local: jiff::civil::DateTime,
    day: jiff::civil::Date,
    clock: jiff::civil::Time,
    span: Interval,
    document: serde_json::Value,
    content: Vec<u8>,
    host: Network,
    title: String,
    flags: Vec<bool>,
    status: Status,
    history: Vec<Status>,
    previous: Option<Status>,
    quantity: Positive,
    lines: Vec<Line>,
}

/// The smallest that a spec can declare: these, too, have to compile, and without a warning.
#[deny(warnings)]
mod smallest {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, PostgresEnum)]
    #[postgres(schema = "sales", name = "never", support = "trust_lite::support")]
    pub enum Never {}

    #[derive(Debug, PostgresComposite)]
    #[postgres(schema = "sales", name = "nothing", support = "trust_lite::support")]
    pub struct Nothing {}

    #[derive(Row)]
    #[row(schema = "sales", table = "empty", support = "trust_lite::support")]
    pub struct Empty {}

    #[derive(Rpc)]
    #[rpc(schema = "sales", name = "go", returns = "void", support = "trust_lite::support", error = "Failure")]
    pub struct Go {}

    #[derive(Debug, Errors)]
    #[errors(support = "trust_lite::support")]
    pub enum Failure {
        #[database]
        Database(tokio_postgres::Error),
    }
}

#[test]
fn the_smallest_items_work() -> Outcome {
    assert!(smallest::Never::ALL.is_empty());
    assert!("x".parse::<smallest::Never>().is_err());
    assert!(smallest::Empty::COLUMNS.is_empty());
    assert_eq!(smallest::Go::new().query().text, "select \"sales\".\"go\"()");
    assert!(smallest::Failure::from_parts("PT400", "x", Raised::default()).is_none());
    let ty = Type::new("nothing".into(), 5, Kind::Composite(Vec::new()), "sales".into());
    smallest::Nothing::from_sql(&ty, &written(&smallest::Nothing {}, &ty)?)?;
    Ok(())
}

fn status_type(schema: &str, name: &str, labels: &[&str]) -> Type {
    let labels = labels.iter().map(ToString::to_string).collect();
    Type::new(name.into(), 1, Kind::Enum(labels), schema.into())
}

fn line_type(amount: Type) -> Type {
    let fields = vec![Field::new("amount".into(), amount), Field::new("type".into(), Type::TEXT)];
    Type::new("line".into(), 2, Kind::Composite(fields), "sales".into())
}

fn positive_type() -> Type {
    Type::new("positive".into(), 3, Kind::Domain(Type::INT4), "sales".into())
}

fn written(value: &impl ToSql, ty: &Type) -> Result<BytesMut, Box<dyn Error + Sync + Send>> {
    let mut out = BytesMut::new();
    assert!(matches!(value.to_sql_checked(ty, &mut out)?, IsNull::No));
    Ok(out)
}

#[test]
fn an_enum_is_its_labels() -> Outcome {
    assert_eq!(Status::ALL, [Status::InProgress, Status::Done, Status::Lost]);
    assert_eq!(Status::Lost.as_str(), "Lost");
    assert_eq!(Status::InProgress.as_str(), "in progress");
    assert_eq!(format!("{:>12}", Status::InProgress), " in progress");
    assert_eq!("done".parse::<Status>()?, Status::Done);
    let unknown = "Done".parse::<Status>().expect_err("labels are case-sensitive");
    assert_eq!(unknown.to_string(), "`Done` is no label of `sales.status`");

    let ty = status_type("sales", "status", &["done", "in progress", "Lost"]);
    for status in Status::ALL {
        assert_eq!(Status::from_sql(&ty, &written(status, &ty)?)?, *status);
    }
    assert!(Status::from_sql(&ty, b"lost").is_err());
    assert!(Status::from_sql(&ty, b"\xff").is_err());
    Ok(())
}

#[test]
fn an_enum_accepts_its_type_alone() {
    let labels = ["in progress", "done", "Lost"];
    let accepted = |ty: &Type| {
        let both = (<Status as FromSql>::accepts(ty), <Status as ToSql>::accepts(ty));
        assert_eq!(both.0, both.1);
        both.0
    };
    assert!(accepted(&status_type("sales", "status", &labels)));
    assert!(!accepted(&status_type("public", "status", &labels)));
    assert!(!accepted(&status_type("sales", "state", &labels)));
    assert!(!accepted(&status_type("sales", "status", &["in progress", "done"])));
    assert!(!accepted(&status_type("sales", "status", &["in progress", "done", "Lost", "found"])));
    assert!(!accepted(&status_type("sales", "status", &["in progress", "done", "lost"])));
    assert!(!accepted(&Type::TEXT));
    let mut out = BytesMut::new();
    assert!(Status::Done.to_sql_checked(&Type::TEXT, &mut out).is_err());
}

#[test]
fn a_domain_is_its_base_type() -> Outcome {
    let ty = positive_type();
    assert_eq!(&written(&Positive(258), &ty)?[..], [0, 0, 1, 2]);
    assert_eq!(Positive::from_sql(&ty, &[0, 0, 1, 2])?, Positive::from(258));
    assert!(<Positive as FromSql>::accepts(&Type::INT4), "PostgreSQL describes a result column by the base type");
    assert!(!<Positive as FromSql>::accepts(&Type::INT8));
    let other = Type::new("negative".into(), 4, Kind::Domain(Type::INT4), "sales".into());
    assert!(!<Positive as FromSql>::accepts(&other));
    assert!(!<Positive as ToSql>::accepts(&other));
    Ok(())
}

#[test]
fn a_composite_is_matched_by_attribute() -> Outcome {
    let ty = line_type(positive_type());
    for r#type in [None, Some(String::new()), Some("t".to_owned())] {
        let line = Line { r#type, amount: Positive(7) };
        assert_eq!(Line::from_sql(&ty, &written(&line, &ty)?)?, line);
    }
    assert!(!<Line as FromSql>::accepts(&line_type(Type::INT8)), "an attribute has another type");
    assert!(!<Line as ToSql>::accepts(&line_type(Type::INT8)));
    assert!(!<Line as FromSql>::accepts(&Type::RECORD));
    Ok(())
}

#[test]
fn a_damaged_composite_is_an_error() -> Outcome {
    let ty = line_type(positive_type());
    let bytes = written(&Line { r#type: Some("t".into()), amount: Positive(7) }, &ty)?;
    for length in 0..bytes.len() {
        assert!(Line::from_sql(&ty, &bytes[..length]).is_err(), "{length} bytes");
    }
    let mut more = bytes.to_vec();
    more[3] = 3;
    assert!(Line::from_sql(&ty, &more).is_err(), "three attributes");
    let mut other = bytes.to_vec();
    other[7] = 99;
    assert!(Line::from_sql(&ty, &other).is_err(), "an attribute of another type");
    Ok(())
}

#[test]
fn intervals_and_networks_round_trip() -> Outcome {
    for interval in [
        Interval::default(),
        Interval { months: -1, days: 2, microseconds: -3 },
        Interval { months: i32::MAX, days: i32::MIN, microseconds: i64::MIN },
    ] {
        assert_eq!(Interval::from_sql(&Type::INTERVAL, &written(&interval, &Type::INTERVAL)?)?, interval);
    }
    assert!(Interval::from_sql(&Type::INTERVAL, &[0; 15]).is_err());
    for text in ["10.1.2.3", "2001:db8::1"] {
        let network = Network { prefix: 16, ..Network::from(text.parse::<std::net::IpAddr>()?) };
        assert_eq!(Network::from_sql(&Type::INET, &written(&network, &Type::INET)?)?, network);
        assert_eq!(network.to_string(), format!("{text}/16"));
    }
    for damaged in [&[][..], &[2, 32, 0, 4, 1, 2, 3], &[9, 32, 0, 4, 1, 2, 3, 4]] {
        assert!(Network::from_sql(&Type::INET, damaged).is_err());
    }
    Ok(())
}

#[test]
fn a_row_has_its_columns_as_constants() {
    let column = |name, postgres_type, nullable, has_default, as_text| Column { name, postgres_type, nullable, has_default, as_text };
    assert_eq!(
        OpenOrders::COLUMNS,
        [
            column("id", "bigint", false, true, false),
            column("The \"note\"", "text", true, false, false),
            column("words", "tsvector", true, false, true),
            column("ranges", "int4range[]", true, false, true),
        ]
    );
    assert_eq!((OpenOrders::TABLE.schema, OpenOrders::TABLE.name), ("sales", "open \"orders\""));
    assert_eq!(OpenOrders::SELECT_LIST, r#""id", "The ""note""", "words"::text as "words", "ranges"::text[] as "ranges""#);
}

#[test]
fn a_call_passes_what_is_given() {
    let list = OpenOrders::SELECT_LIST;
    let call = Call::new("a");
    assert_eq!(call.query().text, format!("select {list} from \"sales\".\"f\"(\"p_first\" => $1::text)"));
    assert_eq!(call.query().parameters.len(), 1);

    let call = Call::new("a").with_type(5);
    let text = format!("select {list} from \"sales\".\"f\"(\"p_first\" => $1::text, \"type\" => $2::integer)");
    assert_eq!(call.query().text, text);

    let call = Call { first: "a".into(), words: Some("b".into()), r#type: None };
    let text = format!("select {list} from \"sales\".\"f\"(\"p_first\" => $1::text, \"p_words\" => $2::text::tsvector)");
    assert_eq!(call.query().text, text);
    assert_eq!(format!("{:?}", call.query().parameters), r#"["a", "b"]"#);
    assert_eq!((Call::SCHEMA, Call::NAME), ("sales", "f"));
}

#[test]
fn an_error_is_its_sqlstate_and_message() {
    let raised = Raised { detail: Some("order 7".into()), ..Raised::default() };
    let failure = Failure::from_parts("PT409", "order_closed", raised.clone()).expect("it is declared");
    assert!(matches!(&failure, Failure::OrderClosed(found) if *found == raised));
    assert_eq!(failure.to_string(), "order_closed: order 7");
    assert_eq!(failure.raised(), Some(&raised));
    assert_eq!(failure.declared(), Failure::DECLARED.first());
    assert!(failure.source().is_none());

    let failure = Failure::from_parts("PT404", "order_missing", Raised::default()).expect("it is declared");
    assert_eq!(failure.to_string(), "order_missing");
    assert_eq!(failure.declared().map(|declared| declared.status), Some(404));

    assert!(Failure::from_parts("PT404", "order_closed", Raised::default()).is_none());
    assert!(Failure::from_parts("PT409", "order_missing", Raised::default()).is_none());
}
